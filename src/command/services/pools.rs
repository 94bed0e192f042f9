//! Figures of the servers in the layout of worker pools (reference/rest 10).

use crate::{
    command::engine::{
        Command, Entry, EntryGroup, Line, Parsed,
        options::{nothing_more, options},
        parsed,
    },
    node::{Listening, Node, Session},
    reply::{Code, Error, Pairs, PairsLayout, Reply, Table},
    runtime::clock,
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Most workers of a pool that are listed one by one.
const LISTED: usize = 256;

/// A pool of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// SQL queries.
    Query,
    /// Messages of other nodes.
    Tcp,
    /// REST requests.
    Rest,
    /// Messages of brokers; a master has none.
    Msg,
    /// Data of an operator; a master has none.
    Operator,
}

/// Commands that show how busy the servers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pools {
    /// `get query|tcp|rest pool`.
    One {
        /// The pool.
        pool: Pool,
        /// One row per worker.
        details: bool,
        /// The calls are counted from here on.
        reset: bool,
    },
    /// `get system threads`: of one pool or of all, at length or not.
    Threads {
        /// The pool; all when there is none.
        pool: Option<Pool>,
        /// One row per worker.
        details: bool,
        /// The calls are counted from here on.
        reset: bool,
    },
    /// `get rest calls`.
    Calls,
    /// `get rest server info`.
    RestServer,
}

#[async_trait]
impl Command for Pools {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match *self {
            Self::One { pool, details, reset } => pool.workers_or_summary(node, details, reset),
            Self::Threads { pool, details, reset } => {
                let pools = pool.map_or(vec![Pool::Query, Pool::Tcp, Pool::Rest], |pool| vec![pool]);
                Reply::Sections(pools.into_iter().map(|pool| pool.workers_or_summary(node, details, reset)).collect())
            }
            Self::Calls => Reply::Table(calls_by_caller(node)),
            Self::RestServer => rest_server(node),
        })
    }
}

impl Pool {
    const fn title(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Tcp => "TCP",
            Self::Rest => "REST",
            Self::Msg => "MSG",
            Self::Operator => "Operator",
        }
    }

    /// Name of a pool that is not there.
    const fn absent(self) -> &'static str {
        match self {
            Self::Query => "Query Pool is not declared",
            Self::Tcp => "Tcp Pool is not declared",
            Self::Rest => "Rest Pool is not declared",
            Self::Msg => "Msg Pool is not declared",
            Self::Operator => "Operator Pool is not declared",
        }
    }

    /// Returns workers, busy ones and calls; the calls since they were reset.
    fn figures(self, node: &Node) -> Option<(usize, usize, u64)> {
        let figures = match self {
            Self::Query => Some((size(node.config.network.query_pool), 0, 0)),
            Self::Tcp => node.services.peers.status().map(listening_figures),
            Self::Rest => node.services.rest.status().map(listening_figures),
            Self::Msg | Self::Operator => None,
        };
        let before = node.settings.get().pool_calls.get(self.title()).copied().unwrap_or(0);
        figures.map(|(threads, busy, calls)| (threads, busy, calls.saturating_sub(before)))
    }

    /// Returns size, busy workers and calls; connections beyond the size of the pool are left out.
    fn summary(self, node: &Node) -> Reply {
        let Some((threads, busy, calls)) = self.figures(node) else { return Reply::Text(self.absent().to_owned()) };
        let states: Vec<u8> = (0..threads.min(LISTED)).map(|worker| u8::from(worker < busy)).collect();
        let name = format!("{} Pool with {threads} threads", self.title());
        Reply::Pairs(Pairs::new(PairsLayout::Pools, [(name, json!([states, calls]))]))
    }

    /// Describes the pool at length or not.
    fn workers_or_summary(self, node: &Node, details: bool, reset: bool) -> Reply {
        if reset && let Some((_, _, calls)) = self.figures(node) {
            node.settings.change(|choices| *choices.pool_calls.entry(self.title()).or_default() += calls);
        }
        match self.figures(node) {
            Some(figures) if details => Reply::Table(self.workers(figures)),
            _ => self.summary(node),
        }
    }

    /// Lists the workers. Nobody counts the calls of each: they are spread over the workers evenly, as queues spread them.
    fn workers(self, (threads, busy, calls): (usize, usize, u64)) -> Table {
        let all = u64::try_from(threads).unwrap_or(u64::MAX).max(1);
        let row = |(worker, number): (usize, u64)| {
            let own = calls / all + u64::from(number < calls % all);
            let percent = (own * 100).checked_div(calls).unwrap_or(0);
            vec![json!(worker), json!(u8::from(worker < busy)), json!(own), json!(percent)]
        };
        let rows = (0..threads.min(LISTED)).zip(0..).map(row).collect();
        Table::new(["Thread", "Status", "Calls", "Percentage"], rows).with_header(format!("{} Pool:", self.title()))
    }
}

fn listening_figures(listening: Listening) -> (usize, usize, u64) {
    (size(listening.options.threads), listening.connections, listening.calls)
}

fn size(threads: u32) -> usize {
    usize::try_from(threads).unwrap_or(usize::MAX)
}

/// Lists the calls of each kind of caller; its name stands in its first row only.
fn calls_by_caller(node: &Node) -> Table {
    let mut last_caller = String::new();
    let rows = node.calls.rows().into_iter().map(|call| {
        let shown = if call.caller == last_caller { String::new() } else { call.caller.clone() };
        last_caller = call.caller;
        vec![
            json!(shown),
            json!(call.method),
            json!(call.processed),
            json!(call.errors),
            json!(call.last_error),
            json!(clock::seconds(call.first)),
            json!(clock::seconds(call.last)),
            json!(call.address.map(|address| address.to_string()).unwrap_or_default()),
        ]
    });
    let titles = ["Caller", "Call", "Processed", "Errors", "Last Error", "First Call", "Last Call", "Last Caller"];
    let header = format!("Statistics for REST calls using {}", rest_address(node).unwrap_or_default());
    Table::new(titles, rows.collect()).with_header(header)
}

fn rest_address(node: &Node) -> Option<String> {
    let options = node.services.rest.status()?.options;
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    Some(format!("{scheme}://{}", options.external))
}

fn rest_server(node: &Node) -> Reply {
    let (Some(listening), Some(address)) = (node.services.rest.status(), rest_address(node)) else {
        return Reply::Text("REST server is not declared".to_owned());
    };
    let options = listening.options;
    let truth = |value: bool| if value { "True" } else { "False" }.to_owned();
    let names = options.tls.clone().filter(|(ca, server)| !ca.is_empty() && !server.is_empty());
    let file = |name: Option<String>| name.unwrap_or_else(|| "None".to_owned());
    let rows = [
        ("buff_size", "2048".to_owned()),
        ("ca_public_key", file(names.as_ref().map(|(ca, _)| format!("ca-{}-public-key.crt", file_part(ca))))),
        ("connection", address),
        ("is_bind", truth(options.bind)),
        ("is_ssl", truth(options.tls.is_some())),
        ("node_cr", file(names.as_ref().map(|(_, server)| format!("server-{}-public-key.crt", file_part(server))))),
        ("node_private_key", file(names.map(|(_, server)| format!("server-{}-private-key.key", file_part(&server))))),
        ("streaming_log", truth(node.events.logs_every_call())),
        ("timeout", node.settings.get().rest_timeout.unwrap_or(options.timeout.as_secs()).to_string()),
        ("trace", truth(node.settings.get().trace.contains_key("rest"))),
        ("workers_count", options.threads.to_string()),
    ];
    let rows: Vec<Vec<Value>> = rows.map(|(name, value)| vec![json!(name), json!(format!(" {value} "))]).to_vec();
    Reply::Table(Table::new(["Attribute", "Value"], rows))
}

/// Writes the name of an organisation as names of files have it (reference/rest 1, TLS).
fn file_part(name: &str) -> String {
    name.to_lowercase().replace(' ', "-").replace('\'', "")
}

fn parse_pool(line: &Line<'_>, pool: Pool) -> Parsed {
    let arguments = options(line, &[Key::bool("details"), Key::bool("reset")])?;
    let asked = |key| arguments.bool(key).unwrap_or(false);
    parsed(Pools::One { pool, details: asked("details"), reset: asked("reset") })
}

/// Reads `where pool = query|tcp|rest and details = true and reset = true`.
fn parse_threads(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("pool"), Key::bool("details"), Key::bool("reset")])?;
    let pool = match arguments.text("pool") {
        None => None,
        Some("query") => Some(Pool::Query),
        Some("tcp") => Some(Pool::Tcp),
        Some("rest") => Some(Pool::Rest),
        Some(other) => {
            return Err(Error::with(Code::STRUCTURE, format!("no pool '{other}'; write query, tcp or rest")));
        }
    };
    let asked = |key| arguments.bool(key).unwrap_or(false);
    parsed(Pools::Threads { pool, details: asked("details"), reset: asked("reset") })
}

fn parse_calls(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Pools::Calls))
}

fn parse_server(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Pools::RestServer))
}

const FIGURES: EntryGroup = EntryGroup(&["monitor", "profile", "profiling"]);

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    FIGURES.read(
        "get query pool",
        |line| parse_pool(line, Pool::Query),
        "get query pool [where details = true/false and reset = true/false]",
        "Tells the size of the pool that answers SQL queries, with details per worker.",
        &["get query pool", "get query pool where details = true"],
    ),
    FIGURES.read(
        "get tcp pool",
        |line| parse_pool(line, Pool::Tcp),
        "get tcp pool [where details = true/false and reset = true/false]",
        "Tells the size given to the TCP server, its open connections and the messages it served, with details per worker; reset counts calls anew.",
        &["get tcp pool", "get tcp pool where details = true and reset = true"],
    ),
    FIGURES.read(
        "get rest pool",
        |line| parse_pool(line, Pool::Rest),
        "get rest pool [where details = true/false and reset = true/false]",
        "Tells the size given to the REST server, its open connections and the requests it served, with details per worker; reset counts calls anew.",
        &["get rest pool", "get rest pool where details = true and reset = true"],
    ),
    FIGURES.read(
        "get msg pool",
        |line| parse_pool(line, Pool::Msg),
        "get msg pool",
        "Tells the pool of a message broker; a master has none.",
        &["get msg pool"],
    ),
    FIGURES.read(
        "get operator pool",
        |line| parse_pool(line, Pool::Operator),
        "get operator pool",
        "Tells the pool of an operator; a master has none.",
        &["get operator pool"],
    ),
    FIGURES.read(
        "get system threads",
        parse_threads,
        "get system threads [where pool = query/tcp/rest and details = true/false and reset = true/false]",
        "Tells the figures of all pools or of one, with details per worker; reset counts calls anew.",
        &["get system threads", "get system threads where pool = rest and details = true"],
    ),
    FIGURES.read(
        "get rest calls",
        parse_calls,
        "get rest calls",
        "Counts the REST calls of each kind of caller and tells their last error.",
        &["get rest calls"],
    ),
    FIGURES.read(
        "get rest server info",
        parse_server,
        "get rest server info",
        "Lists the options that the REST server runs with.",
        &["get rest server info"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_given_to_workers_in_turn() {
        let table = Pool::Rest.workers((3, 1, 7));
        assert_eq!(table.header.as_deref(), Some("REST Pool:"));
        assert_eq!(json!(table.rows), json!([[0, 1, 3, 42], [1, 0, 2, 28], [2, 0, 2, 28]]));
        assert!(Pool::Tcp.workers((0, 0, 0)).rows.is_empty());
    }
}
