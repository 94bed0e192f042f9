//! What a command answers: data that every edge renders in its own way.

use crate::reply::rows::Rows;
pub use crate::script::{Control, OnError};
use serde_json::Value;
use std::sync::Arc;

/// The typed reply of one command.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Success without a result.
    Empty,
    /// Plain text, shown as it is (reference/command-language 7.1).
    Text(String),
    /// A value: structured print on the console (7.2), one line of JSON elsewhere (reference/rest 8).
    Value(Value),
    /// A table (7.3).
    Table(Table),
    /// Policies in ledger order, each `{type: body}`: a JSON list over REST and TCP, structured print on the console.
    Policies(Vec<Value>),
    /// Rows that a query of a database selected, in the layout that its caller chose.
    Rows(Rows),
    /// A copy of the ledger that the caller wants delivered to a file of its own (reference/tcp-protocol 7).
    Copy(LedgerCopy),
    /// A step of control flow; only scripts act on it (reference/command-language 9 and 10).
    Control(Control),
}

/// Titles and rows; widths belong to `render`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// A line above the titles.
    pub header: Option<String>,
    /// Blanks in front of every line.
    pub margin: usize,
    /// Longest piece of a cell on one line, in characters; 100 when not set (`set output table width`).
    pub width: Option<usize>,
    /// Column titles; a line feed makes a title of two lines.
    pub titles: Vec<String>,
    /// One value per column: text, number, boolean, list, or null for blanks.
    pub rows: Vec<Vec<Value>>,
}

/// The ledger bytes of one version, and where the caller wants them.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerCopy {
    /// Name of the file on the asking member, as it asked.
    pub destination: String,
    /// The export, shared with every other delivery of this version; nothing when the caller has it already.
    pub bytes: Option<Arc<[u8]>>,
    /// `generic_flag` of the delivery: 2 for a ledger file, 0 for a plain file.
    pub flag: u16,
    /// Text for a member that traces its synchronisation.
    pub trace: Option<String>,
}
