//! One policy with what the ledger knows of it.

use crate::{
    ledger::{LedgerEntry, Location},
    policy::Policy,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Digits of an entity tag.
const DIGITS: usize = 32;

/// A policy as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRecord {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// The node that published it; unknown at an earlier moment, and of a policy that only the local copy has.
    pub host: Option<String>,
    /// Its date, as it says.
    pub date: Option<String>,
    /// True when only the local copy of this node has it.
    pub is_local: bool,
    /// The stored text, to the byte.
    pub text: Arc<str>,
    /// The policy: `{type: body}`.
    pub value: Value,
}

/// Returns the entity tag of a stored text: the same for the same bytes, also on another master and after a restart.
#[must_use]
pub fn tag_of(text: &str) -> String {
    let digest = hex::encode(Sha256::digest(text));
    format!("\"{}\"", digest.get(..DIGITS).unwrap_or_default())
}

impl PolicyRecord {
    /// Returns its entity tag.
    #[must_use]
    pub fn tag(&self) -> String {
        tag_of(&self.text)
    }

    /// Reads an entry of the ledger as it is stored; nothing for a row that is no policy.
    #[must_use]
    pub fn of_entry(entry: &LedgerEntry) -> Option<Self> {
        let policy = Policy::parse(&entry.text).ok()?;
        Some(Self {
            id: entry.id.to_string(),
            kind: policy.kind().to_owned(),
            host: Some(entry.host.to_string()).filter(|host| !host.is_empty()),
            date: policy.date().map(str::to_owned),
            is_local: entry.location == Location::File,
            text: Arc::clone(&entry.text),
            value: policy.into_value(),
        })
    }

    /// Takes a policy of an earlier moment.
    #[must_use]
    pub fn of_policy(policy: &Policy) -> Self {
        Self {
            id: policy.id().unwrap_or_default(),
            kind: policy.kind().to_owned(),
            host: None,
            date: policy.date().map(str::to_owned),
            is_local: false,
            text: policy.stored_text().into(),
            value: policy.to_value(),
        }
    }
}
