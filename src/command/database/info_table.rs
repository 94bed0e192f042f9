//! `info table`: whether a table is in a database, and its columns there (reference/command-language 12.1).

use crate::{
    command::{
        database::connected::{connected, unreachable},
        engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, options::resolved, parsed},
    },
    node::{Node, Origin, Session},
    reply::{Code, Error, Notice, Reply, Table},
};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// A question about a table of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InfoTable {
    /// Logical name of the database.
    dbms: String,
    /// Name of the table.
    table: String,
    what: What,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// `info table DBMS TABLE exists`; printed when nobody takes the result.
    Exists {
        /// True when the result is assigned.
        assigned: bool,
    },
    /// `info table DBMS TABLE columns`.
    Columns {
        /// True when the result is assigned.
        assigned: bool,
    },
}

/// The command of this file.
pub(super) const ENTRIES: &[Entry] = &[Entry::read(
    "info table",
    parse,
    Help {
        usage: "info table [dbms] [table] [exists/columns]",
        text: "Tells whether a table is there, or which columns it has.",
        examples: &["info table blockchain ledger exists", "x = info table blockchain ledger exists"],
        index: &["dbms"],
    },
)
.with(Traits::CHANGE.over_tcp(Exchange::TableInfo))];

fn parse(line: &Line<'_>) -> Parsed {
    let [dbms, table, what] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write 'info table [dbms] [table] exists' or '… columns'"));
    };
    let what = match what.text.as_str() {
        "exists" => What::Exists { assigned: line.assigned.is_some() },
        "columns" => What::Columns { assigned: line.assigned.is_some() },
        other => return Err(Error::with(Code::STRUCTURE, format!("Type of info not recognized: {other}"))),
    };
    parsed(InfoTable { dbms: resolved(line, &dbms.text), table: resolved(line, &table.text), what })
}

#[async_trait]
impl Command for InfoTable {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let connection = connected(node, &self.dbms)?;
        match self.what {
            What::Exists { assigned } => {
                let tables = connection.tables().await.map_err(|error| unreachable(&error))?;
                let exists = Reply::Text(tables.contains(&self.table).to_string());
                // A step of the boot takes the result itself.
                if assigned || session.origin.is_remote() || session.origin == Origin::Plan {
                    return Ok(exists);
                }
                session.output.notice(&Notice::Printed(exists));
                Ok(Reply::Empty)
            }
            What::Columns { assigned } => {
                let columns = connection.columns(&self.table).await.map_err(|error| unreachable(&error))?;
                self.columns(columns, assigned || matches!(session.origin, Origin::Peer { .. }))
            }
        }
    }
}

impl InfoTable {
    /// Shows the columns of the table; other nodes and variables get them as JSON.
    fn columns(&self, columns: Vec<(String, String)>, as_json: bool) -> Result<Reply, Error> {
        let Self { dbms, table, .. } = self;
        if as_json && !columns.is_empty() {
            let column = |(name, kind)| json!({"column_name": name, "data_type": kind});
            let list: Vec<_> = columns.into_iter().map(column).collect();
            return Ok(Reply::written(json!({format!("Structure.{dbms}.{table}"): list}).to_string()));
        }
        if columns.is_empty() {
            return Err(Error::with(Code::NO_METADATA, format!("Table '{table}' in DBMS '{dbms}' not defined")));
        }
        let rows = columns.into_iter().map(|(name, kind)| vec![json!(name), json!(kind)]).collect();
        Ok(Reply::Table(Table::new(["Column Name", "Column Type"], rows)))
    }
}
