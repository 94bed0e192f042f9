//! `get rights`: the table of what each door may do.

use crate::{
    command::engine::{
        Access, Command, Entry, Help, Line, Parsed,
        access::{Permission, permission},
        options::{OutputFormat, only_format},
        parsed,
    },
    node::{Door, Node, Session},
    reply::{Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// `get rights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetRights(OutputFormat);

#[async_trait]
impl Command for GetRights {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match self.0 {
            OutputFormat::Table => Reply::Table(table()),
            OutputFormat::Json => Reply::Value(Access::all().map(row_object).collect()),
        })
    }
}

fn table() -> Table {
    let titles: Vec<&str> = std::iter::once("Command").chain(Door::ALL.map(Door::name)).collect();
    let rows = Access::all().map(|access| {
        let cells = Door::ALL.map(|door| json!(shown(permission(door, access))));
        std::iter::once(json!(access.name())).chain(cells).collect()
    });
    let rows = rows.collect();
    Table { titles: titles.into_iter().map(str::to_owned).collect(), rows, ..Table::default() }
}

fn row_object(access: Access) -> Value {
    let cells = Door::ALL.map(|door| (door.name().to_owned(), json!(shown(permission(door, access)))));
    std::iter::once(("command".to_owned(), json!(access.name()))).chain(cells).collect::<serde_json::Map<_, _>>().into()
}

fn shown(permission: Permission) -> &'static str {
    match permission {
        Permission::Yes => "yes",
        Permission::No => "no",
        Permission::Switch(switch) => switch.name(),
        Permission::Within(limits) => limits,
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(GetRights(format)))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get rights",
    parse,
    Help {
        usage: "get rights [where format = table/json]",
        text: "Shows which kind of command each door may run: yes, no, the variable that opens it, or the limits within \
               which it may. Scripts, tasks and policies that configure may what those may who run or made them.",
        examples: &["get rights", "get rights where format = json"],
        index: &["monitor"],
    },
)];
