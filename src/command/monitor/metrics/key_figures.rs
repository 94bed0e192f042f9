//! `get figures`: the figures that people look at first, in words and with their units. Monitoring reads all of them
//! (`get metrics`).

use super::process::ProcessFigures;
use crate::{
    command::engine::{
        Built, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, only_format},
        parsed,
    },
    node::{Node, Session, members::MemberState},
    reply::{Error, Reply, Table},
    runtime::clock,
    telemetry,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// One figure for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyFigure {
    /// What it is about, for example `Ledger`.
    pub group: String,
    /// What it tells, in words.
    pub name: String,
    /// A number, or true and false.
    pub value: Value,
    /// What is counted.
    pub unit: FigureUnit,
}

/// What a number of a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FigureUnit {
    /// Things: the name says which.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Yes or no.
    State,
}

impl FigureUnit {
    /// Returns the word behind the number; empty where the name says all.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count | Self::State => "",
            Self::Bytes => "bytes",
            Self::Seconds => "seconds",
        }
    }
}

/// `get figures`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeyFigures(OutputFormat);

#[async_trait]
impl Command for KeyFigures {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        node.look_at_the_disk().await;
        let figures = figures(node);
        Ok(match self.0 {
            OutputFormat::Table => {
                let row = |one: KeyFigure| vec![json!(one.group), json!(one.name), one.value, json!(one.unit.as_str())];
                let rows = figures.into_iter().map(row).collect();
                Reply::Table(Table::new(["About", "Figure", "Value", "Unit"], rows))
            }
            OutputFormat::Json => Reply::Value(figures.into_iter().map(|one| json!(one)).collect()),
        })
    }
}

/// Takes the figures of this moment.
fn figures(node: &Node) -> Vec<KeyFigure> {
    let mut list = FigureList::default();
    of_node(&mut list, node);
    of_ledger(&mut list, node);
    of_members(&mut list, node);
    of_doors(&mut list, node);
    of_services(&mut list, node);
    of_machine(&mut list, node);
    list.0
}

#[derive(Debug, Default)]
struct FigureList(Vec<KeyFigure>);

impl FigureList {
    fn add(&mut self, (group, name): (&str, &str), unit: FigureUnit, value: impl Into<Value>) {
        self.0.push(KeyFigure { group: group.to_owned(), name: name.to_owned(), value: value.into(), unit });
    }

    fn count(&mut self, name: (&str, &str), value: impl Into<Value>) {
        self.add(name, FigureUnit::Count, value);
    }
}

fn of_node(list: &mut FigureList, node: &Node) {
    const NODE: &str = "Node";
    list.add((NODE, "May be given work"), FigureUnit::State, node.health_report().is_ready());
    if let Some(figures) = ProcessFigures::read() {
        if let Some(started) = figures.started {
            let now = clock::now().as_duration().as_secs_f64();
            list.add((NODE, "Running for"), FigureUnit::Seconds, (now - started).max(0.0).round());
        }
        list.add((NODE, "Time of processors since the start"), FigureUnit::Seconds, figures.cpu_seconds);
        list.add((NODE, "Memory"), FigureUnit::Bytes, figures.resident);
        if let Some(open) = figures.open_files {
            list.count((NODE, "Files and connections that are open"), open);
        }
    }
    for (level, lines) in telemetry::log_lines() {
        match level {
            "error" => list.count((NODE, "Errors in the log since the start"), lines),
            "warn" => list.count((NODE, "Warnings in the log since the start"), lines),
            _ => {}
        }
    }
}

fn of_ledger(list: &mut FigureList, node: &Node) {
    const LEDGER: &str = "Ledger";
    let (attached, silent) = (node.ledger.is_attached(), node.ledger.silence().is_some());
    list.add((LEDGER, "The database answers"), FigureUnit::State, attached && !silent);
    let view = node.ledger.view();
    list.count((LEDGER, "Policies"), view.len());
    list.add((LEDGER, "Texts of all policies"), FigureUnit::Bytes, view.bytes());
    list.add((LEDGER, "Texts of all policies, at most"), FigureUnit::Bytes, node.ledger.quota());
    let changes = node.ledger.figures();
    list.count((LEDGER, "Changes that were made since the start"), changes.made());
    list.count((LEDGER, "Changes that a rule refused since the start"), changes.refused());
    list.count((LEDGER, "Changes that wait for the writer"), node.ledger.waiting().0);
    list.count((LEDGER, "Changes that wait for an operator"), node.ledger.held_changes().len());
    list.count((LEDGER, "Rows with which something is wrong"), view.faulty().len());
}

fn of_members(list: &mut FigureList, node: &Node) {
    const MEMBERS: &str = "Members";
    let (survey, totals) = (node.survey_members(), node.members.totals());
    for state in MemberState::ALL {
        list.count((MEMBERS, &format!("Members that are {}", state.as_str())), survey.count(state));
    }
    list.add((MEMBERS, "Longest lag"), FigureUnit::Seconds, survey.longest_lag.as_secs_f64());
    list.count((MEMBERS, "Ledgers that arrived since the start"), totals.pulled + totals.pushed);
    list.add((MEMBERS, "Bytes of them"), FigureUnit::Bytes, totals.bytes);
    list.count((MEMBERS, "Ledgers that did not arrive"), totals.failed);
}

fn of_doors(list: &mut FigureList, node: &Node) {
    const DOORS: &str = "Doors";
    let servers = [
        (node.services.rest.status(), "REST connections that are open", "REST requests since the start"),
        (node.services.peers.status(), "TCP connections that are open", "TCP messages since the start"),
    ];
    for (listening, connections, calls) in servers {
        let (open, served) = listening.map_or((0, 0), |listening| (listening.connections, listening.calls));
        list.count((DOORS, connections), open);
        list.count((DOORS, calls), served);
    }
    list.count((DOORS, "Callers that were turned away since the start"), node.figures.turned_away());
}

fn of_services(list: &mut FigureList, node: &Node) {
    if let Some(status) = node.services.synchronizer.status() {
        let age = status.since_success.unwrap_or(status.since_start).as_secs_f64();
        list.add(("Synchronisation", "Time since the last good round"), FigureUnit::Seconds, age);
    }
    if let Some(status) = node.services.relay.status() {
        list.count(("Relay", "Changes that wait for the chain"), status.outbox.waiting);
        list.count(("Relay", "Transactions that were sent since the start"), status.counters.sent);
    }
    if let Some(status) = node.services.backups.status() {
        list.count(("Backups", "Backups that were written since the start"), status.written);
        list.count(("Backups", "Backups that failed since the start"), status.failed);
    }
}

fn of_machine(list: &mut FigureList, node: &Node) {
    const DISK: &str = "Disk";
    if let Some(space) = node.health.space() {
        list.add((DISK, "Free, where the node keeps its files"), FigureUnit::Bytes, space.free);
        list.add((DISK, "Size"), FigureUnit::Bytes, space.total);
    }
}

/// Asks for the figures as JSON: a list of [`KeyFigure`].
#[must_use]
pub fn key_figures() -> Built {
    Built::new(GET_FIGURES, KeyFigures(OutputFormat::Json))
}

fn parse(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(KeyFigures(format)))
}

/// The entry of `get figures`.
const GET_FIGURES: &Entry = match ENTRIES {
    [figures, ..] => figures,
    [] => unreachable!(),
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get figures",
    parse,
    Help {
        usage: "get figures [where format = table/json]",
        text: "Shows the figures that people look at first, with their units: the node and its memory, the ledger and its changes, the members, the servers, the relay, the backups, the disk. 'get metrics' has all figures.",
        examples: &["get figures", "get figures where format = json"],
        index: &["node info", "monitor"],
    },
)];
