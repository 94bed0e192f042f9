//! `run blockchain sync` (spec/ledger 8.1, spec/command-language 12.2).

use super::{Code, Command, Entry, Error, Help, Line, Node, Reply, SyncOptions, connect_dbms::open_local_file};
use crate::script::{Arguments, Key, where_list};
use std::{sync::Arc, time::Duration};

/// Time between two rounds when the command does not say.
const EVERY: Duration = Duration::from_secs(30);

/// Starts the synchroniser, or runs a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunSync {
    /// `run blockchain sync where source = …`.
    Start(SyncOptions),
    /// `run blockchain sync`: one round now.
    Now,
}

impl RunSync {
    pub(super) async fn execute(self, node: &Arc<Node>) -> Result<Reply, Error> {
        let synchronizer = &node.services.synchronizer;
        match self {
            Self::Start(mut options) => {
                if synchronizer.status().is_some() {
                    return Err(Error::with(
                        Code::ALREADY_ACTIVE,
                        "the synchroniser runs; use 'exit synchronizer' first",
                    ));
                }
                if options.source == "master" && options.connection.is_none() {
                    options.connection = Some(master_address(node)?);
                }
                open_local_file(node).await?;
                synchronizer.start(Arc::clone(node), options).await?;
            }
            Self::Now => synchronizer.now(node).await?,
        }
        Ok(Reply::Empty)
    }
}

/// Returns the address of the first master policy.
fn master_address(node: &Node) -> Result<String, Error> {
    let view = node.ledger.view();
    let address = view.of_type("master").filter_map(|entry| entry.policy()).find_map(|policy| {
        let (ip, port) = (policy.text("ip").or_else(|| policy.text("local_ip"))?, policy.get("port")?);
        Some(format!("{ip}:{}", crate::policy::python::text(port).trim_matches('\'')))
    });
    let detail = "no connection is given and no master policy has an address; add 'connection = ip:port'";
    address.ok_or_else(|| Error::with(Code::DESTINATION, detail))
}

fn parse_run(line: &Line<'_>) -> Result<Command, Error> {
    let list = match line.arguments() {
        [] => return Ok(Command::RunSync(RunSync::Now)),
        [first, rest @ ..] if first.is("where") => rest,
        words => words,
    };
    let arguments = where_list(list, line.scope, &KEYS)?;
    Ok(Command::RunSync(RunSync::Start(options(&arguments)?)))
}

const KEYS: [Key; 6] = [
    Key::text("source").required(),
    Key::time("time"),
    Key::text("dest").many(),
    Key::address("connection"),
    Key::text("platform"),
    Key::text("file"),
];

fn options(arguments: &Arguments) -> Result<SyncOptions, Error> {
    let wrong = |detail: String| Err(Error::with(Code::STRUCTURE, detail));
    let source = arguments.text("source").unwrap_or_default().to_owned();
    if !matches!(source.as_str(), "master" | "dbms" | "blockchain") {
        return wrong(format!("source '{source}' is unknown; use master, dbms or blockchain"));
    }
    let destinations: Vec<String> = arguments.texts("dest").map(str::to_owned).collect();
    if let Some(other) = destinations.iter().find(|dest| !matches!(dest.as_str(), "file" | "dbms")) {
        return wrong(format!("dest '{other}' is unknown; use file, dbms or both"));
    }
    Ok(SyncOptions {
        source,
        every: arguments.seconds("time").unwrap_or(EVERY).max(Duration::from_secs(1)),
        destinations,
        connection: arguments.text("connection").map(str::to_owned),
        file: arguments.text("file").map(str::to_owned),
    })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "run blockchain sync",
    parse_run,
    Help {
        usage: "run blockchain sync [where source = master|dbms and time = [seconds] seconds and dest = file [and dest = dbms] [and connection = ip:port]]",
        text: "Keeps the local copy of the ledger in step with its source. Without words: one round now.",
        examples: &[
            "run blockchain sync where source = master and time = 30 seconds and dest = file and connection = !ledger_conn",
            "run blockchain sync",
        ],
        index: &["blockchain", "background processes"],
    },
)];
