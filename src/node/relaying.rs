//! What the relay to a contract platform is asked for, and how it is.

use super::platforms::PlatformName;
use crate::{
    config::RelayVisible,
    ledger::{OutboxFigures, RelayRule, RelaySubset},
};
use jiff::Timestamp;

/// What `set relay where …` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayOptions {
    /// The platform.
    pub platform: PlatformName,
    /// What of the ledger is relayed.
    pub subset: RelaySubset,
    /// When members see a change.
    pub visible: RelayVisible,
}

impl RelayOptions {
    /// Returns which changes of the ledger go to the platform.
    #[must_use]
    pub fn rule(&self) -> RelayRule {
        RelayRule { platform: self.platform.as_str().to_owned(), subset: self.subset.clone(), visible: self.visible }
    }
}

/// The last transaction that a relay signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTransaction {
    /// Its hash.
    pub hash: String,
    /// Its number among the transactions of the account.
    pub nonce: u64,
    /// When it was sent.
    pub at: Timestamp,
}

/// How the relay is, as of its last round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayStatus {
    /// What it was started with.
    pub options: RelayOptions,
    /// False when it was switched off.
    pub is_on: bool,
    /// The master that sends.
    pub sender: Option<String>,
    /// True when that is this node.
    pub is_sender: bool,
    /// What waits in the outbox.
    pub outbox: OutboxFigures,
    /// The newest block that was seen.
    pub head: Option<u64>,
    /// When the platform answered last.
    pub answered: Option<Timestamp>,
    /// What is wrong; nothing when the last round ended well.
    pub trouble: Option<RelayTrouble>,
    /// What was done since the start of the node.
    pub counters: RelayCounters,
    /// The last transaction of this start.
    pub last_sent: Option<SentTransaction>,
}

/// What keeps the relay from its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayTrouble {
    /// What is wrong and what to do.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
    /// True when the provider does not answer.
    pub is_away: bool,
}

/// What the relay did since the start of the node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelayCounters {
    /// Transactions sent.
    pub sent: u64,
    /// Changes that are in a block.
    pub mined: u64,
    /// Changes that the contract refused.
    pub refused: u64,
    /// Policies that came from the contract.
    pub pulled: u64,
    /// Transactions that a re-organisation of the chain took back.
    pub reorganised: u64,
}
