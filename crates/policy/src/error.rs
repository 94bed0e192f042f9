//! Why a text is no policy, or a policy cannot be added.

/// A refused policy; each variant has its own result code (reference/ledger 13.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text cannot be read as JSON (6).
    #[error("not JSON at character {at}: {reason}")]
    NotJson {
        /// Characters before the place, from 0.
        at: usize,
        /// What was expected there.
        reason: &'static str,
    },
    /// A number that is not finite (87; reference/ledger 1.3).
    #[error("the number at character {at} is not finite")]
    NotFinite {
        /// Characters before the place, from 0.
        at: usize,
    },
    /// A date that is no moment of the calendar (30; reference/ledger 4.3).
    #[error("{0}")]
    Date(String),
    /// Not the shape of a policy, or a wrong attribute (87).
    #[error("{0}")]
    Structure(String),
    /// An attribute that the type asks for is missing or has a value of another kind (87).
    #[error("{0}")]
    Attribute(String),
    /// The first key of a rule of uniqueness is missing (2).
    #[error("{0}")]
    KeyMissing(String),
    /// An attribute of a rule of uniqueness is empty (240).
    #[error("{0}")]
    Empty(String),
    /// Another operator has the same address (149).
    #[error("{0}")]
    AddressTaken(String),
    /// Another policy has the same values (180).
    #[error("{0}")]
    NotUnique(String),
    /// The cluster of an operator, or the parent of a namespace, is not there (222).
    #[error("{0}")]
    NoCluster(String),
    /// The parent of a cluster is not there or differs (118).
    #[error("{0}")]
    Parent(String),
    /// A policy that this one names is not there (113).
    #[error("{0}")]
    PolicyMissing(String),
    /// One of several attributes is needed and none is there (263).
    #[error("{0}")]
    AttributeMissing(String),
}

impl Error {
    /// Creates the refusal of a wrong structure.
    pub(crate) fn structure(reason: &str) -> Self {
        Self::Structure(reason.to_owned())
    }
}
