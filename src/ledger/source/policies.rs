//! Makes policies of what a source holds, in its order.

use crate::{
    ledger::{file::lines::DELETED, source::raw_row::RawRow},
    policy::{Policy, date},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A policy of another ledger on its way into this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Where it stood in the source: `row 7`, `line 12`.
    pub place: String,
    /// The node that published it, where the source knows.
    pub host: Option<String>,
    /// The date column of its row, where the source has one that is a moment.
    pub date: Option<String>,
    /// Its stored text, with id and date.
    pub text: String,
}

impl ImportRow {
    /// Returns the bytes of memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns = [self.host.as_deref(), self.date.as_deref()].into_iter().flatten().map(str::len).sum::<usize>();
        128 + self.place.len() + self.text.len() + columns
    }
}

/// Something of a source that is no policy, or that the ledger cannot take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Where it stands: `row 7`, `line 12`.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The policies of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePolicies {
    /// The policies in the order of the source, each id once.
    pub rows: Vec<ImportRow>,
    /// What is no policy.
    pub set_aside: Vec<SetAside>,
    /// How many were left out because an earlier one has the same id.
    pub repeated: usize,
    /// How many the source marks as deleted.
    pub deleted: usize,
}

impl SourcePolicies {
    /// Reads what a source holds. A policy without an id gets the one that every node would give it, one without a date that of
    /// its row, else `now`. What a node kept to itself is of the whole network from now on.
    #[must_use]
    pub fn read(rows: impl IntoIterator<Item = RawRow>, now: &str) -> Self {
        let mut found = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut taken: Vec<Option<ImportRow>> = Vec::new();
        for row in rows {
            let place = row.place.clone();
            match policy(row, now) {
                Err(reason) => found.set_aside.push(SetAside { place, reason }),
                Ok(Found::Deleted(id)) => {
                    let gone = places.remove(&id).and_then(|place| taken.get_mut(place)).and_then(Option::take);
                    found.deleted += usize::from(gone.is_some());
                }
                Ok(Found::Policy(id, _)) if places.contains_key(&id) => found.repeated += 1,
                Ok(Found::Policy(id, row)) => {
                    places.insert(id, taken.len());
                    taken.push(Some(row));
                }
            }
        }
        found.rows = taken.into_iter().flatten().collect();
        found
    }
}

/// What one place of a source turned out to be.
enum Found {
    /// A policy with its id.
    Policy(String, ImportRow),
    /// The mark that a policy was deleted.
    Deleted(String),
}

fn policy(row: RawRow, now: &str) -> Result<Found, String> {
    let RawRow { place, id, host, date, text } = row;
    let mut policy = Policy::parse(&text?).map_err(|error| error.to_string())?;
    if policy.kind() == DELETED {
        return policy.id().map(Found::Deleted).ok_or_else(|| "it marks a deletion without an id".to_owned());
    }
    if policy.get("id").is_none()
        && let Some(id) = id
    {
        policy.set("id", id);
    }
    let date = date.filter(|date| date::is_moment(date));
    policy.prepare(date.as_deref().unwrap_or(now)).map_err(|error| error.to_string())?;
    if policy.is_local() {
        policy.set_ledger("global");
    }
    let id = policy.id().ok_or_else(|| "its id is neither text nor an integer".to_owned())?;
    Ok(Found::Policy(id, ImportRow { place, host, date, text: policy.stored_text() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T07:08:09.000000Z";

    fn line(number: usize, text: &str) -> RawRow {
        RawRow::of_file(format!("line {number}"), Ok(text.to_owned()))
    }

    #[test]
    fn policies_keep_their_order_id_and_date_and_the_others_are_named() {
        let lines = [
            r#"{"d": {"name": "b", "id": "2", "date": "2020-01-01T00:00:00.000000Z"}}"#,
            r#"{"x":{"a":1}}"#,
            "{'d': {'id': '1', 'date': '2021-01-01', 'ledger': 'local'}}",
            "no policy",
            r#"{"d": {"name": "later", "id": "2", "date": "2022-01-01"}}"#,
            r#"{"d": {"id": []}}"#,
            r#"{"d": {"id": "3"}}"#,
            r#"{"deleted": { "id" : "3", "ledger" : "local"}}"#,
        ];
        let found = SourcePolicies::read((1..).zip(lines).map(|(number, text)| line(number, text)), NOW);
        let texts: Vec<&str> = found.rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                r#"{"d": {"name": "b", "id": "2", "date": "2020-01-01T00:00:00.000000Z"}}"#,
                r#"{"x": {"a": 1, "id": "50d5686016431391744c8168625728a8", "date": "2026-11-21T07:08:09.000000Z"}}"#,
                r#"{"d": {"id": "1", "date": "2021-01-01", "ledger": "global"}}"#,
            ]
        );
        assert_eq!((found.repeated, found.deleted), (1, 1));
        let places: Vec<&str> = found.set_aside.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["line 4", "line 6"]);
    }

    #[test]
    fn a_row_says_what_its_policy_does_not() {
        let row = |date: &str, text: &str| RawRow {
            place: "row 1".to_owned(),
            id: Some("own".to_owned()),
            host: Some("10.0.0.7".to_owned()),
            date: Some(date.to_owned()),
            text: Ok(text.to_owned()),
        };
        let read = |row| SourcePolicies::read([row], NOW).rows.remove(0);
        let taken = read(row("2020-05-05 01:02:03", r#"{"d": {"x": 1}}"#));
        assert_eq!(taken.text, r#"{"d": {"x": 1, "id": "own", "date": "2020-05-05 01:02:03"}}"#);
        assert_eq!((taken.host.as_deref(), taken.date.as_deref()), (Some("10.0.0.7"), Some("2020-05-05 01:02:03")));
        let taken = read(row("infinity", r#"{"d": {"id": "a", "date": "2020-01-01"}}"#));
        assert_eq!((taken.date, taken.text.as_str()), (None, r#"{"d": {"id": "a", "date": "2020-01-01"}}"#));
    }
}
