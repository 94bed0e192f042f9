//! `sql DBMS [options] "select …"`: reads a connected database (spec/rest 7.2, 8).

use super::{Code, Command, Entry, Error, Help, Line, Node, Reply, Session, options::resolved};
use crate::{
    ledger,
    script::{Key, Word, WordKind, joined, where_list},
};
use serde_json::{Map, Value};
use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

/// A row: columns in order.
type Row = Map<String, Value>;

/// Reads a connected database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    dbms: String,
    statement: String,
    form: Form,
    statistics: bool,
}

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `{"Query":[…]}`.
    Json,
    /// `[{…},…]`.
    List,
    /// Columns of text.
    Table,
}

impl Sql {
    pub(super) async fn execute(self, node: &Arc<Node>, session: &Session) -> Result<Reply, Error> {
        let missing =
            || Error::with(Code::WRONG_DBMS, format!("Logical DBMS '{}' not opened on Operator Node", self.dbms));
        let connection = node.databases.get(&self.dbms).ok_or_else(missing)?;
        let mode = node.settings.get().query_mode;
        let started = Instant::now();
        let rows = within(mode.timeout, connection.select(&self.statement)).await?;
        let elapsed = started.elapsed();
        let record = format!("[{} ms] [{}] {}", elapsed.as_millis(), self.dbms, self.statement);
        node.events.query(&session.thread, &record);
        let rows = rows.map_err(|error| self.failed(&error))?;
        let text = match self.form {
            Form::Json => json(&rows, self.statistics.then_some(elapsed.as_secs())),
            Form::List => list(&rows),
            Form::Table => table(&rows),
        };
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > mode.max_volume) {
            let limit = mode.max_volume;
            let detail =
                format!("the result has {} bytes, 'set query mode using max_volume' allows {limit}", text.len());
            return Err(Error::with(Code::SQL_FAILURE, detail));
        }
        Ok(Reply::Text(text))
    }

    fn failed(&self, error: &ledger::Error) -> Error {
        let text = error.to_string();
        let unknown = text.contains("no such table") || text.contains("relation") && text.contains("does not exist");
        let code = if unknown { Code::NO_METADATA } else { Code::SQL_FAILURE };
        Error::with(code, format!("dbms '{}': {text}", self.dbms))
    }
}

/// Waits for a query as long as `set query mode using timeout` allows; 0 is no limit.
async fn within<T>(seconds: u64, query: impl Future<Output = T>) -> Result<T, Error> {
    if seconds == 0 {
        return Ok(query.await);
    }
    let late = |_| {
        let detail = format!("no result in {seconds} seconds, the limit of 'set query mode using timeout'");
        Error::with(Code::SQL_FAILURE, detail)
    };
    tokio::time::timeout(Duration::from_secs(seconds), query).await.map_err(late)
}

fn json(rows: &[Row], seconds: Option<u64>) -> String {
    let time = |seconds: u64| format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rows.is_empty() {
        let time = time(seconds.unwrap_or_default());
        let blanks = " ".repeat(16);
        return format!("\n{{\"Statistics\":[{{\"Count\": 0,\n{blanks}\"Time\":\"{time}\",\n{blanks}\"Nodes\": 0}}]}}");
    }
    let objects: Vec<String> = rows.iter().map(object).collect();
    let statistics = seconds.map_or_else(String::new, |seconds| {
        let (count, time) = (rows.len(), time(seconds));
        format!(",\n\"Statistics\":[{{\"Count\": {count},\"Time\":\"{time}\",\"Nodes\": 0}}]")
    });
    format!("{{\"Query\":[{}]{statistics}}}", objects.join(","))
}

fn list(rows: &[Row]) -> String {
    format!("[{}]", rows.iter().map(object).collect::<Vec<_>>().join(",\n"))
}

fn object(row: &Row) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

/// Writes columns of text; the last one is not padded.
fn table(rows: &[Row]) -> String {
    let Some(first) = rows.first() else { return json(rows, None) };
    let titles: Vec<&String> = first.keys().collect();
    let cell = |row: &Row, title: &str| match row.get(title) {
        None | Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let width = |title: &String| {
        let cells = rows.iter().map(|row| cell(row, title).chars().count());
        cells.chain([title.chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = titles.iter().map(|title| width(title)).collect();
    let pad = |text: &str, at: usize, number: bool| {
        let width = widths.get(at).copied().unwrap_or_default();
        match (number, at + 1 == titles.len()) {
            (true, _) => format!("{text:>width$} "),
            (false, true) => text.to_owned(),
            (false, false) => format!("{text:<width$} "),
        }
    };
    let mut text = String::from("\n");
    text.extend(titles.iter().enumerate().map(|(at, title)| pad(title, at, false)));
    text.push('\n');
    text.extend(widths.iter().map(|width| format!("{} ", "-".repeat(*width))));
    for row in rows {
        text.push('\n');
        let is_number = |title: &String| row.get(title).is_some_and(Value::is_number);
        text.extend(titles.iter().enumerate().map(|(at, title)| pad(&cell(row, title), at, is_number(title))));
    }
    text.push('\n');
    text
}

const KEYS: [Key; 3] = [Key::text("format"), Key::bool("stat"), Key::text("timezone")];

fn parse(line: &Line<'_>) -> Result<Command, Error> {
    let Some((dbms, rest)) = line.arguments().split_first() else {
        return Err(Error::with(Code::STRUCTURE, "write 'sql [dbms] \"select …\"'"));
    };
    let (options, statement) = statement(rest)?;
    let arguments = where_list(options, line.scope, &KEYS)?;
    let form = match arguments.text("format") {
        None | Some("json") => Form::Json,
        Some("json:list") => Form::List,
        Some("table") => Form::Table,
        Some(other) => {
            return Err(Error::with(Code::STRUCTURE, format!("format '{other}' is not json, json:list or table")));
        }
    };
    let statistics = arguments.bool("stat").unwrap_or(true);
    Ok(Command::Sql(Sql { dbms: resolved(line, &dbms.text), statement, form, statistics }))
}

/// Divides the words into options and the statement, which is the last quoted word or begins with `select`.
fn statement(words: &[Word]) -> Result<(&[Word], String), Error> {
    if let Some((last, options)) = words.split_last().filter(|(last, _)| last.kind == WordKind::Quoted) {
        return Ok((options, last.text.clone()));
    }
    let at = words.iter().position(|word| word.text.eq_ignore_ascii_case("select"));
    let at = at.ok_or_else(|| Error::with(Code::SQL_FAILURE, "only SELECT is offered; write it in double quotes"))?;
    let (options, statement) = words.split_at(at);
    Ok((options, joined(statement)))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "sql",
    parse,
    Help {
        usage: "sql [dbms] [format = json|json:list|table and stat = true/false] \"select …\"",
        text: "Reads a connected database of this node. Only one SELECT is taken, with a limit of rows and of time.",
        examples: &["sql blockchain format = table \"select policy_type, policy_id from ledger\""],
        index: &["dbms", "query"],
    },
)
.at_least(3)];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows() -> Vec<Row> {
        let rows = [json!({"policy_type": "cluster", "n": 7}), json!({"policy_type": "op", "n": null})];
        rows.into_iter().map(|row| row.as_object().cloned().unwrap()).collect()
    }

    #[test]
    fn rows_are_compact_json() {
        let expected = "{\"Query\":[{\"policy_type\":\"cluster\",\"n\":7},{\"policy_type\":\"op\",\"n\":null}],\n\
                        \"Statistics\":[{\"Count\": 2,\"Time\":\"00:00:00\",\"Nodes\": 0}]}";
        assert_eq!(json(&rows(), Some(0)), expected);
        assert!(list(&rows()).starts_with("[{\"policy_type\":\"cluster\",\"n\":7},\n{"));
    }

    #[test]
    fn columns_are_as_wide_as_their_longest_text() {
        let mut rows = rows();
        rows.iter_mut().for_each(|row| drop(row.shift_remove("n")));
        assert_eq!(table(&rows), "\npolicy_type\n----------- \ncluster\nop\n");
    }
}
