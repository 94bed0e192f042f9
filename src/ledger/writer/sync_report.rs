//! What a round of the synchronisation did.

/// What changed, and what the source still has to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Stored texts of policies that only this node knew; the source gets each with `blockchain push ignore`.
    pub push: Vec<String>,
    /// Ids that were deleted here; the source gets each with `blockchain drop policy where id = ID`.
    pub drop: Vec<String>,
    /// True when the local copy changed.
    pub changed: bool,
    /// Number of policies afterwards.
    pub policies: usize,
}
