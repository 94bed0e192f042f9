//! Files in which all of a reply can be had.

use super::{csv::csv, records::Records};
use crate::{
    policy::{ListedPolicy, json},
    render,
    reply::{Reply, WrittenJson},
};
use serde_json::Value;

/// A file in which all of a reply can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyFile {
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
    /// Text.
    Text,
}

impl ReplyFile {
    /// Returns the word that forms have for it, which is the ending of its name too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Text => "txt",
        }
    }

    /// Returns what people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Text => "text",
        }
    }

    /// Finds the file that a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Csv, Self::Json, Self::Text].into_iter().find(|file| file.as_str() == word)
    }

    /// Returns the type of its content.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// Writes all of a reply; nothing when a reply has no rows and rows are asked for.
    #[must_use]
    pub fn write(self, reply: Reply) -> Option<Vec<u8>> {
        match self {
            // Spreadsheets take a file for UTF-8 by this sign alone.
            Self::Csv => {
                let records = Records::of_reply(readable(reply)).ok()?;
                Some(format!("\u{feff}{}", csv(&records)).into_bytes())
            }
            Self::Json => serde_json::to_vec_pretty(&as_value(reply)).ok(),
            Self::Text => Some(render::text(&reply).into_bytes()),
        }
    }
}

/// Returns a reply with the value in place of a text that is one.
fn readable(reply: Reply) -> Reply {
    match reply {
        Reply::Json(WrittenJson { text, .. }) => json::parse(&text).map_or(Reply::Text(text), Reply::Value),
        other => other,
    }
}

/// Returns all of a reply as a value.
fn as_value(reply: Reply) -> Value {
    match readable(reply) {
        Reply::Policies(policies) => policies.into_iter().filter_map(ListedPolicy::into_value).collect(),
        Reply::Objects(values) => Value::Array(values),
        Reply::Value(value) | Reply::Indented(value) => value,
        Reply::PolicyPlan(plan) => plan.value(),
        Reply::Checklist(list) => list.value(),
        Reply::Count(count) => count.into(),
        Reply::Sections(sections) => sections.into_iter().map(as_value).collect(),
        Reply::Lines(lines) => lines.lines.into(),
        other => match Records::of_reply(other) {
            Ok(records) => records.into_objects(),
            Err(other) => render::text(&other).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Table;
    use serde_json::json;

    #[test]
    fn a_file_has_all_of_a_reply() {
        let rows: Vec<Vec<Value>> = (0..5000).map(|number| vec![json!(number)]).collect();
        let table = || Reply::Table(Table::new(["N"], rows.clone()));
        let csv = String::from_utf8(ReplyFile::Csv.write(table()).unwrap()).unwrap();
        assert!(csv.starts_with("\u{feff}N\r\n0\r\n") && csv.lines().count() == 5001);
        let json: Value = serde_json::from_slice(&ReplyFile::Json.write(table()).unwrap()).unwrap();
        assert_eq!(json[4999], json!({"N": 4999}));
        assert_eq!(ReplyFile::Csv.write(Reply::Text("a".to_owned())), None);
        assert_eq!(ReplyFile::Text.write(Reply::Text("a".to_owned())).unwrap(), b"a");
        assert_eq!(ReplyFile::named("csv"), Some(ReplyFile::Csv));
    }
}
