//! `sql DBMS [options] "select …"`: reads a connected database (reference/rest 7.2, 8).

use crate::{
    command::engine::{Access, Command, Entry, Exchange, Help, Line, Parsed, Traits, Verbs, options::resolved, parsed},
    ledger::{self, Engine, ReadLimits, StatementError},
    node::{Node, QueryMode, Session, caller_address},
    reply::{Code, Error, Reply, RowLayout, Rows},
    runtime::limits::{SQL_BYTES, SQL_TIME},
    script::{Key, Word, WordKind, joined, where_list},
};
use async_trait::async_trait;
use serde_json::{Map, Value};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Reads a connected database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    dbms: String,
    statement: String,
    layout: RowLayout,
    statistics: bool,
    /// The option that only queries of a network have, if one was given.
    network: Option<&'static str>,
}

#[async_trait]
impl Command for Sql {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let missing =
            || Error::known(Code::WRONG_DBMS, format!("Logical DBMS '{}' not opened on Operator Node", self.dbms));
        let connection = node.databases.get(&self.dbms).ok_or_else(missing)?;
        if let Some(option) = self.network {
            let detail = format!("'{option}' is for queries of a network; a table of this node is read without it");
            return Err(Error::known(Code::STRUCTURE, detail));
        }
        let mode = node.settings.get().query_mode;
        let limits = limits(&mode);
        let started = Instant::now();
        let rows = connection.select(caller_address(session), &self.statement, limits).await;
        let elapsed = started.elapsed();
        let record = format!("[{} ms] [{}] {}", elapsed.as_millis(), self.dbms, self.statement);
        node.events.query(&session.thread, &record, elapsed);
        let mut rows = rows.map_err(|error| self.failed(&error, connection.engine()))?;
        rows.iter_mut().flat_map(Map::values_mut).for_each(format_timestamp);
        Ok(Reply::Rows(Rows {
            columns: rows.first().map(|row| row.keys().cloned().collect()).unwrap_or_default(),
            rows: rows.into_iter().map(|row| row.into_iter().map(|(_, value)| value).collect()).collect(),
            layout: self.layout,
            elapsed: self.statistics.then_some(elapsed),
        }))
    }
}

/// Returns what `set query mode` allows, and never more than the node does; no time is no limit of it.
fn limits(mode: &QueryMode) -> ReadLimits {
    let time = Some(Duration::from_secs(mode.timeout)).filter(|time| !time.is_zero()).unwrap_or(SQL_TIME);
    ReadLimits { bytes: mode.max_volume.min(SQL_BYTES), time: time.min(SQL_TIME) }
}

impl Sql {
    /// Describes a statement that failed; what it names and nobody knows is told as clients know it.
    fn failed(&self, error: &ledger::Error, engine: Engine) -> Error {
        let dbms = &self.dbms;
        match error {
            ledger::Error::Statement(StatementError::UnknownTable(name)) => {
                let detail = format!("Table '{name}' in DBMS '{dbms}' not defined (using '{engine}')");
                Error::known(Code::NO_METADATA, detail)
            }
            ledger::Error::Statement(StatementError::UnknownColumn(name)) => {
                let mut words = self.statement.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("from"));
                let table = words.nth(1).unwrap_or("ledger").trim_end_matches([';', ',']);
                let detail = format!("Non supported SQL: Column '{name}' is not recognized in table: {dbms}.{table}");
                Error::known(Code::SQL_PARSE, detail)
            }
            other => Error::known(Code::SQL_FAILURE, format!("dbms '{dbms}': {other}")),
        }
    }
}

/// Writes a time as queries tell it: `2025-01-01 00:00:01.000001`.
fn format_timestamp(value: &mut Value) {
    let Value::String(text) = value else { return };
    let is_time = text.len() >= "2025-01-01T00:00:01".len()
        && text.as_bytes().get(10) == Some(&b'T')
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z'));
    if is_time {
        *text = text.trim_end_matches('Z').replace('T', " ");
    }
}

const KEYS: [Key; 6] = [
    Key::text("format"),
    Key::bool("stat"),
    Key::text("timezone"),
    Key::text("extend").many(),
    Key::text("include").many(),
    Key::text("info").many(),
];

/// Options that say how the nodes of a network answer together.
const NETWORK: [&str; 3] = ["extend", "include", "info"];

fn parse(line: &Line<'_>) -> Parsed {
    let Some((dbms, rest)) = line.arguments().split_first() else {
        return Err(Error::known(Code::STRUCTURE, "write 'sql [dbms] \"select …\"'"));
    };
    let (options, statement) = statement(rest)?;
    let arguments = where_list(options, line.scope, &KEYS)?;
    let layout = match arguments.text("format") {
        None | Some("json") => RowLayout::Json,
        Some("json:list") => RowLayout::List,
        Some("table") => RowLayout::Table,
        Some(other) => {
            return Err(Error::known(Code::WRONG_VALUE, format!("format '{other}' is not json, json:list or table")));
        }
    };
    let statistics = arguments.bool("stat").unwrap_or(true);
    let network = NETWORK.into_iter().find(|option| arguments.has(option));
    parsed(Sql { dbms: resolved(line, &dbms.text), statement, layout, statistics, network })
}

/// Divides the words into options and the statement, which is the last quoted word or begins with `select`.
fn statement(words: &[Word]) -> Result<(&[Word], String), Error> {
    if let Some((last, options)) = words.split_last().filter(|(last, _)| last.kind == WordKind::Quoted) {
        return Ok((options, last.text.clone()));
    }
    if words.is_empty() {
        return Err(Error::known(Code::STRUCTURE, "a statement is expected: write 'sql [dbms] \"select …\"'"));
    }
    let at = words.iter().position(|word| word.text.eq_ignore_ascii_case("select"));
    let at = at.ok_or_else(|| Error::known(Code::SQL_FAILURE, "only SELECT is offered; write it in double quotes"))?;
    let (options, statement) = words.split_at(at);
    Ok((options, joined(statement)))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "sql",
    parse,
    Help {
        usage: "sql [dbms] [format = json/json:list/table and stat = true/false] \"select …\"",
        text: "Reads the tables ledger and policy_history of the ledger's database. One SELECT is taken, with the usual clauses, operators and functions, and with limits of rows, bytes and time. On PostgreSQL it runs as a login of its own.",
        examples: &["sql blockchain format = table \"select policy_type, policy_id from ledger\""],
        index: &["dbms", "query"],
    },
)
.reaching(Access::QueryDatabase)
.with(Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::Rows))];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mode_of_queries_never_allows_more_than_the_node() {
        let mode = QueryMode { timeout: 3, max_volume: 5, ..QueryMode::default() };
        assert_eq!(limits(&mode), ReadLimits { bytes: 5, time: Duration::from_secs(3) });
        let mode = QueryMode { timeout: 0, max_volume: u64::MAX, ..mode };
        assert_eq!(limits(&mode), ReadLimits { bytes: SQL_BYTES, time: SQL_TIME });
        assert_eq!(limits(&QueryMode { timeout: 1000, ..mode }).time, SQL_TIME);
    }

    #[test]
    fn times_are_told_with_a_blank() {
        let formatted = |text: &str| {
            let mut value = json!(text);
            super::format_timestamp(&mut value);
            value
        };
        assert_eq!(formatted("2025-01-01T00:00:01.000001Z"), "2025-01-01 00:00:01.000001");
        assert_eq!(formatted("2025-01-01T00:00:01"), "2025-01-01 00:00:01");
        for other in ["2025-01-01", "THE-TEXT-AT-THE-TOP", "2025-01-01T00:00:01 and more", ""] {
            assert_eq!(formatted(other), other);
        }
    }
}
