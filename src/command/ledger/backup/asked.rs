//! What the program asks a node that runs. The words stand here, beside the commands, and nowhere else.

use crate::ledger::RestoreMode;
use anylog_values::Address;

/// Tells whether a node runs at an address: every node answers everybody.
pub const PRESENCE: &str = "get status";

/// Asks for a backup in a file of the directory for backups; the name needs no quotes.
#[must_use]
pub fn backup_into(name: &str) -> String {
    format!("backup ledger where file = {name}")
}

/// Asks to restore a backup of that directory.
#[must_use]
pub fn restore_from(name: &str, mode: RestoreMode, is_dry: bool) -> String {
    let mode = match mode {
        RestoreMode::EmptyOnly => "",
        RestoreMode::Merge => " and mode = merge",
        RestoreMode::Replace => " and mode = replace",
    };
    let dry = if is_dry { " and dry_run = true" } else { "" };
    format!("restore ledger where file = {name}{mode}{dry}")
}

/// Asks to compare the ledger, in JSON.
#[must_use]
pub fn verify_with(name: Option<&str>, member: Option<&Address>) -> String {
    let file = name.map(|name| format!(" and file = {name}")).unwrap_or_default();
    let member = member.map(|member| format!(" and member = {member}")).unwrap_or_default();
    format!("verify ledger where format = json{file}{member}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::select;

    #[test]
    fn what_is_asked_are_commands() {
        let member = "10.0.0.5:32148".parse().unwrap();
        let asked = [
            PRESENCE.to_owned(),
            backup_into("exchange-0.jsonl"),
            restore_from("exchange-0.jsonl", RestoreMode::EmptyOnly, false),
            restore_from("exchange-0.jsonl", RestoreMode::Replace, true),
            verify_with(None, None),
            verify_with(Some("exchange-0.jsonl"), Some(&member)),
        ];
        for text in asked {
            let entry = select(&text).entry().unwrap_or_else(|| panic!("{text}"));
            assert!(text.starts_with(entry.words), "{text}");
            assert!(crate::command::parse(&text, &Nothing).unwrap().is_some(), "{text}");
        }
    }

    struct Nothing;

    impl crate::script::Scope for Nothing {
        fn variable(&self, _name: &str) -> Option<String> {
            None
        }

        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }
}
