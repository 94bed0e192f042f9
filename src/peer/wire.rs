//! What the wire format itself names: flags, kinds of content, and the texts that a message carries because of its form
//! (reference/tcp-protocol 2, 6, 7, 8). What is known of a command beyond that stands in its entry of the catalog.

use crate::{
    node::{Pull, RemoteChange},
    policy::json,
    script::words,
};
use anylog_block::Outgoing;
use serde_json::Value;

/// Verb of the answer to a question.
pub const PRINT: &str = "print";
/// Verb of every other answer.
pub const ECHO: &str = "echo";
/// Command of the answer to a query of a database.
pub const JOB_REPLY: &str = "job reply";

/// What a node is asked to find out whether it is there.
pub const SIGN_OF_LIFE: &str = "get status";
/// What a node is asked to find out which program it is.
pub const PROGRAM: &str = "get version";

/// `info_type` of rows.
pub const INFO_ROWS: u8 = 1;
/// `info_type` of other results of a query, and of failures of `blockchain …`.
pub const INFO_RESULT: u8 = 2;
/// `info_type` of a text.
pub const INFO_TEXT: u8 = 4;
/// `info_type` of a command.
pub const INFO_COMMAND: u8 = 6;

/// `data_struct` of rows.
pub const DATA_SEGMENTS: u8 = 2;

/// `generic_flag` of a reply that is a text.
pub const REPLY_TEXT: u16 = 1;
/// `generic_flag` of a reply that is a JSON value.
pub const REPLY_JSON: u16 = 2;

/// `generic_flag` of a plain file.
pub const FILE_PLAIN: u16 = 0;
/// `generic_flag` of a ledger, which the receiver merges into its own.
pub const FILE_LEDGER: u16 = 2;
/// `generic_flag` of a large message: the data is a command that did not fit a block.
pub const FILE_COMMAND: u16 = 3;

/// Command of a message whose data is a file; no command of the catalog, since it is the form of the message.
const FILE_WRITE: &str = "file write";

/// What nodes say of a file that they were sent and could not write.
const UNWRITTEN: &str = "'File write' operation failed";

/// Type of a file that its receiver unpacks.
const PACKED: &str = ".gz";

/// Returns the name under which a file travels compressed.
#[must_use]
pub fn packed_name(name: &str) -> String {
    format!("{name}{PACKED}")
}

/// Tells whether a command names a file that travels compressed.
#[must_use]
pub fn is_packed(command: &str) -> bool {
    command.split_ascii_whitespace().any(|word| word.trim_matches(['<', '>', '\'']).ends_with(PACKED))
}

/// Tells whether a text of another node says that it could not write a file that it was sent.
#[must_use]
pub fn tells_unwritten(text: &str) -> bool {
    text.replace('\t', " ").contains(UNWRITTEN)
}

/// Returns the command of a message that brings a file.
#[must_use]
pub fn file_write(name: &str) -> String {
    format!("{FILE_WRITE} {name}")
}

/// Tells whether a message brings a file.
#[must_use]
pub fn is_file(command: &str) -> bool {
    command.starts_with(FILE_WRITE)
}

/// Tells whether a message brings a ledger.
#[must_use]
pub fn is_ledger(message: &Outgoing) -> bool {
    message.header.flag == FILE_LEDGER && is_file(&message.command)
}

/// Returns the name of the file that a message brings.
#[must_use]
pub fn file_name(command: &str) -> Option<&str> {
    command.strip_prefix(FILE_WRITE)?.strip_prefix(' ')
}

/// Tells whether a member wants to read how its request for the ledger went: its last word is the trace level 2. The
/// member is told also when the request fails, so the reply of the command cannot say it.
#[must_use]
pub fn wants_trace(command: &str) -> bool {
    command.starts_with("event get_blockchain ") && command.ends_with(" 2")
}

/// Returns the command that asks another master for its ledger, to be delivered under a name.
#[must_use]
pub fn ledger_request(what: Pull, name: &str) -> String {
    match what {
        Pull::Ledger => format!("event get_blockchain {name}.new 0 0"),
        Pull::Seed => format!("file get !blockchain_file {name}.new"),
    }
}

/// Returns the command that asks another master for a change of its ledger.
#[must_use]
pub fn change_request(change: &RemoteChange) -> String {
    match change {
        RemoteChange::Push { policy, ignore: true } => format!("blockchain push\tignore {}", without_bars(policy)),
        RemoteChange::Push { policy, ignore: false } => format!("blockchain push {}", without_bars(policy)),
        RemoteChange::Drop { id } if is_one_word(id) => format!("blockchain drop policy where id = {id}"),
        RemoteChange::Drop { id } => format!("blockchain drop policy {{\"policy\": {{\"id\": {}}}}}", quoted(id)),
    }
}

/// Tells whether an id is read as it stands. An id may be any text, and as words of a command others stand for
/// something else: a comma separates two ids, an operator ends the word, and a suffix such as `.str` is cut off like
/// that of a reference.
fn is_one_word(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
}

/// Writes an id as a JSON string of ASCII.
fn quoted(id: &str) -> String {
    without_bars(&json::text(&Value::String(id.to_owned())))
}

/// Writes `|` in another way, which other masters read as a double quote. In JSON it stands in strings alone, and would end
/// them.
fn without_bars(json: &str) -> String {
    json.replace('|', "\\u007c")
}

/// Turns the tabs of a command into what they stand for: blanks, kept together by quotes where a word needs it.
///
/// The first words say how, since the rule belongs to the form of the message and not to the command: a policy and a
/// text that is shown are one text, and the name of a file keeps its tabs.
#[must_use]
pub fn without_tabs(command: &str) -> String {
    const POLICIES: &str = "blockchain";
    const ONE_TEXT: [&str; 2] = [PRINT, ECHO];
    const FILE_NAMES: [&str; 2] = ["event ", "file get "];
    if command.starts_with(POLICIES) {
        return policies_without_tabs(command);
    }
    if !command.contains('\t') {
        return command.to_owned();
    }
    if ONE_TEXT.iter().any(|verb| command.starts_with(verb)) {
        return command.replace('\t', " ");
    }
    let keeps_tabs = FILE_NAMES.iter().any(|verb| command.starts_with(verb));
    command.split(' ').map(|word| as_one_word(word, keeps_tabs)).collect::<Vec<_>>().join(" ")
}

/// Turns the tabs of a command about policies into blanks. Behind its `where` each word stays one word: a value that fell
/// apart would stand for another policy. JSON is one text, and so is all behind it.
fn policies_without_tabs(command: &str) -> String {
    const CONDITION: &str = " where ";
    let found = command.split_once(CONDITION).filter(|(before, _)| !before.contains('{'));
    let Some((before, condition)) = found else { return command.replace('\t', " ") };
    // Where there are no brackets and no quotes, a blank alone ends a word.
    let is_plain = !condition.contains(['(', '[', '{', '"', '\'', '`']);
    let mut is_json = false;
    let kept = condition.split(' ').map(|word| {
        is_json |= word.starts_with('{');
        if is_json {
            word.replace('\t', " ")
        } else if is_plain && (word.contains('&') || word.starts_with('#')) {
            in_quotes(&word.replace('\t', " "))
        } else {
            as_one_word(word, false)
        }
    });
    let condition = kept.collect::<Vec<_>>().join(" ");
    format!("{}{CONDITION}{condition}", before.replace('\t', " "))
}

/// Returns a word that holds tabs as one word of the command language.
fn as_one_word(word: &str, keeps_tabs: bool) -> String {
    if !word.contains('\t') {
        return word.to_owned();
    }
    let text = if keeps_tabs { word.to_owned() } else { word.replace('\t', " ") };
    let grouped = [('(', ')'), ('[', ']'), ('{', '}'), ('"', '"')];
    let is_grouped = grouped.iter().any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    // A bracket may stand within a word: `bring.table.sort(0, 1)`.
    let is_one = || matches!(words(&text).as_deref(), Ok([one]) if one.text == text);
    if is_grouped || is_one() { text } else { in_quotes(&text) }
}

/// Puts a text into the quotes that it does not hold itself: others would end where it has them.
fn in_quotes(text: &str) -> String {
    let quote = ['"', '\'', '`'].into_iter().find(|quote| !text.contains(*quote)).unwrap_or('"');
    format!("{quote}{text}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_are_blanks_of_one_word() {
        for (sent, meant) in [
            ("blockchain push\tignore {\"a\": 1}", "blockchain push ignore {\"a\": 1}"),
            ("blockchain get (master,\toperator) bring.json", "blockchain get (master, operator) bring.json"),
            (
                "blockchain get x where company = New\tCompany and port = 1 bring.table.sort(0,\t1) [x]",
                "blockchain get x where company = \"New Company\" and port = 1 bring.table.sort(0, 1) [x]",
            ),
            ("blockchain get x where k with [\"a\",\t\"b\"]", "blockchain get x where k with [\"a\", \"b\"]"),
            ("blockchain get x where {\"k\": \"a & b\"}", "blockchain get x where {\"k\": \"a & b\"}"),
            (
                "blockchain push\tignore {\"a\": \"b where c\td & e\"}",
                "blockchain push ignore {\"a\": \"b where c d & e\"}",
            ),
            ("get files a\tb", "get files \"a b\""),
            ("get policies (a,\tb)", "get policies (a, b)"),
            ("event get_blockchain /my\tnode/x 0 0", "event get_blockchain \"/my\tnode/x\" 0 0"),
        ] {
            assert_eq!(without_tabs(sent), meant);
        }
    }

    /// A word that fell apart would name another policy: an `&` and a `#` end a command.
    #[test]
    fn a_value_that_is_sent_as_one_word_is_read_as_one() {
        for (sent, meant) in [
            ("x\t&\ty", "x & y"),
            ("x\t#y", "x #y"),
            ("#x", "#x"),
            ("AT&T", "AT&T"),
            ("New\tCompany", "New Company"),
            ("a,\tb", "a, b"),
            ("x\"\t&\ty", "'x\" & y'"),
        ] {
            let read = words(&without_tabs(&format!("blockchain drop policy where id = {sent}"))).unwrap();
            let read: Vec<_> = read.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(read, ["blockchain", "drop", "policy", "where", "id", "=", meant]);
        }
    }

    #[test]
    fn a_bar_of_a_policy_is_none_for_masters_that_read_it_as_a_quote() {
        for ignore in [true, false] {
            let change = RemoteChange::Push { policy: r#"{"device": {"id": "a|b"}}"#.to_owned(), ignore };
            let sent = change_request(&change);
            assert!(sent.ends_with(r#" {"device": {"id": "a\u007cb"}}"#), "{sent}");
        }
    }

    #[test]
    fn an_id_is_never_read_as_another_one() {
        for (id, sent) in [
            ("a1-B_2:3", "where id = a1-B_2:3"),
            ("VICTIM,zzz", r#"{"policy": {"id": "VICTIM,zzz"}}"#),
            ("VICTIM.str", r#"{"policy": {"id": "VICTIM.str"}}"#),
            ("a b\t\"}é", r#"{"policy": {"id": "a b\t\"}\u00e9"}}"#),
            ("a|, |id|: |b", r#"{"policy": {"id": "a\u007c, \u007cid\u007c: \u007cb"}}"#),
        ] {
            let drop = RemoteChange::Drop { id: id.to_owned() };
            assert_eq!(change_request(&drop), format!("blockchain drop policy {sent}"));
        }
    }

    #[test]
    fn a_file_is_told_by_its_command() {
        assert_eq!(file_name("file write a.new"), Some("a.new"));
        assert_eq!((file_name("file write"), file_name("file get a b")), (None, None));
        assert!(is_file("file write") && !is_file("file get a b"));
        let unwritten = "echo 'File write' operation failed: </srv/x.master_id_1.new>";
        assert!(tells_unwritten(unwritten) && tells_unwritten(&unwritten.replace(' ', "\t")));
        assert!(!tells_unwritten("echo 'File get' operation failed: <x>"));
        assert!(wants_trace("event get_blockchain a 0 2") && !wants_trace("event get_blockchain a 0 0"));
    }
}
