//! A policy on its way to become a row.

use crate::{
    ledger::{error::Error, store::batch::RowValues, view::fields::PolicyFields},
    policy::Policy,
};
use std::sync::Arc;

/// A policy as a row, with the fields that the indexes need.
pub struct PlannedRow {
    /// The id.
    pub id: Arc<str>,
    /// The other columns.
    pub values: RowValues,
    /// What the indexes need, the type included.
    pub fields: PolicyFields,
}

impl PlannedRow {
    /// Makes the row of a policy (reference/ledger 4.3).
    ///
    /// # Errors
    /// [`Error::NoId`] when the policy has no id.
    pub fn from_policy(policy: &Policy, host: &str) -> Result<Self, Error> {
        let fields = PolicyFields::from_policy(policy);
        let id = fields.id.as_deref().filter(|id| !id.is_empty()).ok_or(Error::NoId)?;
        let values = RowValues {
            company: fields.company.clone(),
            date: fields.date.clone().unwrap_or_default(),
            host: host.into(),
            status: fields.status.clone(),
            text: policy.stored_text().into(),
        };
        Ok(Self { id: id.into(), values, fields })
    }
}
