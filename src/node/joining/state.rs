//! What the node remembers of members that do not join.

use super::{clocks::PublishedClocks, troubles::JoinTroubles};

/// What the node remembers of members that do not join.
#[derive(Debug, Default)]
pub struct Joining {
    /// What kept them from it.
    pub troubles: JoinTroubles,
    /// By how much the dates of what they publish lie behind the clock of this node.
    pub(super) clocks: PublishedClocks,
}
