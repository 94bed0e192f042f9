//! Queries that this node runs for the network: a master runs none (reference/rest 9, `query status`, `job status`).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, Traits, Verbs, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply, Table},
    script::{Word, joined},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Commands that show queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryJobs {
    /// `query status|explain|destination`.
    Queries,
    /// `job status`, `job active`.
    Jobs,
}

const TITLES: [&str; 6] = ["Job", "ID", "Output", "Run Time", "Node", "Command/Status"];

#[async_trait]
impl Command for QueryJobs {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match *self {
            Self::Queries => Reply::Text("Job instances do not contain queries info".to_owned()),
            Self::Jobs => Reply::Table(Table { titles: TITLES.map(str::to_owned).to_vec(), ..Table::default() }),
        })
    }
}

/// Reads an optional `all` or number of a job.
fn parse(line: &Line<'_>, command: QueryJobs) -> Parsed {
    choice(line.arguments())?;
    parsed(command)
}

/// Reads what is asked about jobs, and an optional `all` or number of one.
fn parse_job(line: &Line<'_>) -> Parsed {
    let Some((operation, which)) = line.arguments().split_first() else {
        return Err(Error::with(Code::STRUCTURE, "write: job status, or job active"));
    };
    choice(which)?;
    match operation.text.as_str() {
        "status" | "active" => parsed(QueryJobs::Jobs),
        "run" | "stop" => Err(Error::with(Code::NOT_SUPPORTED, "a master runs no queries, so it has no jobs")),
        other => {
            let detail = format!("'{other}' is nothing to do with a job: write status or active");
            Err(Error::with(Code::STRUCTURE, detail))
        }
    }
}

fn choice(words: &[Word]) -> Result<(), Error> {
    match words {
        [] => Ok(()),
        [one] if one.is("all") || one.text.parse::<u32>().is_ok() => Ok(()),
        _ => Err(Error::with(Code::STRUCTURE, format!("'{}': write all or the number of a job", joined(words)))),
    }
}

const fn row(words: &'static str, usage: &'static str, text: &'static str, examples: &'static [&'static str]) -> Entry {
    let help = Help { usage, text, examples, index: &["query", "monitor"] };
    Entry::read(words, |line| parse(line, QueryJobs::Queries), help).with(Traits::QUESTION.carried_by(Verbs::Both))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    row("query status", "query status [all]", "Shows how far queries are; a master runs none.", &["query status"]),
    row("query explain", "query explain [all]", "Shows how queries are split; a master runs none.", &["query explain"]),
    row(
        "query destination",
        "query destination [all]",
        "Shows which nodes take part in queries; a master runs none.",
        &["query destination"],
    ),
    Entry::read(
        "job",
        parse_job,
        Help {
            usage: "job [operation] [job id|'all']",
            text: "Lists the jobs of this node; a master has none.",
            examples: &["job status", "job status 5", "job status all", "job active all", "job run 3", "job stop 23"],
            index: &["monitor", "profiling"],
        },
    )
    .with(Traits::QUESTION.carried_by(Verbs::Both).asking_with(&["status", "active"]))
    .at_least(2),
];
