//! From the outcome of a command to the messages that answer it (reference/tcp-protocol 2.1, 9, 11).

use crate::{
    command::Exchange,
    ledger::LedgerBytes,
    peer::{request::PeerRequest, rows, wire},
    policy::{ListedPolicy, python},
    render,
    reply::{Code, CopyKind, Error, ErrorKind, LedgerCopy, Reply, RowLayout, Rows},
};
use anylog_block::{CONTENT, Data, Header, Outgoing, PieceIter, Pieces, ReturnAddress, Rule};
use serde_json::Value;
use std::sync::Arc;

/// What a member that traces reads when there is no ledger.
const FAILED_PULL: &str = "Master Process: Failed to pull ledger from Master local DBMS";
/// Longest part of a command or reason that an answer repeats, in bytes.
const QUOTED: usize = 512;

/// Makes the answers to a request, in the way that its command is answered.
///
/// `number` keeps parallel ledger deliveries apart (1 to 9).
#[must_use]
pub fn answers(
    request: &PeerRequest,
    exchange: Exchange,
    outcome: Result<Reply, Error>,
    own: &ReturnAddress,
    number: u64,
) -> Vec<Outgoing> {
    let header = Header {
        job: request.header.job,
        receivers: request.header.receivers,
        receiver: request.header.receiver,
        partitions: request.header.partitions,
        source: own.clone(),
        ..Header::default()
    };
    match outcome {
        Ok(Reply::Copy(copy)) => deliveries(copy, own, number),
        Ok(reply) => success(request, exchange, &reply, header).into_iter().collect(),
        Err(error) => {
            let trace = wire::wants_trace(&request.command).then(|| trace(FAILED_PULL, own));
            std::iter::once(failure(request, exchange, &error, header)).chain(trace).collect()
        }
    }
}

/// A file for the asking node, and a line for a member that traces.
fn deliveries(copy: LedgerCopy, own: &ReturnAddress, number: u64) -> Vec<Outgoing> {
    let trace = copy.is_traced.then(|| trace(&trace_text(&copy), own));
    let file = copy.bytes.map(|bytes| {
        if copy.kind == CopyKind::Ledger {
            return ledger_file(&copy.destination, number, bytes, own);
        }
        let header = Header { flag: wire::FILE_PLAIN, source: own.clone(), ..Header::default() };
        let command = wire::file_write(&copy.destination);
        Outgoing { header, command, data: data(bytes), rule: Rule::File }
    });
    file.into_iter().chain(trace).collect()
}

/// The message that brings the ledger to a file of a member.
#[must_use]
pub fn ledger_file(destination: &str, number: u64, bytes: LedgerBytes, own: &ReturnAddress) -> Outgoing {
    let plain = delivery_name(destination, number);
    let name = if bytes.is_packed() { wire::packed_name(&plain) } else { plain };
    let header = Header { flag: wire::FILE_LEDGER, source: own.clone(), ..Header::default() };
    Outgoing { header, command: wire::file_write(&name), data: data(bytes), rule: Rule::File }
}

/// A ledger as the data of a message.
#[derive(Debug)]
struct LedgerData(LedgerBytes);

impl Pieces for LedgerData {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn pieces(&self) -> PieceIter<'_> {
        self.0.pieces()
    }
}

fn data(bytes: LedgerBytes) -> Data {
    Data::Pieces(Arc::new(LedgerData(bytes)))
}

/// What a member that traces reads about a delivery (reference/tcp-protocol 7).
fn trace_text(copy: &LedgerCopy) -> String {
    match copy.bytes {
        Some(_) => format!("Master copied blockchain file with hash value: {}", copy.md5),
        None => format!("Master Process: Hash value of ledger was not changed: '{}'", copy.md5),
    }
}

/// A line for a member that traces its synchronisation; it is a command of its own, not an answer.
fn trace(text: &str, own: &ReturnAddress) -> Outgoing {
    let header =
        Header { info: wire::INFO_COMMAND, receivers: 1, partitions: 1, source: own.clone(), ..Header::default() };
    Outgoing::new(header, format!("{} {}", wire::PRINT, text.replace(' ', "\t")))
}

/// `a/b.new` becomes `a/b.master_id_3.new`, a name without type gets `.master_id_3` (reference/tcp-protocol 7).
fn delivery_name(destination: &str, number: u64) -> String {
    match destination.rsplit_once('.') {
        Some((base, kind)) if !kind.contains('/') => format!("{base}.master_id_{number}.{kind}"),
        _ => format!("{destination}.master_id_{number}"),
    }
}

/// The answer to a command that went well; nothing when a change succeeds and nobody waits.
fn success(request: &PeerRequest, exchange: Exchange, reply: &Reply, header: Header) -> Option<Outgoing> {
    match (exchange, reply) {
        // Rows that the caller wants as a list or a table are a text like any other, unless there are none.
        (Exchange::Rows, Reply::Rows(rows)) if rows.layout == RowLayout::Json || rows.rows.is_empty() => {
            return Some(row_reply(rows, header));
        }
        _ => {}
    }
    let text = match reply {
        Reply::Policies(policies) => python_list(policies),
        reply => render::text(reply),
    };
    let (verb, text) = match exchange {
        Exchange::Query | Exchange::LedgerQuery => (wire::PRINT, text),
        Exchange::LedgerEcho => (wire::ECHO, text),
        Exchange::Rows | Exchange::TableInfo => (wire::JOB_REPLY, text),
        _ if !request.is_awaited() => return None,
        _ if text.is_empty() => (wire::ECHO, format!("done: {}", shortened(&request.command))),
        _ => (wire::ECHO, text),
    };
    let is_json = matches!(reply, Reply::Value(Value::Object(_) | Value::Array(_)));
    let (info, flag) = match exchange {
        Exchange::Rows | Exchange::TableInfo => (wire::INFO_RESULT, 0),
        Exchange::Query if is_json => (wire::INFO_TEXT, wire::REPLY_JSON),
        _ => (wire::INFO_TEXT, wire::REPLY_TEXT),
    };
    let header = Header { info, flag, ..header };
    Some(Outgoing { header, command: verb.to_owned(), data: text.into(), rule: Rule::Reply })
}

/// The rows of a query.
fn row_reply(rows: &Rows, header: Header) -> Outgoing {
    let (data, blocks) = anylog_block::cut(&rows::numbered(rows), wire::JOB_REPLY.len());
    let header = Header { info: wire::INFO_ROWS, structure: wire::DATA_SEGMENTS, ..header };
    Outgoing { header, command: wire::JOB_REPLY.to_owned(), data: data.into(), rule: Rule::Rows(blocks) }
}

/// Writes policies as members know them: the text of a Python list, and nothing when there are none.
fn python_list(policies: &[ListedPolicy]) -> String {
    if policies.is_empty() { String::new() } else { render::policies(policies, python::text) }
}

/// The answer to a command that failed: always one, in one block, with the reason in its data.
fn failure(request: &PeerRequest, exchange: Exchange, error: &Error, header: Header) -> Outgoing {
    let text = error.code.text();
    // An answer with an error has one block, however much waits with it.
    let reason = beginning(error.detail.as_deref().unwrap_or(text), CONTENT).to_owned();
    let quoted = shortened(&request.command);
    let name = shortened(second_word(&request.command));
    let is_unknown = error.kind == ErrorKind::UnknownCommand;
    let (command, reason, info) = match exchange {
        Exchange::LedgerQuery => (format!("print Blockchain message '{name}' failed"), reason, wire::INFO_RESULT),
        Exchange::LedgerEcho | Exchange::LedgerChange | Exchange::PolicyPush => {
            (format!("echo Blockchain message '{name}' failed"), reason, wire::INFO_RESULT)
        }
        Exchange::Rows => (wire::JOB_REPLY.to_owned(), reason, wire::INFO_TEXT),
        Exchange::TableInfo => (wire::JOB_REPLY.to_owned(), reason, wire::INFO_RESULT),
        Exchange::File => {
            let command = format!("echo 'File {}' operation failed: <{}>", second_word(quoted), shortened(&reason));
            (command, reason, wire::INFO_TEXT)
        }
        Exchange::Report => {
            (format!("echo Monitoring message failed: {}", shortened(&reason)), reason, wire::INFO_TEXT)
        }
        _ if is_unknown => (format!("echo Command '{quoted}' not recoginzed"), text.to_owned(), wire::INFO_TEXT),
        _ if is_refused(error.code) => (format!("echo Command '{quoted}' refused"), reason, wire::INFO_TEXT),
        Exchange::Query | Exchange::Event => (wire::ECHO.to_owned(), text.to_owned(), wire::INFO_TEXT),
        Exchange::Closed => (format!("echo Command '{quoted}' failed"), reason, wire::INFO_TEXT),
    };
    let code = match (exchange, error.code) {
        _ if is_unknown => Code::UNRECOGNIZED,
        // A policy that was cut on its way, as nodes see it; a large one came whole (reference/tcp-protocol 15.12).
        (Exchange::PolicyPush, Code::BRACKETS) if !request.is_large => Code::BLOCKCHAIN_FAILED,
        (_, code) => code,
    };
    let flag = if command == wire::ECHO { wire::REPLY_TEXT } else { 0 };
    let header = Header { info, error: code.0, flag, ..header };
    Outgoing { header, command, data: reason.into(), rule: Rule::Reply }
}

/// Tells whether a command was refused, and not failed.
const fn is_refused(code: Code) -> bool {
    matches!(code, Code::REMOTE_NOT_SUPPORTED | Code::UNAUTHORIZED)
}

/// Returns the second word of a command.
fn second_word(command: &str) -> &str {
    command.split_ascii_whitespace().nth(1).unwrap_or_default()
}

/// Cuts a text that an answer repeats.
fn shortened(text: &str) -> &str {
    beginning(text, QUOTED)
}

/// Returns the beginning of a text, so many bytes of it at most.
fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command::select, peer::wire::*};
    use anylog_block::Job;

    fn ask(command: &str, id: u32, outcome: Result<Reply, Error>) -> Vec<Outgoing> {
        let header = Header { job: Job { slot: 3, id }, receivers: 1, partitions: 1, ..Header::default() };
        let request = PeerRequest { header, command: command.to_owned(), is_large: false };
        answers(&request, select(command).exchange(), outcome, &ReturnAddress::new("127.0.0.1", 1), 3)
    }

    fn one(command: &str, id: u32, outcome: Result<Reply, Error>) -> (String, String, u16, u8, u16) {
        let all = ask(command, id, outcome);
        let [answer] = all.as_slice() else { panic!("{} answers to {command}", all.len()) };
        let head = &answer.header;
        assert_eq!((head.job.slot, head.job.id, head.receivers, head.partitions), (3, id, 1, 1));
        let text = String::from_utf8(answer.data.to_vec()).unwrap();
        (answer.command.clone(), text, head.error, head.info, head.flag)
    }

    fn text(text: &str) -> Result<Reply, Error> {
        Ok(Reply::Text(text.to_owned()))
    }

    #[test]
    fn questions_are_answered_by_print() {
        for id in [0, 7] {
            assert_eq!(one("get status", id, text("up")), ("print".to_owned(), "up".to_owned(), 0, 4, 1));
            assert_eq!(one("blockchain get x", id, Ok(Reply::Empty)), ("print".to_owned(), String::new(), 0, 4, 1));
            assert_eq!(one("blockchain test", id, text("ok")), ("echo".to_owned(), "ok".to_owned(), 0, 4, 1));
        }
        let json = Ok(Reply::Value(serde_json::json!({"a": 1})));
        assert_eq!(one("get status where format = json", 7, json.clone()).4, REPLY_JSON);
        assert_eq!(one("blockchain get x bring.json", 7, json).4, 1);
    }

    #[test]
    fn a_change_is_silent_unless_somebody_waits() {
        assert_eq!(ask("blockchain push {}", 0, Ok(Reply::Empty)), []);
        assert_eq!(one("blockchain push {}", 7, text("Policy x added")).1, "Policy x added");
        assert!(!one("blockchain push {}", 7, Ok(Reply::Empty)).1.is_empty());
    }

    #[test]
    fn every_failure_is_answered_with_its_reason() {
        let failed = |command, code| one(command, 0, Err(Error::with(code, "because")));
        let because = |command: &str, code: u16, info| (command.to_owned(), "because".to_owned(), code, info, 0);
        let push = "echo Blockchain message 'push' failed";
        assert_eq!(failed("blockchain push {}", Code::BLOCKCHAIN_FAILED), because(push, 30, 2));
        let get = "print Blockchain message 'get' failed";
        assert_eq!(failed("blockchain get x where", Code::STRUCTURE), because(get, 2, 2));
        let reason = "Error Command Structure".to_owned();
        assert_eq!(failed("get xyzzy", Code::STRUCTURE), ("echo".to_owned(), reason, 2, 4, 1));
        let unknown = one("xyzzy now", 0, Err(Error::of_kind(ErrorKind::UnknownCommand, "because")));
        assert_eq!((unknown.0.as_str(), unknown.2), ("echo Command 'xyzzy now' not recoginzed", 1));
        assert_eq!(failed("set x = 1", Code::REMOTE_NOT_SUPPORTED).2, 224);
        assert_eq!(failed("sql a b", Code::WRONG_DBMS), because("job reply", 5, 4));
        assert_eq!(failed("info table a b exists", Code::WRONG_DBMS), because("job reply", 5, 2));
        assert_eq!(failed("blockchain push {", Code::BRACKETS).2, 30);
        let file = "echo 'File get' operation failed: <because>";
        assert_eq!(failed("file get /etc/passwd x", Code::FILE_NOT_AUTHORIZED), because(file, 294, 4));
    }

    #[test]
    fn rows_of_a_query_are_segments() {
        let rows = |layout| {
            let (columns, rows) = (vec!["a".to_owned()], vec![vec![serde_json::json!(1)]]);
            ask("sql blockchain select 1", 7, Ok(Reply::Rows(Rows { columns, rows, layout, elapsed: None })))
        };
        let all = rows(RowLayout::Json);
        let head = &all[0].header;
        assert_eq!((all[0].command.as_str(), head.info, head.structure), (JOB_REPLY, INFO_ROWS, DATA_SEGMENTS));
        let blocks: Vec<_> = all[0].blocks().unwrap().map(|block| (block.header.rows, block.header.last)).collect();
        assert_eq!(blocks, [(1, true)]);
        assert_eq!(all[0].data.to_vec(), b"\0\x15\0{\"Query\":[{\"0\":\"1\"}]}");
        assert_eq!(rows(RowLayout::List)[0].data.to_vec(), b"[{\"a\":1}]");
    }

    #[test]
    fn deliveries_keep_the_type_of_their_file() {
        assert_eq!(delivery_name("/a/blockchain.new", 3), "/a/blockchain.master_id_3.new");
        assert_eq!(delivery_name("ledgerfile", 5), "ledgerfile.master_id_5");
        assert_eq!(delivery_name("/a.b/ledger", 9), "/a.b/ledger.master_id_9");
    }

    #[test]
    fn a_copy_is_a_file_and_a_line_for_whoever_traces() {
        let copy = |bytes: Option<LedgerBytes>, is_traced| LedgerCopy {
            destination: "x.new".to_owned(),
            kind: CopyKind::Ledger,
            md5: "0ab".to_owned(),
            generation: 1,
            bytes,
            is_traced,
        };
        let sent = |copy| ask("event get_blockchain x.new 0 0", 0, Ok(Reply::Copy(copy)));
        assert_eq!(sent(copy(None, false)), []);
        let unchanged = sent(copy(None, true));
        assert_eq!(unchanged[0].command, "print Master\tProcess:\tHash\tvalue\tof\tledger\twas\tnot\tchanged:\t'0ab'");
        let plain = LedgerBytes::Plain(Arc::default());
        let both = sent(copy(Some(plain.clone()), true));
        let commands: Vec<_> = both.iter().map(|message| message.command.as_str()).collect();
        let trace = "print Master\tcopied\tblockchain\tfile\twith\thash\tvalue:\t0ab";
        assert_eq!(commands, ["file write x.master_id_3.new", trace]);
        let file = (both[0].header.flag, both[0].rule.clone(), both[0].data.to_vec());
        assert_eq!(file, (FILE_LEDGER, Rule::File, b"\n".to_vec()));
        let packed = sent(copy(Some(LedgerBytes::Packed(Arc::default())), false));
        assert_eq!(packed[0].command, "file write x.master_id_3.new.gz");
        let seed = sent(LedgerCopy { kind: CopyKind::File, ..copy(Some(plain), false) });
        assert_eq!((seed[0].command.as_str(), seed[0].header.flag), ("file write x.new", FILE_PLAIN));
    }

    #[test]
    fn a_refusal_keeps_no_more_of_its_reason_than_it_sends() {
        let long = Error::with(Code::JSON, "é".repeat(CONTENT));
        let [answer] = ask("blockchain push x", 0, Err(long)).try_into().unwrap();
        assert_eq!(answer.data.len(), CONTENT - 1, "a character is not cut");
        assert_eq!(answer.blocks().unwrap().count(), 1);
    }

    #[test]
    fn a_hostile_command_is_not_repeated_in_full() {
        let long = "é".repeat(5000);
        let all = ask(&long, 0, Err(Error::of_kind(ErrorKind::UnknownCommand, "because")));
        assert!(all[0].command.len() < 600 && all[0].blocks().is_ok());
    }
}
