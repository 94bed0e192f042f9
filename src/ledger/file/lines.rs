//! The text of a ledger file, line by line (reference/ledger 4.1).

use crate::ledger::view::fields::PolicyFields;
use std::collections::HashSet;

/// One line of a ledger file that is a policy with an id.
#[derive(Clone, Debug)]
pub struct FileLine {
    /// The text, without its line end.
    pub text: String,
    /// The id of the policy.
    pub id: String,
    /// The other fields of the policy.
    pub fields: PolicyFields,
}

/// The lines of a ledger file.
#[derive(Clone, Debug, Default)]
pub struct FileLines {
    /// Policies, in order; of a repeated id the first.
    pub policies: Vec<FileLine>,
    /// Ids that `deleted` lines name and that no later line has.
    pub deleted: Vec<String>,
    /// Number of the first line that is no policy, from 1.
    pub unreadable: Option<usize>,
}

impl FileLines {
    /// Reads the lines of a file. Blank lines, `\r\n` and a missing last line end are accepted.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut lines = Self::default();
        let mut seen = HashSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let Some(fields) = PolicyFields::read_lenient(line) else {
                lines.unreadable = lines.unreadable.or(Some(number));
                continue;
            };
            let Some(id) = fields.id.clone() else { continue };
            if fields.kind == DELETED {
                seen.remove(&id);
                lines.policies.retain(|earlier| earlier.id != id);
                lines.deleted.push(id);
            } else if seen.insert(id.clone()) {
                lines.deleted.retain(|deleted| *deleted != id);
                lines.policies.push(FileLine { text: line.to_owned(), id, fields });
            }
        }
        lines
    }
}

/// The type of a line that marks a policy as deleted.
pub const DELETED: &str = "deleted";

/// Whether the source of the local copy knows of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionScope {
    /// This node alone knows of it.
    Local,
    /// The source is being told.
    Global,
}

/// Returns the line that marks a policy as deleted, with its line end (reference/ledger 9.1).
#[must_use]
pub fn deleted_line(id: &str, scope: DeletionScope) -> String {
    let id = serde_json::Value::from(id);
    let ledger = match scope {
        DeletionScope::Local => "local",
        DeletionScope::Global => "global",
    };
    format!("{{\"{DELETED}\": {{ \"id\" : {id}, \"ledger\" : \"{ledger}\" }}}}\n")
}
