//! The command table: words → parser, rights and help. One family per file adds its rows here.

use super::{
    Error, Line, Node, Reply, Role, Session, absent, announce, assign, blockchain, boot, columns, config_policy,
    connect_dbms, create_policy, directories, event, exit, file_get, flow, help, host, identity, incr, internal_ip,
    jobs, json, logs, metrics, modes, network_data, policies_diff, policy_history, pools, print, process, processes,
    python, random_substr, rest_get, run_client, run_servers, run_sync, scheduler, servers, set_policy, sql,
    synchronizer, system, tables, test_network, test_node, unsupported, unused_port, variables, wait,
};
use std::{future::Future, pin::Pin, sync::Arc};

/// One command that the node has.
pub struct Entry {
    /// The words that select it, for example `get status`.
    pub words: &'static str,
    /// Least number of words of the whole line, the command's own included.
    pub min_words: usize,
    /// True when `x = command` stores its result.
    pub assigns: bool,
    /// What a caller needs to run it.
    pub role: Role,
    /// Which callers over the network may run it at all.
    pub network: Network,
    /// What `help` says.
    pub help: Help,
    /// Turns the words into the typed command; references are resolved here, once.
    pub parse: Parse,
}

impl Entry {
    /// Describes a command that only reads; its result can be assigned.
    #[must_use]
    pub const fn read(words: &'static str, parse: Parse, help: Help) -> Self {
        Self { words, min_words: count(words), assigns: true, role: Role::Read, network: Network::Both, help, parse }
    }

    /// Describes a command that changes the node; it has no result to assign.
    #[must_use]
    pub const fn change(words: &'static str, parse: Parse, help: Help) -> Self {
        Self { words, min_words: count(words), assigns: false, role: Role::Admin, network: Network::Both, help, parse }
    }

    /// Keeps the command from callers over the network.
    #[must_use]
    pub const fn here(self) -> Self {
        Self { network: Network::Nobody, role: Role::Local, ..self }
    }

    /// Says by which words `help index` finds the command.
    #[must_use]
    pub const fn indexed(self, index: &'static [&'static str]) -> Self {
        Self { help: Help { index, ..self.help }, ..self }
    }

    /// Says how many words the whole line must have at least.
    #[must_use]
    pub const fn at_least(self, words: usize) -> Self {
        Self { min_words: words, ..self }
    }
}

/// Parser of one command.
pub type Parse = fn(&Line<'_>) -> Result<Command, Error>;

/// Rows of commands that only read and that `help index` finds by the same words.
#[derive(Clone, Copy, Debug)]
pub struct Readings(pub &'static [&'static str]);

impl Readings {
    /// Describes one command: its words, its parser, its form, what it does, and examples.
    #[must_use]
    pub const fn row(
        self,
        words: &'static str,
        parse: Parse,
        usage: &'static str,
        text: &'static str,
        examples: &'static [&'static str],
    ) -> Entry {
        Entry::read(words, parse, Help { usage, text, examples, index: self.0 })
    }
}

/// Counts the words that select a command.
const fn count(words: &str) -> usize {
    let bytes = words.as_bytes();
    let (mut words, mut at) = (1, 0);
    while at < bytes.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop stays below the length; slices have no const get")]
        if bytes[at] == b' ' {
            words += 1;
        }
        at += 1;
    }
    words
}

/// Which network callers a command is offered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// REST and TCP.
    Both,
    /// REST alone.
    Rest,
    /// TCP alone.
    Peer,
    /// Nobody: prompt, boot, scripts and scheduler only.
    Nobody,
}

/// Help of one command, in our own words.
pub struct Help {
    /// How the command is written; `[x]` is optional.
    pub usage: &'static str,
    /// What it does.
    pub text: &'static str,
    /// Whole commands that work.
    pub examples: &'static [&'static str],
    /// Words it is found by in `help index`.
    pub index: &'static [&'static str],
}

/// A parsed command, one variant per family.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Programs of the machine.
    System(system::System),
    /// Questions to web servers.
    RestGet(rest_get::RestGet),
    /// Servers and a script out of a policy.
    ConfigPolicy(Box<config_policy::ConfigPolicy>),
    /// Values worked out of words.
    Value(incr::Value),
    /// Values out of JSON texts.
    Json(json::Json),
    /// Objects kept in variables.
    SetPolicy(set_policy::SetPolicy),
    /// Scripts.
    Process(process::Process),
    /// Pauses.
    Wait(wait::Wait),
    /// What the boot did.
    Boot(boot::Boot),
    /// Variables.
    Set(assign::Set),
    /// Messages for people.
    Print(print::Print),
    /// Conditions and control flow.
    Flow(flow::Flow),
    /// Schedulers and their tasks.
    Scheduling(scheduler::Scheduling),
    /// `set|get|reset reply ip`, `set|reset self ip`.
    Announce(announce::Announce),
    /// `event …`.
    Event(event::Event),
    /// `file get`.
    FileGet(file_get::FileGet),
    /// `run client`.
    RunClient(run_client::RunClient),
    /// `run tcp|rest server`, `run message broker`, `exit tcp|rest|broker`.
    RunServers(run_servers::RunServers),
    /// `test network`.
    TestNetwork(test_network::TestNetwork),
    /// `test node`, `test connection`.
    TestNode(test_node::TestNode),
    /// Questions about services that a master does not have.
    Absent(absent::Absent),
    /// Directories and files.
    Directories(directories::Directories),
    /// Stops services and the node.
    Exit(exit::Exit),
    /// Facts about the host.
    Host(host::Host),
    /// Who the node is.
    Identity(identity::Identity),
    /// The own address.
    InternalIp(internal_ip::InternalIp),
    /// Queries for the network.
    Jobs(jobs::Jobs),
    /// Columns of a table.
    Columns(columns::Columns),
    /// Logs and the echo queue.
    Logs(logs::Logs),
    /// Help.
    Manual(help::Manual),
    /// Switches.
    Modes(modes::Modes),
    /// Tables of the network.
    NetworkData(network_data::NetworkData),
    /// `get servers`.
    Servers(servers::Servers),
    /// Figures of the servers.
    Pools(pools::Pools),
    /// What runs.
    Processes(processes::Processes),
    /// How far the local copy is.
    Synchronization(synchronizer::Synchronization),
    /// Figures for monitoring.
    Metrics(metrics::Metrics),
    /// `connect dbms`, `disconnect dbms`.
    ConnectDbms(connect_dbms::ConnectDbms),
    /// `get policy history`.
    PolicyHistory(policy_history::PolicyHistory),
    /// `run blockchain sync`.
    RunSync(run_sync::RunSync),
    /// `sql`.
    Sql(sql::Sql),
    /// Databases and tables.
    Tables(tables::Tables),
    /// `create policy`.
    CreatePolicy(create_policy::CreatePolicy),
    /// `get policies diff`.
    PoliciesDiff(policies_diff::PoliciesDiff),
    /// Policies and the ledger.
    Blockchain(blockchain::Blockchain),
    /// A free port for a new node.
    UnusedPort(unused_port::UnusedPort),
    /// Variables.
    Variables(variables::Variables),
}

impl Command {
    /// Runs the command on the node. What waits for something is boxed: a command that only looks at the node should not
    /// move the state of the largest of all commands about, and commands inside each other should need little stack.
    ///
    /// # Errors
    /// The code and the reason, when it fails.
    pub async fn execute(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match self {
            Self::System(command) => boxed(move || command.execute(node, session)).await,
            Self::RestGet(command) => boxed(move || command.execute(node)).await,
            Self::ConfigPolicy(command) => boxed(move || command.execute(node, session)).await,
            Self::Value(command) => command.execute(session),
            Self::Json(command) => command.execute(node, session),
            Self::SetPolicy(command) => command.execute(node, session),
            Self::Process(command) => boxed(move || command.execute(node, session)).await,
            Self::Wait(command) => boxed(move || command.execute(node, session)).await,
            Self::Boot(command) => boxed(move || command.execute(node, session)).await,
            Self::Set(command) => command.execute(node, session),
            Self::Print(command) => command.execute(node, session),
            Self::Flow(command) => boxed(move || command.execute(node, session)).await,
            Self::Scheduling(command) => boxed(move || command.execute(node, session)).await,
            Self::Announce(command) => command.execute(node),
            Self::Event(command) => boxed(move || command.execute(node, session)).await,
            Self::FileGet(command) => boxed(move || command.execute(node, session)).await,
            Self::RunClient(command) => boxed(move || command.execute(node, session)).await,
            Self::RunServers(command) => boxed(move || command.execute(node, session)).await,
            Self::TestNetwork(command) => boxed(move || command.execute(node)).await,
            Self::TestNode(command) => boxed(move || command.execute(node, session)).await,
            Self::Absent(command) => Ok(command.execute(node)),
            Self::Directories(command) => boxed(move || command.execute(node, session)).await,
            Self::Exit(command) => Ok(boxed(move || command.execute(node, session)).await),
            Self::Host(command) => boxed(move || command.execute(node)).await,
            Self::Identity(command) => Ok(command.execute(node)),
            Self::InternalIp(command) => command.execute(node),
            Self::Jobs(command) => Ok(command.execute()),
            Self::Logs(command) => Ok(command.execute(node)),
            Self::Manual(command) => Ok(command.execute(session)),
            Self::Modes(command) => command.execute(node, session),
            Self::Columns(command) => command.execute(node),
            Self::NetworkData(command) => Ok(command.execute(node)),
            Self::Servers(command) => Ok(command.execute(node)),
            Self::Pools(command) => Ok(command.execute(node)),
            Self::Processes(command) => command.execute(node),
            Self::Metrics(command) => command.execute(node),
            Self::Synchronization(command) => Ok(boxed(move || command.execute(node)).await),
            Self::ConnectDbms(command) => boxed(move || command.execute(node, session)).await,
            Self::PolicyHistory(command) => boxed(move || command.execute(node)).await,
            Self::RunSync(command) => boxed(move || command.execute(node)).await,
            Self::Sql(command) => boxed(move || command.execute(node, session)).await,
            Self::Tables(command) => boxed(move || command.execute(node, session)).await,
            Self::CreatePolicy(command) => command.execute(node),
            Self::PoliciesDiff(command) => Ok(command.execute()),
            Self::Blockchain(command) => command.execute(node, session).await,
            Self::UnusedPort(command) => command.execute(node),
            Self::Variables(command) => Ok(command.execute(node)),
        }
    }
}

/// Makes a future in a frame of its own, which is gone when the future runs.
#[inline(never)]
fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Every command, family by family.
pub const FAMILIES: &[&[Entry]] = &[
    create_policy::ENTRIES,
    policies_diff::ENTRIES,
    blockchain::query::ENTRIES,
    blockchain::test::ENTRIES,
    blockchain::insert::ENTRIES,
    blockchain::push::ENTRIES,
    blockchain::replace::ENTRIES,
    blockchain::remove::ENTRIES,
    blockchain::copy::ENTRIES,
    blockchain::wait::ENTRIES,
    blockchain::foreign::ENTRIES,
    boot::ENTRIES,
    absent::ENTRIES,
    assign::ENTRIES,
    print::ENTRIES,
    config_policy::ENTRIES,
    system::ENTRIES,
    rest_get::ENTRIES,
    python::ENTRIES,
    flow::ENTRIES,
    incr::ENTRIES,
    random_substr::ENTRIES,
    json::ENTRIES,
    set_policy::ENTRIES,
    process::ENTRIES,
    wait::ENTRIES,
    announce::ENTRIES,
    directories::ENTRIES,
    event::ENTRIES,
    exit::ENTRIES,
    file_get::ENTRIES,
    help::ENTRIES,
    host::ENTRIES,
    identity::ENTRIES,
    internal_ip::ENTRIES,
    jobs::ENTRIES,
    logs::ENTRIES,
    modes::ENTRIES,
    network_data::ENTRIES,
    columns::ENTRIES,
    servers::ENTRIES,
    pools::ENTRIES,
    processes::ENTRIES,
    run_client::ENTRIES,
    run_servers::ENTRIES,
    scheduler::ENTRIES,
    synchronizer::ENTRIES,
    metrics::ENTRIES,
    test_network::ENTRIES,
    test_node::ENTRIES,
    unsupported::ENTRIES,
    connect_dbms::ENTRIES,
    policy_history::ENTRIES,
    run_sync::ENTRIES,
    sql::ENTRIES,
    tables::ENTRIES,
    unused_port::ENTRIES,
    variables::ENTRIES,
];
