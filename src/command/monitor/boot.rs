//! `get boot`: what the boot did, step by step.

use crate::{
    command::engine::{Access, Built, Command, Entry, Help, Line, Parsed, parsed},
    node::{BootCommand, BootStep, Node, Session},
    reply::{Code, Error, Reply, Table},
    script::{Key, where_list},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// A question about the boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// As a table.
    Table,
    /// As a list of steps.
    Json,
}

#[async_trait]
impl Command for Boot {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let steps = node.boot.steps();
        Ok(match *self {
            Self::Table => Reply::Table(table(&steps)),
            Self::Json => Reply::Value(steps.iter().map(step_value).collect()),
        })
    }
}

fn table(steps: &[BootStep]) -> Table {
    let rows = steps.iter().flat_map(|step| {
        let outcome = step.outcome.clone().unwrap_or_else(|| "running".to_owned());
        let first = row(step.name, "", &outcome, step.time);
        std::iter::once(first).chain(step.commands.iter().map(|c| row("", &c.text, &c.outcome, c.time)))
    });
    Table::new(["Step", "Command", "Outcome", "ms"], rows.collect())
}

fn row(step: &str, command: &str, outcome: &str, time: Duration) -> Vec<Value> {
    vec![json!(step), json!(command), json!(outcome), json!(format!("{:.1}", milliseconds(time)))]
}

fn step_value(step: &BootStep) -> Value {
    let commands: Vec<Value> = step.commands.iter().map(command_value).collect();
    json!({"step": step.name, "outcome": step.outcome, "ms": milliseconds(step.time), "commands": commands})
}

fn command_value(command: &BootCommand) -> Value {
    json!({"command": command.text, "outcome": command.outcome, "ms": milliseconds(command.time)})
}

/// Returns milliseconds with one digit behind the point.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Asks for the steps as JSON.
#[must_use]
pub fn boot_steps() -> Built {
    Built::new(GET_BOOT, Boot::Json)
}

/// The entry of `get boot`.
const GET_BOOT: &Entry = match ENTRIES {
    [boot, ..] => boot,
    [] => unreachable!(),
};

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = match line.arguments() {
        [] => return parsed(Boot::Table),
        [first, list @ ..] if first.is("where") => where_list(list, line.scope, &[Key::text("format")])?,
        [word, ..] => return Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", word.text))),
    };
    parsed(if arguments.text("format") == Some("json") { Boot::Json } else { Boot::Table })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get boot",
    parse,
    Help {
        usage: "get boot [where format = json]",
        text: "Shows every step of the start with the commands it ran, what came of them and how long they took.",
        examples: &["get boot", "get boot where format = json"],
        index: &["node info"],
    },
)
.reaching(Access::ReadInside)];
