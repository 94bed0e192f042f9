//! `get members`, `get members status`: the members' book (reference/tcp-protocol 15).

use crate::{
    command::engine::{
        Access, Built, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, format, nothing_more, options},
        parsed,
    },
    node::{
        Node, NodePolicy, Session,
        members::{Lag, LedgerVersion, Member, MemberFailure, MemberState},
    },
    reply::{Code, Error, Reply, Table},
    runtime::clock,
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{sync::Arc, time::Instant};

/// Blanks in front of the lines of `get members status`, as nodes of the network write them.
const MARGIN: usize = 6;
/// Characters of a version that the table shows.
const VERSION: usize = 8;

/// A question about the members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersCommand {
    /// `get members`.
    Book {
        /// The name in the policy of the node, or the address.
        name: Option<String>,
        /// The state.
        state: Option<MemberState>,
        /// The form.
        format: OutputFormat,
    },
    /// `get members status`.
    Status,
}

/// One member with what the ledger says about it.
struct BookRow {
    member: Member,
    policy: Option<Arc<NodePolicy>>,
    state: MemberState,
    lag: Option<Lag>,
}

#[async_trait]
impl Command for MembersCommand {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let rows = rows(node);
        Ok(match *self {
            Self::Status => Reply::Table(status(&rows)),
            Self::Book { name, state, format } => {
                let wanted = |row: &&BookRow| {
                    name.as_deref().is_none_or(|name| row.is_called(name))
                        && state.is_none_or(|state| row.state == state)
                };
                let rows = rows.iter().filter(wanted);
                match format {
                    OutputFormat::Table => Reply::Table(table(rows)),
                    OutputFormat::Json => Reply::Value(rows.map(BookRow::value).collect()),
                }
            }
        })
    }
}

fn rows(node: &Node) -> Vec<BookRow> {
    let (current, view, now): (LedgerVersion, _, _) = (node.ledger_version(), node.ledger.view(), Instant::now());
    let row = |member: Member| BookRow {
        policy: node.policy_of_member(&view, &member),
        state: member.state(now, &current),
        lag: node.member_lag(&member, &current),
        member,
    };
    node.members.list().into_iter().map(row).collect()
}

impl BookRow {
    /// Tells whether somebody means this member: by its name, whatever its capitals, or by its address.
    fn is_called(&self, name: &str) -> bool {
        let policy = self.policy.as_ref().and_then(|policy| policy.name.as_deref());
        policy.is_some_and(|own| own.to_lowercase() == name.to_lowercase()) || self.member.address.to_string() == name
    }

    fn of_policy(&self, part: fn(&NodePolicy) -> Option<&str>) -> &str {
        self.policy.as_deref().and_then(part).unwrap_or_default()
    }

    /// Returns what went wrong last, unless something has gone well since.
    fn trouble(&self) -> Option<&MemberFailure> {
        let member = &self.member;
        member.refused_policy.as_ref().or_else(|| member.last_error.as_ref().filter(|_| member.failures > 0))
    }

    fn cells(&self) -> Vec<Value> {
        let member = &self.member;
        let version = member.held.as_ref().and_then(|held| held.md5.get(..VERSION)).unwrap_or_default();
        let (changes, seconds) = match self.lag {
            Some(lag) => (json!(lag.changes), json!(lag.time(clock::now()).as_secs())),
            None if member.held.is_some() => (json!(0), json!(0)),
            None => (Value::Null, Value::Null),
        };
        vec![
            json!(member.address.to_string()),
            json!(self.of_policy(|policy| Some(&policy.kind))),
            json!(self.of_policy(|policy| policy.name.as_deref())),
            json!(self.of_policy(|policy| policy.company.as_deref())),
            json!(self.state.as_str()),
            json!(version),
            changes,
            seconds,
            json!(member.requests),
            json!(member.deliveries),
            json!(member.pushes),
            json!(member.bytes),
            json!(member.failures),
            json!(clock::seconds(member.last_seen)),
            json!(self.trouble().map_or("", |trouble| &trouble.reason)),
        ]
    }

    fn value(&self) -> Value {
        let member = &self.member;
        let failure =
            |failure: &MemberFailure| json!({"time": failure.time.to_string(), "reason": failure.reason.clone()});
        let policy = self.policy.as_deref();
        json!({
            "address": member.address.to_string(),
            "callers": member.callers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "known": member.is_known,
            "type": policy.map(|policy| &policy.kind),
            "name": policy.and_then(|policy| policy.name.as_ref()),
            "company": policy.and_then(|policy| policy.company.as_ref()),
            "policy": policy.map(|policy| &policy.id),
            "state": self.state.as_str(),
            "version": member.held.as_ref().map(|held| {
                json!({"md5": held.md5, "generation": held.generation, "since": held.since.to_string()})
            }),
            "behind": self.lag.map(|lag| {
                json!({"changes": lag.changes, "seconds": lag.time(clock::now()).as_secs_f64(), "since": lag.since.to_string()})
            }),
            "first_seen": member.first_seen.to_string(),
            "last_seen": member.last_seen.to_string(),
            "requests": member.requests,
            "file": member.file,
            "hash": member.hash,
            "deliveries": member.deliveries,
            "pushes": member.pushes,
            "bytes": member.bytes,
            "compression": member.compression.as_str(),
            "failures": member.failures,
            "last_error": member.last_error.as_ref().map(failure),
            "refused_policy": member.refused_policy.as_ref().map(failure),
        })
    }
}

fn table<'a>(rows: impl Iterator<Item = &'a BookRow>) -> Table {
    Table::new(
        [
            "Address",
            "Type",
            "Name",
            "Company",
            "State",
            "Version",
            "Changes\nbehind",
            "Seconds\nbehind",
            "Requests",
            "Deliveries",
            "Pushes",
            "Bytes",
            "Failures\nin a row",
            "Last seen",
            "Trouble",
        ],
        rows.map(BookRow::cells).collect(),
    )
}

/// The table of the network: whether each of them answers, and since when that has been known.
fn status(rows: &[BookRow]) -> Table {
    let row = |row: &BookRow| {
        let member = &row.member;
        let is_away = matches!(row.state, MemberState::Silent | MemberState::Failing);
        let time =
            member.last_error.as_ref().filter(|_| member.failures > 0).map_or(member.last_seen, |last| last.time);
        let status = if is_away { "not_responding" } else { "active" };
        vec![json!(member.address.to_string()), json!(status), json!(clock::date(time))]
    };
    let rows = rows.iter().map(row).collect();
    Table { margin: MARGIN, ..Table::new(["Address", "Status", "Recorded time"], rows) }
}

fn book(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("name"), Key::text("state"), Key::format("format")])?;
    let state = arguments.text("state").map(state).transpose()?;
    parsed(MembersCommand::Book { name: arguments.text("name").map(str::to_owned), state, format: format(&arguments) })
}

fn state(text: &str) -> Result<MemberState, Error> {
    let words = MemberState::ALL.map(MemberState::as_str);
    MemberState::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| {
        Error::with(Code::STRUCTURE, format!("'{text}' is no state of a member: write {}", words.join(", ")))
    })
}

/// Asks for the whole book as JSON.
#[must_use]
pub fn member_book() -> Built {
    Built::new(BOOK, MembersCommand::Book { name: None, state: None, format: OutputFormat::Json })
}

/// The entry of `get members`.
const BOOK: &Entry = match ENTRIES {
    [book, ..] => book,
    [] => unreachable!(),
};

/// Words by which `help index` finds the commands.
const INDEX: &[&str] = &["monitor", "network", "blockchain"];

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read(
        "get members",
        book,
        Help {
            usage: "get members [where name = [name/ip:port] and state = current/behind/unknown/silent/failing and format = table/json]",
            text: "Lists the nodes that ask this one for the ledger: who they are by their policy, which version they hold, how far they are behind, what they were sent and what went wrong.",
            examples: &["get members", "get members where format = json", "get members where state = failing"],
            index: INDEX,
        },
    )
    .reaching(Access::ReadInside),
    Entry::read(
        "get members status",
        |line| nothing_more(line).and_then(|()| parsed(MembersCommand::Status)),
        Help {
            usage: "get members status",
            text: "Lists the nodes that ask this one for the ledger, whether they can be reached, and when that was found.",
            examples: &["get members status"],
            index: INDEX,
        },
    )
    .reaching(Access::ReadInside),
];
