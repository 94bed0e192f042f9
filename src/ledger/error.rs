//! Why the ledger did not do what it was asked.

use crate::{
    ledger::store::{
        database_error::DatabaseError, error::StoreError, outage::Outage, statement_error::StatementError,
    },
    policy,
};
use std::{io, sync::Arc};

/// A failed change or look-up of the ledger. Each variant says what failed, for which input, and the remedy.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No database is connected as `blockchain`.
    #[error("no ledger database is connected; use 'connect dbms blockchain where type = sqlite'")]
    NotConnected,
    /// The database has no ledger table.
    #[error("the ledger table does not exist; use 'create table ledger where dbms = blockchain'")]
    NoTable,
    /// The id is in the ledger already.
    #[error("policy id '{id}' is in the ledger already, as a policy of type '{kind}' published by {host}")]
    Duplicate {
        /// The id.
        id: String,
        /// Type of the policy that has it.
        kind: String,
        /// Its publisher.
        host: String,
    },
    /// No row has the id.
    #[error("no policy with id '{0}' is in the ledger")]
    Missing(String),
    /// Whoever asked has seen another text of the policy.
    #[error("policy '{0}' was changed since it was read: read it again")]
    Changed(String),
    /// One of several policies is refused, and so all of them are.
    #[error("policy {place}: {error}")]
    OneOfMany {
        /// Its place among them, from 1.
        place: usize,
        /// Why it is refused.
        error: Arc<Error>,
    },
    /// Some of the ids are not there; the others are deleted.
    #[error("the rest is deleted, but no policy with id {0} is in the ledger")]
    Subset(String),
    /// No row was published by the host.
    #[error("no policy in the ledger was published by host '{0}'")]
    MissingHost(String),
    /// The policy breaks a rule of its type.
    #[error(transparent)]
    Rule(#[from] policy::Error),
    /// One of the policies of a plan is refused, and so all of them are.
    #[error("{policy}: {reason}; nothing is written")]
    Applied {
        /// Its type with its name or id.
        policy: String,
        /// Why it is refused.
        reason: Box<Self>,
    },
    /// What a plan was made from is no longer what the ledger holds.
    #[error("the ledger changed since the plan was made: {0}; nothing is written, so plan again")]
    PlanOutdated(String),
    /// The policy has no id that a row could have.
    #[error("the policy has no usable id")]
    NoId,
    /// A part of the policy is larger than a row may have it.
    #[error("the {part} of the policy has {bytes} bytes, at most {limit} are taken")]
    TooLarge {
        /// What is too large.
        part: &'static str,
        /// Its bytes.
        bytes: usize,
        /// How many are taken.
        limit: usize,
    },
    /// The policy of this node is not for others.
    #[error(
        "the policy of this master is for itself and its operators alone: nobody else replaces or drops it, or publishes \
         another one under its name, company and port"
    )]
    OwnPolicy,
    /// A sender changes more of what others published than it may within a minute; the change waits for an operator.
    #[error(
        "a sender may drop or replace {limit} policies of others in a minute (PEER_DROP_LIMIT): this change waits until \
         somebody at the master runs 'blockchain confirm changes'"
    )]
    HeldBack {
        /// How many it may change.
        limit: usize,
    },
    /// As [`Error::HeldBack`], but no more changes are kept for an operator.
    #[error(
        "a sender may drop or replace {limit} policies of others in a minute (PEER_DROP_LIMIT), and too many changes wait \
         for 'blockchain confirm changes' already: this one is refused"
    )]
    TooManyHeld {
        /// How many it may change.
        limit: usize,
    },
    /// No change with the number waits for an operator.
    #[error("no change {0} waits to be confirmed; 'get pending changes' lists those that do")]
    NotHeld(u64),
    /// A sender sends more changes than it may.
    #[error("a sender may send {limit} {what} ({variable}): try again later")]
    TooFast {
        /// How many it may send.
        limit: usize,
        /// Of what, and in which time.
        what: &'static str,
        /// The variable of the configuration.
        variable: &'static str,
    },
    /// The ledger has as much text as it may have.
    #[error(
        "the ledger is full: it holds {bytes} bytes of text, LEDGER_QUOTA is {quota}; drop policies or raise LEDGER_QUOTA"
    )]
    Full {
        /// Bytes of all policies.
        bytes: u64,
        /// Bytes that they may have.
        quota: u64,
    },
    /// The ledger lost more than half of its policies, which members would lose as well.
    #[error(
        "the ledger shrank from {before} to {now} policies: members keep the copy they have until somebody at the master \
         runs 'blockchain confirm export'"
    )]
    Shrunk {
        /// Policies that it had.
        before: usize,
        /// Policies that it has.
        now: usize,
    },
    /// Nothing is held back.
    #[error("no delivery is held back")]
    NotShrunk,
    /// The database refuses the row.
    #[error("the database refuses policy '{id}': {source}")]
    Refused {
        /// Id of the policy.
        id: String,
        /// What the database says.
        source: DatabaseError,
    },
    /// The database cannot be reached, is read-only, busy or full.
    #[error("ledger unavailable: {0}")]
    Unavailable(#[source] Outage),
    /// More changes wait than the queue holds.
    #[error("too many changes wait for the database; try again")]
    Busy,
    /// The local copy cannot be read or written.
    #[error("local ledger file {path}: {source}")]
    File {
        /// Path of the file.
        path: String,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// The export cannot be made smaller.
    #[error("the ledger cannot be compressed: {0}")]
    Packing(#[source] Arc<io::Error>),
    /// There is no local copy.
    #[error("no local ledger file at {0}")]
    NoFile(String),
    /// A line of a ledger file is no policy.
    #[error("line {line} of {path} is no policy")]
    Line {
        /// Path of the file.
        path: String,
        /// Number of the line, from 1.
        line: usize,
    },
    /// The table lacks most of what the local copy has (reference/ledger 8.8).
    #[error(
        "the ledger table lacks {0} policies that the local copy has: 'blockchain start from copy' brings them back, \
         'blockchain start from table' goes on without them; START_FROM=copy or START_FROM=table does so at a start"
    )]
    LostPolicies(usize),
    /// The table lost nothing, so there is nothing to decide.
    #[error("the ledger table lacks nothing that the local copy has: there is nothing to decide")]
    NothingLost,
    /// A ledger with policies is not overwritten by a backup unless somebody says how.
    #[error(
        "the ledger has {0} policies already: mode = merge (--merge) adds what it lacks, mode = replace (--replace) makes it \
         exactly the backup, and dry_run = true (--dry-run) tells what that would do"
    )]
    NotEmpty(usize),
    /// A row of a backup is none that the database can hold.
    #[error("policy '{id}' of the backup cannot be restored here: {reason}")]
    CannotRestore {
        /// Its id.
        id: String,
        /// Why not.
        reason: String,
    },
    /// A statement that somebody wrote is refused or fails.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The node stops.
    #[error("the node is stopping")]
    Stopping,
}

impl Error {
    /// Tells whether the database is what is missing, so that another try may help.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::NotConnected | Self::NoTable | Self::Busy | Self::Stopping)
    }

    /// Tells whether one policy is at fault, so that others may go on without it.
    #[must_use]
    pub const fn is_of_policy(&self) -> bool {
        matches!(self, Self::Rule(_) | Self::NoId | Self::TooLarge { .. } | Self::Refused { .. })
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoTable => Self::NoTable,
            StoreError::Conflict => Self::Unavailable(Outage::Contended),
            StoreError::Refused(source) => Self::Refused { id: String::new(), source },
            StoreError::Unavailable(outage) => Self::Unavailable(outage),
            StoreError::ConnectionLost(source) => Self::Unavailable(Outage::ConnectionLost(source)),
        }
    }
}

impl From<Outage> for Error {
    fn from(outage: Outage) -> Self {
        Self::Unavailable(outage)
    }
}
