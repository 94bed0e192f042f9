//! A policy on its way to become a row.

use crate::{
    ledger::{error::Error, file::lines::DELETED, store::batch::RowValues, view::fields::PolicyFields},
    policy::{self, Policy, date},
    runtime::limits,
};
use std::sync::Arc;

/// Characters of a wrong value that an error repeats.
const QUOTED: usize = 64;

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
    /// What a store could not keep, or would give back as something else, is refused here and never reaches SQL, where it
    /// would fail the changes that share its transaction.
    ///
    /// # Errors
    /// [`Error::NoId`] when the policy has no id, [`Error::TooLarge`] when a part of it is too large, [`Error::Rule`] when
    /// its date is no moment or a column would hold a NUL character.
    pub fn from_policy(policy: &Policy, host: &str) -> Result<Self, Error> {
        let fields = PolicyFields::from_policy(policy);
        let id = fields.id.as_deref().filter(|id| !id.is_empty()).ok_or(Error::NoId)?;
        check_size("id", id, limits::POLICY_NAME)?;
        check_size("type", &fields.kind, limits::POLICY_NAME)?;
        if fields.kind == DELETED {
            let refusal = format!("'{DELETED}' is no type: ledger files mark with it what was deleted");
            return Err(policy::Error::Structure(refusal).into());
        }
        let date = checked_date(policy)?;
        for (column, value) in [
            ("id", Some(id)),
            ("type", Some(&fields.kind)),
            ("company", fields.company.as_deref()),
            ("status", fields.status.as_deref()),
        ] {
            check_text(column, value.unwrap_or_default())?;
        }
        check_text("host", host)?;
        let text: Arc<str> = policy.stored_text().into();
        check_size("text", &text, limits::POLICY)?;
        let values =
            RowValues { company: fields.company.clone(), date, host: host.into(), status: fields.status.clone(), text };
        Ok(Self { id: id.into(), values, fields })
    }
}

fn check_size(part: &'static str, text: &str, limit: usize) -> Result<(), Error> {
    if text.len() <= limit { Ok(()) } else { Err(Error::TooLarge { part, bytes: text.len(), limit }) }
}

/// Refuses the one character that a text of PostgreSQL cannot hold; the text of the policy writes it as an escape.
fn check_text(column: &str, text: &str) -> Result<(), Error> {
    if text.contains('\0') {
        let refusal = policy::Error::Structure(format!("the {column} of a policy has no NUL character in it"));
        return Err(refusal.into());
    }
    Ok(())
}

/// Returns the date of a policy, empty when it has none.
fn checked_date(policy: &Policy) -> Result<String, Error> {
    let date = match policy.get("date") {
        None | Some(serde_json::Value::Null) => return Ok(String::new()),
        Some(serde_json::Value::String(date)) if date.is_empty() || date::is_moment(date) => return Ok(date.clone()),
        Some(date) => date,
    };
    let shown: String = date.to_string().chars().take(QUOTED).collect();
    let remedy = "write it as 2026-11-21T07:08:09.123456Z, or leave it out";
    Err(policy::Error::Date(format!("the date {shown} of the policy is no moment of the calendar: {remedy}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Result<PlannedRow, Error> {
        PlannedRow::from_policy(&Policy::parse(text).unwrap(), "10.0.0.1")
    }

    #[test]
    fn a_date_that_is_no_moment_is_refused() {
        for date in ["\"infinity\"", "\"now\"", "\"J0\"", "\"4714-11-24 BC\"", "5", "true", "[]", "{}"] {
            let refused = row(&format!(r#"{{"d": {{"id": "a", "date": {date}}}}}"#));
            assert!(matches!(refused, Err(Error::Rule(policy::Error::Date(_)))), "{date}");
        }
        for without in
            [r#"{"d": {"id": "a"}}"#, r#"{"d": {"id": "a", "date": null}}"#, r#"{"d": {"id": "a", "date": ""}}"#]
        {
            assert_eq!(row(without).unwrap().values.date, "");
        }
    }

    #[test]
    fn what_no_column_holds_is_refused() {
        for text in [
            r#"{"deleted": {"id": "a"}}"#,
            r#"{"d": {"id": "a\u0000"}}"#,
            r#"{"d\u0000": {"id": "a"}}"#,
            r#"{"d": {"id": "a", "company": "\u0000"}}"#,
        ] {
            assert!(matches!(row(text), Err(Error::Rule(policy::Error::Structure(_)))), "{text}");
        }
        assert!(row(r#"{"d": {"id": "a", "x": "\u0000"}}"#).is_ok());
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let long = "x".repeat(limits::POLICY_NAME);
        assert!(row(&format!(r#"{{"{long}": {{"id": "{long}"}}}}"#)).is_ok());
        for text in [
            format!(r#"{{"d": {{"id": "{long}x"}}}}"#),
            format!(r#"{{"{long}x": {{"id": "a"}}}}"#),
            format!(r#"{{"d": {{"id": "a", "x": "{}"}}}}"#, "x".repeat(limits::POLICY)),
        ] {
            assert!(matches!(row(&text), Err(Error::TooLarge { .. })));
        }
    }
}
