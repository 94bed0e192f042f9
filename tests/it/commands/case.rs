//! The format of the recorded cases.

use serde::Deserialize;
use std::{collections::BTreeMap, fs};

/// One file of cases.
#[derive(Debug, Deserialize)]
pub struct File {
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    pub sequence: bool,
    pub cases: Vec<Case>,
}

/// One recorded command.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub level: String,
    pub via: String,
    #[serde(default)]
    pub expect: Option<String>,
    #[serde(default)]
    pub given: bool,
    #[serde(default)]
    pub setup: Vec<String>,
    #[serde(default)]
    pub files: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub script: Option<Vec<String>>,
    #[serde(default)]
    pub command: Option<String>,
    #[serde(default)]
    pub output: Option<String>,
    #[serde(default)]
    pub dictionary: Option<Changes>,
    #[serde(default)]
    pub error: Option<Failure>,
    #[serde(default)]
    pub teardown: Vec<String>,
}

/// What the case changed in the dictionary.
#[derive(Clone, Debug, Deserialize)]
pub struct Changes {
    pub set: BTreeMap<String, String>,
    pub removed: Vec<String>,
}

/// The error that the case ends with.
#[derive(Clone, Debug, Deserialize)]
pub struct Failure {
    pub code: u16,
}

/// Reads the cases of a group.
pub fn read(group: &str) -> File {
    let path = format!("{}/tests/vectors/commands/{group}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the vectors are there");
    serde_json::from_str(&text).expect("the vectors read")
}

/// Tells whether a text is the recorded one; `<…>` marks in capitals stand for changing text.
pub fn matches(recorded: &str, text: &str) -> bool {
    let mut rest = text;
    let mut open = false;
    for piece in pieces(recorded) {
        let found = if open { rest.find(piece) } else { rest.starts_with(piece).then_some(0) };
        let Some(at) = found else { return false };
        rest = &rest[at + piece.len()..];
        open = true;
    }
    rest.is_empty() || recorded.ends_with('>')
}

fn pieces(recorded: &str) -> Vec<&str> {
    const MARKS: [&str; 6] = ["<TIMESTAMP>", "<CTIME>", "<DATETIME>", "<ADDR>", "<URL>", "<EXPLANATION>"];
    let mut pieces = vec![recorded];
    for mark in MARKS {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(mark)).collect();
    }
    pieces
}
