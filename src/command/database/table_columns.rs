//! Columns of a table as its policy declares them (reference/rest 10).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::options, parsed},
    node::{Node, Session},
    policy::Known,
    reply::{Code, Error, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// `get columns`: what a table policy says of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    dbms: String,
    table: String,
    form: ColumnsLayout,
    system: bool,
    types: Vec<String>,
}

/// How the columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnsLayout {
    Table,
    /// An object: the name of each column with its type.
    Json,
    /// Names alone, one object each, as Grafana reads them.
    List,
    /// One object with name and type per column.
    Mcp,
}

impl ColumnsLayout {
    /// Reads the value of `format`; any other word means the table, as clients know it.
    fn named(word: Option<&str>) -> Self {
        match word {
            Some("json") => Self::Json,
            Some("list") => Self::List,
            Some("mcp") => Self::Mcp,
            _ => Self::Table,
        }
    }
}

/// Columns that every table of the network begins with.
const SYSTEM_COLUMNS: usize = 4;

#[async_trait]
impl Command for Columns {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        let policy = Known::named(&*view, "table", &self.table).find(|policy| policy.has("dbms", &self.dbms));
        let unknown = || {
            let detail = format!("no policy describes the table '{}' of dbms '{}'", self.table, self.dbms);
            Error::with(Code::TABLE_NOT_DECLARED, detail)
        };
        let all = policy.and_then(|policy| columns(policy.text("create")?)).ok_or_else(unknown)?;
        let skipped = if self.system { 0 } else { SYSTEM_COLUMNS };
        let wanted = |kind: &str| self.types.is_empty() || self.types.iter().any(|wanted| wanted == kind);
        let list: Vec<(String, String)> = all.into_iter().skip(skipped).filter(|(_, kind)| wanted(kind)).collect();
        Ok(match self.form {
            ColumnsLayout::Json => {
                Reply::Value(Value::Object(list.into_iter().map(|(name, kind)| (name, json!(kind))).collect()))
            }
            ColumnsLayout::List => Reply::Value(list.iter().map(|(name, _)| json!({"column": name})).collect()),
            ColumnsLayout::Mcp => {
                Reply::Value(list.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect())
            }
            ColumnsLayout::Table => {
                let rows = list.into_iter().map(|(name, kind)| vec![json!(name), json!(kind)]).collect();
                let header = format!("Schema for DBMS: '{}' and Table: '{}'", self.dbms, self.table);
                let titles = ["Column Name", "Column Type"].map(str::to_owned).to_vec();
                Reply::Table(Table { header: Some(header), titles, rows, ..Table::default() })
            }
        })
    }
}

/// Reads names and types of the columns from the `create` text of a table policy.
fn columns(create: &str) -> Option<Vec<(String, String)>> {
    let open = create.find('(')?;
    let inner = create.get(open + 1..)?;
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => {
                parts.push(inner.get(start..at)?);
                return parts.into_iter().map(column).collect();
            }
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(inner.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

fn column(text: &str) -> Option<(String, String)> {
    let (name, rest) = text.trim().split_once(char::is_whitespace)?;
    let rest = rest.trim_start().to_lowercase();
    let end = rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let size = if after.starts_with('(') { after.split_inclusive(')').next().unwrap_or_default() } else { "" };
    let kind = match (word, size) {
        ("", _) => return None,
        ("serial", "") => "integer".to_owned(),
        ("timestamp", "") => "timestamp without time zone".to_owned(),
        ("varchar", "") => "character varying".to_owned(),
        _ => format!("{word}{}", size.replace(' ', "")),
    };
    Some((name.to_owned(), kind))
}

fn parse_columns(line: &Line<'_>) -> Parsed {
    let keys = [
        Key::text("dbms").required(),
        Key::text("table").required(),
        Key::text("format"),
        Key::bool("sys_col"),
        Key::text("type").many(),
    ];
    let arguments = options(line, &keys)?;
    let text = |key: &str| arguments.text(key).unwrap_or_default().to_owned();
    parsed(Columns {
        dbms: text("dbms"),
        table: text("table"),
        form: ColumnsLayout::named(arguments.text("format")),
        system: arguments.bool("sys_col").unwrap_or(true),
        types: arguments.texts("type").map(str::to_owned).collect(),
    })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get columns",
    parse_columns,
    Help {
        usage: "get columns where dbms = X and table = X [and format = table/json/list/mcp and sys_col = true/false and type = T]",
        text: "Lists the columns of a table as its policy declares them.",
        examples: &["get columns where dbms = my_dbms and table = my_table and format = json"],
        index: &["metadata", "data"],
    },
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_columns_from_the_create_text() {
        let create = "CREATE TABLE IF NOT EXISTS rand_data(  row_id SERIAL PRIMARY KEY,  insert_timestamp TIMESTAMP NOT NULL DEFAULT NOW(),  tsd_name CHAR(3),  value decimal(10, 2) ); CREATE INDEX i ON rand_data(timestamp);";
        let expected = [
            ("row_id", "integer"),
            ("insert_timestamp", "timestamp without time zone"),
            ("tsd_name", "char(3)"),
            ("value", "decimal(10,2)"),
        ];
        let found = columns(create).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(name, kind)| (name.as_str(), kind.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(columns("CREATE TABLE x"), None);
    }
}
