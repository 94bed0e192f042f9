//! `create table`: the table of the ledger (reference/command-language 12.1).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::resolved, parsed},
    ledger,
    node::{LEDGER_DBMS, Node, Session},
    reply::{Code, Error, Reply},
    script::{Key, where_list},
};
use async_trait::async_trait;
use std::sync::Arc;

/// `create table TABLE where dbms = DBMS`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CreateTable {
    dbms: String,
    table: String,
}

/// The command of this file.
pub(super) const ENTRIES: &[Entry] = &[Entry::change(
    "create table",
    parse,
    Help {
        usage: "create table ledger where dbms = blockchain",
        text: "Creates the table of the ledger with its indexes; nothing changes when it is there.",
        examples: &["create table ledger where dbms = blockchain"],
        index: &["dbms"],
    },
)];

fn parse(line: &Line<'_>) -> Parsed {
    let (table, list) = match line.arguments() {
        [table, by, list @ ..] if by.is("where") && !list.is_empty() => (table, list),
        _ => return Err(Error::with(Code::STRUCTURE, "write 'create table ledger where dbms = blockchain'")),
    };
    let arguments = where_list(list, line.scope, &[Key::text("dbms").required()])?;
    let dbms = arguments.text("dbms").unwrap_or_default().to_owned();
    parsed(CreateTable { dbms, table: resolved(line, &table.text) })
}

#[async_trait]
impl Command for CreateTable {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        create(node, session, &self.dbms, &self.table).await
    }
}

async fn create(node: &Node, session: &Session, dbms: &str, table: &str) -> Result<Reply, Error> {
    let failed = |detail: String| Error::with(Code::PROCESS_FAILURE, detail);
    if table != "ledger" {
        return Err(failed(format!(
            "table '{table}': a master creates the table ledger alone; others belong to operators"
        )));
    }
    if dbms != LEDGER_DBMS || node.databases.get(dbms).is_none() {
        return Err(failed(format!(
            "dbms '{dbms}': the ledger is in '{LEDGER_DBMS}'; connect it with 'connect dbms {LEDGER_DBMS} where type = sqlite'"
        )));
    }
    let created = async {
        node.ledger.create_table().await?;
        node.decide_for_script(session).await
    };
    created.await.map_err(|error: ledger::Error| failed(error.to_string()))?;
    Ok(Reply::Empty)
}
