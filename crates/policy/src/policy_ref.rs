//! A policy that somebody holds, or that was read for who asked.

use crate::Policy;
use std::{ops::Deref, sync::Arc};

/// A policy to read from, whoever holds it.
#[derive(Clone, Debug)]
pub enum PolicyRef<'a> {
    /// Somebody else holds it.
    Held(&'a Policy),
    /// It was read from its text, and is gone with the last one that has it.
    Read(Arc<Policy>),
}

impl PolicyRef<'_> {
    /// Returns the policy itself, copied if somebody else holds it too.
    #[must_use]
    pub fn into_owned(self) -> Policy {
        match self {
            Self::Held(policy) => policy.clone(),
            Self::Read(policy) => Arc::unwrap_or_clone(policy),
        }
    }
}

impl Deref for PolicyRef<'_> {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        match self {
            Self::Held(policy) => policy,
            Self::Read(policy) => policy,
        }
    }
}

impl<'a> From<&'a Policy> for PolicyRef<'a> {
    fn from(policy: &'a Policy) -> Self {
        Self::Held(policy)
    }
}

impl From<Policy> for PolicyRef<'_> {
    fn from(policy: Policy) -> Self {
        Self::Read(Arc::new(policy))
    }
}
