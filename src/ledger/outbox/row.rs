//! The rows of the outbox.

use crate::ledger::history::action::HistoryAction;
use std::{str::FromStr, sync::Arc};

/// A change on its way into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Platform that it goes to.
    pub platform: Arc<str>,
    /// Who asked for it.
    pub who: String,
    /// What happens to the policy.
    pub action: HistoryAction,
    /// Policy type.
    pub kind: Arc<str>,
    /// Policy id.
    pub id: Arc<str>,
    /// Stored text before the change; an added policy has none.
    pub before: Option<Arc<str>>,
    /// Stored text after the change; a deleted policy has none.
    pub after: Option<Arc<str>>,
    /// Node that published the policy; empty for a deleted one.
    pub host: Arc<str>,
    /// True when the table has the change already, false when it waits for the platform.
    pub shown: bool,
}

/// How far a row of the outbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits for its turn.
    Queued,
    /// Its transaction is signed and may be on its way.
    Signed,
    /// Its transaction is in a block.
    Mined,
    /// The platform refused it, and it is undone here.
    Refused,
}

impl OutboxState {
    const ALL: [Self; 4] = [Self::Queued, Self::Signed, Self::Mined, Self::Refused];

    /// Returns the word that the table has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Signed => "signed",
            Self::Mined => "mined",
            Self::Refused => "refused",
        }
    }
}

/// A word of the outbox that names no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the outbox has the unknown state '{0}'")]
pub struct UnknownOutboxState(String);

impl FromStr for OutboxState {
    type Err = UnknownOutboxState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| UnknownOutboxState(word.to_owned()))
    }
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its number: rows are sent in this order.
    pub number: i64,
    /// UTC time of the change, in the form of policy dates.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// What happens to the policy.
    pub action: HistoryAction,
    /// Policy type.
    pub kind: String,
    /// Policy id.
    pub id: String,
    /// Stored text before the change.
    pub before: Option<String>,
    /// Stored text after the change.
    pub after: Option<String>,
    /// Node that published the policy.
    pub host: String,
    /// True when the table has the change already.
    pub shown: bool,
    /// How far it is.
    pub state: OutboxState,
    /// Its transaction, once it was signed.
    pub signed: Option<SignedOutbox>,
    /// The block of its transaction, once there is one.
    pub mined: Option<MinedOutbox>,
}

/// The transaction of a row, as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOutbox {
    /// Account that signed.
    pub account: String,
    /// Number of the transaction among those of the account.
    pub nonce: i64,
    /// Hash of the transaction.
    pub hash: String,
    /// The signed bytes, in hexadecimal digits.
    pub raw: String,
}

/// The block of a row's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinedOutbox {
    /// Number of the block.
    pub block: i64,
    /// Hash of the block: another one at the same number says that the chain was re-organised.
    pub block_hash: String,
    /// UTC time at which the block was seen, in the form of policy dates.
    pub time: String,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxStep {
    /// It has a signed transaction.
    Sign(SignedOutbox),
    /// Its transaction was never sent, or somebody else used its number: it is signed anew.
    Requeue,
    /// Its transaction is in a block.
    Mine(MinedOutbox),
    /// Its transaction is in no block any more: it is looked up again.
    Unmine,
    /// The table has the change now.
    Show,
    /// The platform refused it, and why.
    Refuse(String),
    /// It is done and leaves the outbox.
    Settle,
}

/// How much waits in the outbox of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Rows that are in no block yet.
    pub waiting: u64,
    /// Rows in a block that may still be re-organised.
    pub unsettled: u64,
    /// Rows that the platform refused, as far as they are remembered.
    pub refused: u64,
    /// Time of the oldest row that is in no block yet.
    pub oldest: Option<String>,
    /// The highest block of a row.
    pub last_block: Option<i64>,
    /// Why the platform refused the last row that it refused.
    pub last_refusal: Option<String>,
}

/// A policy that the platform is known to have: its id, and the hash of its text. One entry of a platform is no policy: it names
/// the contract that all the others are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPolicy {
    /// Its id.
    pub id: String,
    /// Hash of the text that the platform has; nothing when it has the policy no more.
    pub hash: Option<String>,
}

impl KnownPolicy {
    /// Id of the entry that names the contract: no policy has an empty one.
    const OF_CONTRACT: &'static str = "";

    /// Makes the entry that names the contract which all others are about.
    #[must_use]
    pub fn of_contract(contract: String) -> Self {
        Self { id: Self::OF_CONTRACT.to_owned(), hash: Some(contract) }
    }

    /// Tells whether this is the entry that names the contract.
    #[must_use]
    pub fn is_of_contract(&self) -> bool {
        self.id == Self::OF_CONTRACT
    }
}

/// Who sends the outbox of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxSender {
    /// Name of the master.
    pub holder: String,
    /// True while it says so.
    pub is_current: bool,
}

/// The right to send an outbox: nobody else has it until it runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxTurn {
    /// Platform.
    pub platform: String,
    /// Number of the turn: what is written under an older one is refused.
    pub fence: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for state in OutboxState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("sent".parse::<OutboxState>().is_err());
    }

    #[test]
    fn the_contract_is_told_from_the_policies_that_it_has() {
        assert!(KnownPolicy::of_contract("0xc0".to_owned()).is_of_contract());
        assert!(!KnownPolicy { id: "0xc0".to_owned(), hash: None }.is_of_contract());
    }
}
