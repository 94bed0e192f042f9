//! Which changes of the ledger go to a contract platform.

pub use crate::config::RelayVisible;
use crate::ledger::{outbox::row::OutboxEntry, store::batch::RowChange, view::fields::PolicyFields};
use std::sync::Arc;

/// Which changes go to a platform, and when members see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRule {
    /// Name of the platform.
    pub platform: String,
    /// What of the ledger is relayed.
    pub subset: RelaySubset,
    /// When members see a change.
    pub visible: RelayVisible,
}

impl RelayRule {
    /// Tells whether the platform has to get a change: the policy belongs to the subset, before the change or after it.
    #[must_use]
    pub fn covers(&self, change: &RowChange) -> bool {
        let company_before = || change.before().and_then(PolicyFields::read).and_then(|fields| fields.company);
        let company = change.values().and_then(|values| values.company.as_deref());
        self.subset.covers(&change.kind, company) || self.subset.covers(&change.kind, company_before().as_deref())
    }

    /// Returns what waits for the platform because of a change, which members see already when it is `shown`.
    #[must_use]
    pub fn entry(&self, change: &RowChange, shown: bool) -> OutboxEntry {
        OutboxEntry {
            platform: self.platform.as_str().into(),
            who: change.who.clone(),
            action: change.action(),
            kind: Arc::clone(&change.kind),
            id: Arc::clone(&change.id),
            before: change.before_text(),
            after: change.values().map(|values| Arc::clone(&values.text)),
            host: change.values().map_or_else(|| Arc::from(""), |values| Arc::clone(&values.host)),
            shown,
        }
    }
}

/// What of the ledger is relayed to the platform and taken from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RelaySubset {
    /// Everything.
    #[default]
    All,
    /// The policies of one company.
    Company(String),
    /// The policies of some types.
    Types(Vec<String>),
}

impl RelaySubset {
    /// Tells whether a policy of a type and a company belongs to it.
    #[must_use]
    pub fn covers(&self, kind: &str, company: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Company(wanted) => company == Some(wanted.as_str()),
            Self::Types(types) => types.iter().any(|one| one == kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subset_is_a_company_or_some_types() {
        assert!(RelaySubset::All.covers("device", None));
        let company = RelaySubset::Company("Acme".to_owned());
        assert!(company.covers("device", Some("Acme")) && !company.covers("device", None));
        assert!(!company.covers("device", Some("Other")));
        let types = RelaySubset::Types(vec!["operator".to_owned(), "cluster".to_owned()]);
        assert!(types.covers("cluster", Some("Other")) && !types.covers("device", None));
    }
}
