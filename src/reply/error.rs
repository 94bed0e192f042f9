//! The one error that a command can end with; every room's error becomes one here.

use crate::{
    ledger, policy,
    query::{self, Exhausted},
    reply::Code,
    script,
};
use std::sync::Arc;

/// A failed command: the code that members and clients know, what happened, and what to do about it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{}", .code.text(), .detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct Error {
    /// Code of reference/command-language 11; its text is what a client reads in `err_text`.
    pub code: Code,
    /// What happened, for which input, and the remedy (`local_msg` over REST, data over TCP).
    pub detail: Option<String>,
    /// What kind of failure it is, for who has to act on it.
    pub kind: ErrorKind,
    /// True for a detail that the programs of the network know: they get it in the JSON of a REST reply, as from other nodes.
    pub known: bool,
    /// What caused it, for callers inside the program; it may tell secrets that the detail masks.
    #[source]
    pub cause: Option<Cause>,
}

/// What caused an error: the error of the room where it happened.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

/// Errors are equal when they tell their callers the same, whatever caused them.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let told = |error: &Self| (error.code, error.kind, error.known);
        told(self) == told(other) && self.detail == other.detail
    }
}

impl Eq for Error {}

/// What kind of failure an error is; edges and callers decide by it, never by its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The words name no command.
    UnknownCommand,
    /// Commands share the first word, and the others name none of them.
    WrongMember,
    /// The words of the command are wrong.
    Usage,
    /// The caller may not do this.
    Refused,
    /// Something that the command needs is not there; another try may help.
    Unavailable,
    /// The node stops before the command is done.
    Stopping,
    /// Anything else.
    Failed,
}

impl ErrorKind {
    /// Returns the kind of failure that a code stands for when nobody says more.
    #[must_use]
    pub const fn of_code(code: Code) -> Self {
        match code {
            Code::STRUCTURE | Code::PARAMETERS | Code::WRONG_VALUE => Self::Usage,
            Code::UNAUTHORIZED | Code::REMOTE_NOT_SUPPORTED | Code::FILE_NOT_AUTHORIZED => Self::Refused,
            Code::DBMS_CONNECTION
            | Code::DBMS_NOT_CONNECTED
            | Code::CONNECTION
            | Code::PEER_REFUSED
            | Code::TIME_OUT => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

impl Error {
    /// Creates an error that says no more than its code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, kind: ErrorKind::of_code(code), known: false, cause: None }
    }

    /// Creates an error that says what happened and what to do.
    pub fn with(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// Creates an error of a kind that has one code alone.
    pub fn of_kind(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let code = match kind {
            ErrorKind::UnknownCommand => Code::UNRECOGNIZED_COMMAND,
            ErrorKind::WrongMember | ErrorKind::Usage => Code::STRUCTURE,
            ErrorKind::Refused => Code::UNAUTHORIZED,
            ErrorKind::Unavailable => Code::DBMS_NOT_CONNECTED,
            ErrorKind::Failed | ErrorKind::Stopping => Code::PROCESS_FAILURE,
        };
        Self { kind, ..Self::with(code, detail) }
    }

    /// Creates the error of a command that the stop of the node ends.
    #[must_use]
    pub fn stopping(what: &str) -> Self {
        Self { kind: ErrorKind::Stopping, ..Self::with(Code::PROCESS_FAILURE, format!("the node is stopping: {what}")) }
    }

    /// Creates an error with a detail that the programs of the network know.
    pub fn known(code: Code, detail: impl Into<String>) -> Self {
        Self { known: true, ..Self::with(code, detail) }
    }

    /// Says which of several things the error is about, counted from 1.
    #[must_use]
    pub fn of_one(self, place: usize) -> Self {
        let detail = self.detail.as_deref().unwrap_or(self.code.text());
        Self { detail: Some(format!("policy {place}: {detail}")), ..self }
    }

    /// Returns what caused the error, when that is an error of a kind; for callers that act on it.
    #[must_use]
    pub fn caused<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.cause.as_ref().and_then(|cause| cause.0.downcast_ref())
    }

    /// Keeps what caused the error.
    #[must_use]
    pub fn caused_by(self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Cause(Arc::new(cause))), ..self }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<policy::Error> for Error {
    fn from(error: policy::Error) -> Self {
        use policy::Error as Policy;
        let code = match &error {
            Policy::NotJson { .. } => Code::JSON,
            Policy::Structure(_) | Policy::Attribute(_) | Policy::NotFinite { .. } => Code::POLICY_STRUCTURE,
            Policy::Date(_) => Code::BLOCKCHAIN_FAILED,
            Policy::KeyMissing(_) => Code::STRUCTURE,
            Policy::AddressTaken(_) => Code::IP_PORT_NOT_UNIQUE,
            Policy::Empty(_) => Code::SEARCH_KEY,
            Policy::NotUnique(_) => Code::NOT_UNIQUE,
            Policy::NoCluster(_) => Code::MISSING_CLUSTER,
            Policy::Parent(_) => Code::MISSING_PARENT,
            Policy::PolicyMissing(_) => Code::POLICY_NOT_AVAILABLE,
            Policy::AttributeMissing(_) => Code::MISSING_ATTRIBUTE,
        };
        let known = matches!(error, Policy::Attribute(_));
        Self { known, ..Self::with(code, error.to_string()) }.caused_by(error)
    }
}

impl From<script::Error> for Error {
    fn from(error: script::Error) -> Self {
        let code = match &error {
            script::Error::Brackets(_) => Code::BRACKETS,
            script::Error::Unparsed(_) => Code::IF_CONDITION,
            script::Error::Concatenation(_) => Code::CONCATENATION,
            _ => Code::STRUCTURE,
        };
        Self::with(code, error.to_string()).caused_by(error)
    }
}

/// Returns the kind of a failure of the ledger, where its code does not say it.
const fn kind_of_ledger(error: &ledger::Error) -> Option<ErrorKind> {
    use ledger::Error as Ledger;
    match error {
        error if error.may_pass() => Some(ErrorKind::Unavailable),
        Ledger::OwnPolicy
        | Ledger::HeldBack { .. }
        | Ledger::TooManyHeld { .. }
        | Ledger::TooFast { .. }
        | Ledger::PlanOutdated(_)
        | Ledger::Full { .. } => Some(ErrorKind::Refused),
        _ => None,
    }
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        use ledger::Error as Ledger;
        let kind = kind_of_ledger(&error);
        let code = match error {
            Ledger::Rule(rule) => return rule.into(),
            Ledger::Applied { policy, reason } => {
                let inner = Self::from(*reason);
                let why = inner.detail.as_deref().unwrap_or_default();
                let detail = Some(format!("{policy}: {why}; nothing is written"));
                return Self { detail, ..inner };
            }
            Ledger::OneOfMany { place, error } => return Self::from((*error).clone()).of_one(place),
            Ledger::Duplicate { .. } => Code::DUPLICATE_ID,
            Ledger::Missing(_) | Ledger::MissingHost(_) => Code::DELETE_KEY,
            Ledger::Subset(_) => Code::SUBSET_DELETED,
            Ledger::NoId | Ledger::TooLarge { .. } => Code::POLICY_STRUCTURE,
            Ledger::File { .. } | Ledger::Packing(_) => Code::PROCESS_FAILURE,
            Ledger::NoFile(_) => Code::NO_LOCAL_FILE,
            Ledger::Line { .. } => Code::WRONG_BLOCKCHAIN,
            Ledger::Statement(_) => Code::SQL_FAILURE,
            Ledger::Shrunk { .. } => Code::PULL_FAILED,
            Ledger::NotHeld(_)
            | Ledger::NotShrunk
            | Ledger::NothingLost
            | Ledger::NotEmpty(_)
            | Ledger::CannotRestore { .. } => Code::WRONG_VALUE,
            Ledger::OwnPolicy
            | Ledger::HeldBack { .. }
            | Ledger::TooManyHeld { .. }
            | Ledger::TooFast { .. }
            | Ledger::Full { .. }
            | Ledger::PlanOutdated(_)
            | Ledger::NotConnected
            | Ledger::NoTable
            | Ledger::Refused { .. }
            | Ledger::Unavailable(_)
            | Ledger::Busy
            | Ledger::LostPolicies(_)
            | Ledger::Changed(_)
            | Ledger::Stopping => Code::BLOCKCHAIN_FAILED,
        };
        let told = Self::with(code, error.to_string());
        Self { kind: kind.unwrap_or(told.kind), ..told }.caused_by(error)
    }
}

impl From<query::Error> for Error {
    fn from(error: query::Error) -> Self {
        let code = match &error {
            query::Error::Structure(_) => Code::STRUCTURE,
            query::Error::NoValue(_) => Code::WRONG_VALUE,
            query::Error::SearchKey(_) => Code::SEARCH_KEY,
            query::Error::Condition(_) => Code::IF_CONDITION,
            query::Error::Exhausted(Exhausted::Rows(_) | Exhausted::Bytes(_)) => Code::QUERY_VOLUME,
            query::Error::Exhausted(Exhausted::Steps(_) | Exhausted::Time(_) | Exhausted::GivenUp) => Code::QUERY_TIME,
        };
        Self::with(code, error.to_string()).caused_by(error)
    }
}
