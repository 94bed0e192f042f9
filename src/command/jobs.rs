//! Queries that this node runs for the network: a master runs none (spec/rest 9, `query status`, `job status`).

use super::options::nothing_more;
use super::{Code, Command, Entry, Error, Help, Line, Reply, Table};

/// Commands that show queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jobs {
    /// `query status|explain|destination`.
    Queries,
    /// `job status`, `job active`.
    Jobs,
}

const TITLES: [&str; 6] = ["Job", "ID", "Output", "Run Time", "Node", "Command/Status"];

impl Jobs {
    pub(super) fn execute(self) -> Reply {
        match self {
            Self::Queries => Reply::Text("Job instances do not contain queries info".to_owned()),
            Self::Jobs => Reply::Table(Table { titles: TITLES.map(str::to_owned).to_vec(), ..Table::default() }),
        }
    }
}

/// Reads an optional `all` or number of a job.
fn parse(line: &Line<'_>, command: Jobs) -> Result<Command, Error> {
    match line.arguments() {
        [one] if one.is("all") || one.text.parse::<u32>().is_ok() => {}
        [one] => return Err(Error::with(Code::STRUCTURE, format!("'{}': write all or the number of a job", one.text))),
        _ => nothing_more(line)?,
    }
    Ok(Command::Jobs(command))
}

const fn row(words: &'static str, usage: &'static str, text: &'static str, examples: &'static [&'static str]) -> Entry {
    let help = Help { usage, text, examples, index: &["query", "monitor"] };
    Entry::read(words, |line| parse(line, Jobs::Queries), help)
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
        "job status",
        |line| parse(line, Jobs::Jobs),
        Help {
            usage: "job status [all]",
            text: "Lists the jobs of this node; a master has none.",
            examples: &["job status"],
            index: &["query", "monitor"],
        },
    ),
    Entry::read(
        "job active",
        |line| parse(line, Jobs::Jobs),
        Help {
            usage: "job active",
            text: "Lists the jobs that run; a master has none.",
            examples: &["job active"],
            index: &["query", "monitor"],
        },
    ),
];
