//! What a command answers: data that every edge renders in its own way.

pub use crate::script::{Control, OnError};
use crate::{
    ledger::LedgerBytes,
    policy::ListedPolicy,
    query,
    reply::{
        answers::PeerAnswer,
        checklist::Checklist,
        help::HelpAnswer,
        lines::{Lines, Pairs},
        policy_plan::PolicyPlan,
        rows::Rows,
        table::Table,
    },
};
use serde_json::Value;

/// The typed reply of one command.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Success without a result.
    Empty,
    /// Plain text, shown as it is (reference/command-language 7.1).
    Text(String),
    /// JSON that stands as somebody wrote it: the value of a variable, a result of `bring`, what a web server said.
    Json(WrittenJson),
    /// A value: structured print on the console (7.2), one line of JSON elsewhere (reference/rest 8).
    Value(Value),
    /// Several lines.
    Lines(Lines),
    /// Names with their values, one pair per line.
    Pairs(Pairs),
    /// A table (7.3).
    Table(Table),
    /// Replies one below the other, each after a line break.
    Sections(Vec<Reply>),
    /// Policies in ledger order, each `{type: body}`: a JSON list over REST and TCP, structured print on the console.
    Policies(Vec<ListedPolicy>),
    /// Rows that a query of a database selected, in the layout that its caller chose.
    Rows(Rows),
    /// What `bring.json` collected: one line of JSON everywhere, without blanks between its entries (reference/ledger 7.5).
    Objects(Vec<Value>),
    /// A value over several lines, four blanks per level, everywhere: differences of policies.
    Indented(Value),
    /// How many there are: `bring.json.count`, one line of JSON everywhere.
    Count(usize),
    /// What `help` says.
    Help(HelpAnswer),
    /// What other nodes answered, in the order in which they were asked.
    Answers(Vec<PeerAnswer>),
    /// What was looked at one after the other, and what mends it.
    Checklist(Checklist),
    /// What would be, or was, changed to make the ledger what somebody wrote down.
    PolicyPlan(PolicyPlan),
    /// A copy of the ledger that the caller wants delivered to a file of its own (reference/tcp-protocol 7).
    Copy(LedgerCopy),
    /// A step of control flow; only scripts act on it (reference/command-language 9 and 10).
    Control(Control),
}

/// A text that is JSON, unless who wrote it made a mistake; it is handed on letter by letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenJson {
    /// The text.
    pub text: String,
    /// True for a value, which the console opens (reference/command-language 7.2).
    pub is_value: bool,
}

impl Reply {
    /// Takes a text that comes from somewhere else and is shown as it is. This is where such a text is known as JSON, by its
    /// first letter, as clients of the network know it; no edge looks at it again.
    #[must_use]
    pub fn written(text: String) -> Self {
        if begins_json(&text) { Self::Json(WrittenJson { text, is_value: false }) } else { Self::Text(text) }
    }

    /// Takes the value of a variable or another text that the console shows as a value.
    #[must_use]
    pub fn written_value(text: String) -> Self {
        if begins_json(&text) {
            Self::Json(WrittenJson { text, is_value: true })
        } else {
            Self::Value(Value::String(text))
        }
    }
}

impl Reply {
    /// Makes the tables of a reply fit to lines of so many characters, for people at a terminal.
    #[must_use]
    pub fn fitted(self, columns: usize) -> Self {
        match self {
            Self::Table(table) => Self::Table(Table { columns: Some(columns), ..table }),
            Self::Sections(sections) => {
                Self::Sections(sections.into_iter().map(|section| section.fitted(columns)).collect())
            }
            other => other,
        }
    }
}

fn begins_json(text: &str) -> bool {
    text.starts_with(['{', '['])
}

/// Values of a reply, and bytes of its texts, that are written in about a millisecond.
const SMALL_VALUES: usize = 4096;
const SMALL_BYTES: usize = 512 * 1024;
/// Bytes of the text of a policy for each value in it, keys included. That the text is read before it is written is part of the
/// millisecond.
const BYTES_PER_VALUE: usize = 32;

impl Reply {
    /// Tells whether it takes more than a moment to write the reply as a text; it is looked at no further than that.
    #[must_use]
    pub fn is_large(&self) -> bool {
        let mut left = (SMALL_VALUES, SMALL_BYTES);
        !match self {
            Self::Text(text) => take(&mut left, text.len()),
            Self::Value(value) | Self::Indented(value) => fits(value, &mut left),
            Self::Policies(list) => list.iter().all(|policy| match policy {
                ListedPolicy::Value(value) => fits(value, &mut left),
                ListedPolicy::Text { text, .. } => take_values(&mut left, 1 + text.len() / BYTES_PER_VALUE, text.len()),
            }),
            Self::Objects(values) => values.iter().all(|value| fits(value, &mut left)),
            Self::Table(table) => table.rows.iter().flatten().all(|value| fits(value, &mut left)),
            Self::Rows(rows) => rows.rows.iter().flatten().all(|value| fits(value, &mut left)),
            Self::Lines(lines) => lines.lines.iter().all(|line| take(&mut left, line.len())),
            Self::PolicyPlan(plan) => {
                plan.steps.iter().all(|step| take(&mut left, step.changes.len().saturating_mul(100)))
            }
            Self::Sections(sections) => !sections.iter().any(Self::is_large),
            _ => true,
        }
    }
}

/// Tells whether a value and what is in it still fit.
fn fits(value: &Value, left: &mut (usize, usize)) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => take(left, 0),
        Value::String(text) => take(left, text.len()),
        Value::Array(items) => take(left, 0) && items.iter().all(|item| fits(item, left)),
        Value::Object(map) => {
            take(left, 0) && map.iter().all(|(key, value)| take(left, key.len()) && fits(value, left))
        }
    }
}

/// Takes one value with its text from what is left.
fn take(left: &mut (usize, usize), length: usize) -> bool {
    take_values(left, 1, length)
}

/// Takes values with their texts from what is left.
fn take_values((values, bytes): &mut (usize, usize), count: usize, length: usize) -> bool {
    let (Some(less_values), Some(less_bytes)) = (values.checked_sub(count), bytes.checked_sub(length)) else {
        return false;
    };
    (*values, *bytes) = (less_values, less_bytes);
    true
}

impl From<query::Output> for Reply {
    fn from(output: query::Output) -> Self {
        use query::Output;
        match output {
            Output::Policies(policies) => Self::Policies(policies),
            Output::Text(text) => Self::written(text),
            Output::Texts(texts) => Self::written(texts.to_string()),
            Output::Objects(objects) => Self::Objects(objects),
            Output::Count(count) => Self::Count(count),
            Output::Table { titles, rows } => Self::Table(Table { titles, rows, ..Table::default() }),
        }
    }
}

/// The ledger on its way to a file of another node.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerCopy {
    /// Name of the file on the asking node, as it asked.
    pub destination: String,
    /// As what the asking node takes the file.
    pub kind: CopyKind,
    /// MD5 of the ledger.
    pub md5: String,
    /// Number of the view that it is the export of.
    pub generation: u64,
    /// The export, shared with every other delivery of this version; nothing when the asking node has it already.
    pub bytes: Option<LedgerBytes>,
    /// True when the asking node wants to read what happened.
    pub is_traced: bool,
}

/// As what another node takes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKind {
    /// A ledger, which it merges into its own.
    Ledger,
    /// A plain file.
    File,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_list_of_texts_is_as_large_as_its_texts() {
        let text: Arc<str> = Arc::from(format!("{{\"x\": {{\"a\": \"{}\"}}}}", "b".repeat(500)));
        let policy = ListedPolicy::Text { text, ledger: None };
        assert!(!Reply::Policies(vec![policy.clone(); 100]).is_large());
        assert!(Reply::Policies(vec![policy; 1000]).is_large());
    }
}
