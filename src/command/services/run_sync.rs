//! `run blockchain sync` (reference/ledger 8.1, reference/command-language 12.2).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, parsed},
    node::{LEDGER_DBMS, Node, Session, SyncOptions},
    reply::{Code, Error, Reply},
    script::{Arguments, Key, where_list},
};
use anylog_values::{Address, host_and_port};
use async_trait::async_trait;
use std::sync::Arc;

/// Starts the synchroniser, or runs a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunSync {
    /// `run blockchain sync where source = …`; a mistake in the list is told after "runs already".
    Start(Result<SyncOptions, Error>),
    /// `run blockchain sync`: one round now.
    Now,
}

#[async_trait]
impl Command for RunSync {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let synchronizer = &node.services.synchronizer;
        match *self {
            Self::Start(options) => {
                if synchronizer.status().is_some() {
                    return Err(Error::with(
                        Code::ALREADY_ACTIVE,
                        "the synchroniser runs; use 'exit synchronizer' first",
                    ));
                }
                let mut options = options?;
                if let Some(name) = options.platform {
                    let platform = node.platforms.get(name).map_err(|_| no_platform(name.as_str()))?;
                    platform.contract()?;
                }
                if options.source == "master" && options.connection.is_none() {
                    options.connection = Some(master_address(node)?);
                }
                if options.destinations.iter().any(|to| to == "dbms") && node.databases.get(LEDGER_DBMS).is_none() {
                    return failed(
                        "Failed to run blockchain sync process: Table 'ledger' in 'blockchain' dbms not available",
                    );
                }
                node.open_local_file().await?;
                synchronizer.start(Arc::clone(node), options).await?;
            }
            Self::Now => synchronizer.now(node).await?,
        }
        Ok(Reply::Empty)
    }
}

fn no_platform(name: &str) -> Error {
    Error::with(Code::CONNECTION, format!("Blockchain platform '{name}' is not connected"))
}

fn failed<T>(detail: &str) -> Result<T, Error> {
    Err(Error::with(Code::PROCESS_FAILURE, detail))
}

/// Returns the address of the first master policy.
fn master_address(node: &Node) -> Result<Address, Error> {
    let view = node.ledger.view();
    let address = view.of_type("master").filter_map(|entry| entry.policy()).find_map(|policy| {
        let (ip, port) = (policy.text("ip").or_else(|| policy.text("local_ip"))?, policy.get("port")?);
        host_and_port(ip, crate::policy::python::text(port).trim_matches('\'')).parse().ok()
    });
    let detail = "no connection is given and no master policy has an address; add 'connection = ip:port'";
    address.ok_or_else(|| Error::with(Code::PROCESS_FAILURE, detail))
}

fn parse_run(line: &Line<'_>) -> Parsed {
    let list = match line.arguments() {
        [] => return parsed(RunSync::Now),
        [first, rest @ ..] if first.is("where") => rest,
        words => words,
    };
    let list = where_list(list, line.scope, &KEYS).map_err(Error::from);
    parsed(RunSync::Start(list.and_then(|list| options(&list))))
}

const KEYS: [Key; 6] = [
    Key::text("source").required(),
    Key::time("time").required(),
    Key::text("dest").required().many(),
    Key::address("connection"),
    Key::text("platform"),
    Key::text("file"),
];

fn options(arguments: &Arguments) -> Result<SyncOptions, Error> {
    let invalid = |detail: String| Err(Error::with(Code::STRUCTURE, detail));
    let source = arguments.text("source").unwrap_or_default().to_owned();
    let every = arguments.seconds("time").unwrap_or_default();
    if every.is_zero() {
        return failed("Failed to run blockchain sync process as sync time is set to 0");
    }
    let mut platform = None;
    match (source.as_str(), arguments.text("platform")) {
        ("master" | "dbms", _) => {}
        ("blockchain", None) => return invalid("Missing 'platform' is synchronizer params".to_owned()),
        ("blockchain", Some(name)) => platform = Some(name.parse().map_err(|()| no_platform(name))?),
        _ => {
            let known = "use: 'master' or 'blockchain' or 'dbms' ";
            return invalid(format!("Synchronizing with '{source}' is not supported - {known}"));
        }
    }
    let destinations: Vec<String> = arguments.texts("dest").map(str::to_owned).collect();
    if let Some(other) = destinations.iter().find(|dest| !matches!(dest.as_str(), "file" | "dbms")) {
        return invalid(format!("dest '{other}' is unknown; use file, dbms or both"));
    }
    if source == "dbms" && arguments.has("connection") {
        return failed(
            "Failed to run blockchain sync process: Connection requires a source which is a blockchain or a master node",
        );
    }
    Ok(SyncOptions {
        source,
        every,
        destinations,
        connection: arguments.address("connection"),
        platform,
        file: arguments.text("file").map(str::to_owned),
    })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "run blockchain sync",
    parse_run,
    Help {
        usage: "run blockchain sync [where source = master/blockchain/dbms and time = [seconds] seconds and dest = file [and dest = dbms] [and connection = ip:port] [and platform = platform]]",
        text: "Keeps the local copy of the ledger in step with its source: a master, or the contract of a connected platform. Without words: one round now.",
        examples: &[
            "run blockchain sync where source = master and time = 30 seconds and dest = file and connection = !ledger_conn",
            "run blockchain sync where source = blockchain and platform = optimism and time = 30 seconds and dest = file",
            "run blockchain sync",
        ],
        index: &["blockchain", "background processes"],
    },
)];
