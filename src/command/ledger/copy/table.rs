//! `blockchain create table`, `blockchain drop table`: the ledger's table in the database.

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, options::nothing_more, parsed},
        ledger::{caller, copy::admin_entry},
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Creates or drops the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LedgerTable {
    /// `blockchain create table`.
    Create,
    /// `blockchain drop table`.
    Drop,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    admin_entry(
        "blockchain create table",
        |line| parse(line, LedgerTable::Create),
        "blockchain create table",
        "Creates the ledger table if it is not there.",
        &["blockchain create table"],
    ),
    admin_entry(
        "blockchain drop table",
        |line| parse(line, LedgerTable::Drop),
        "blockchain drop table",
        "Deletes the ledger table with all its policies.",
        &["blockchain drop table"],
    ),
];

fn parse(line: &Line<'_>, command: LedgerTable) -> Parsed {
    nothing_more(line).and_then(|()| parsed(command))
}

#[async_trait]
impl Command for LedgerTable {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Create => {
                node.ledger.create_table().await?;
                node.decide_for_script(session).await?;
            }
            Self::Drop => {
                if !node.ledger.table_exists().await? {
                    return Err(Error::with(Code::NOT_DECLARED, "there is no ledger table to drop"));
                }
                node.ledger.drop_table(caller::author(session)).await?;
            }
        }
        Ok(Reply::Empty)
    }
}
