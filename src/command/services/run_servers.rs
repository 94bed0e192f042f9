//! `run tcp server`, `run rest server`, `run message broker` and `exit tcp|rest|broker` (reference/command-language 12.2).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, Parsed, options::nothing_more, parsed},
    node::{Node, Origin, ServerOptions, Session},
    reply::{Code, Error, Reply},
    script::{Arguments, Key, where_list},
};
use anylog_values::{Host, ListenAddress};
use async_trait::async_trait;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

/// Threads that `get processes` shows when the command does not say.
const TCP_THREADS: u32 = 6;
/// The same for REST.
const REST_THREADS: u32 = 5;
/// Seconds that a REST request may take when the command does not say.
const REST_TIMEOUT: Duration = Duration::from_secs(20);

/// Keys that every server has.
const ADDRESSES: [Key; 6] = [
    Key::text("external_ip"),
    Key::int("external_port"),
    Key::text("internal_ip"),
    Key::int("internal_port"),
    Key::bool("bind"),
    Key::int("threads"),
];
/// Keys of the REST server alone.
const REST: [Key; 4] = [Key::int("timeout"), Key::bool("ssl"), Key::text("ca_org"), Key::text("server_org")];

/// A server that is started or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunServers {
    /// `run tcp server where …`.
    Tcp(ServerOptions),
    /// `run rest server where …`.
    Rest(ServerOptions),
    /// `run message broker where …`: this node has none.
    Broker,
    /// `exit tcp`.
    ExitTcp,
    /// `exit rest`.
    ExitRest,
    /// `exit broker`.
    ExitBroker,
}

#[async_trait]
impl Command for RunServers {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let services = &node.services;
        match *self {
            Self::Tcp(options) => node.start_tcp(options).await?,
            Self::Rest(options) => {
                let configured = options.configured || session.origin == Origin::Plan;
                node.start_rest(ServerOptions { configured, ..options }).await?;
            }
            Self::Broker => {
                let detail = "this node has no message broker; leave broker_port out of its configuration";
                return Err(Error::with(Code::NOT_SUPPORTED, detail));
            }
            Self::ExitTcp => services.peers.stop().await,
            Self::ExitRest => services.rest.stop().await,
            Self::ExitBroker => {}
        }
        Ok(Reply::Empty)
    }
}

/// Returns the words after `where`; a command without them is none.
fn option_words<'a>(line: &Line<'a>) -> Result<&'a [crate::script::Word], Error> {
    match line.arguments() {
        [] => Err(Error::with(Code::UNRECOGNIZED_COMMAND, "the options are missing: 'where' and key = value")),
        [first, rest @ ..] if first.is("where") => Ok(rest),
        words => Ok(words),
    }
}

/// Reads the addresses: one given pair stands for both.
fn server_options(arguments: &Arguments, name: &str, threads: u32) -> Result<ServerOptions, Error> {
    let pair = |ip: &str, port: &str| {
        let port = arguments.int(port).map(port_number).transpose()?;
        Ok::<_, Error>((arguments.text(ip).map(host).transpose()?, port))
    };
    let (external, internal) = (pair("external_ip", "external_port")?, pair("internal_ip", "internal_port")?);
    let missing = || Error::with(Code::PARAMETERS, format!("Missing port in {name} server configuration"));
    let outer = external.1.or(internal.1).ok_or_else(missing)?;
    let inner = internal.1.or(external.1).ok_or_else(missing)?;
    let loopback = || Host::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let outer_host = external.0.clone().or_else(|| internal.0.clone()).unwrap_or_else(loopback);
    let inner_host = internal.0.or(external.0).unwrap_or_else(loopback);
    Ok(ServerOptions {
        external: ListenAddress::new(outer_host, outer),
        internal: ListenAddress::new(inner_host, inner),
        bind: arguments.bool("bind").unwrap_or(false),
        configured: false,
        threads: arguments.int("threads").and_then(|count| u32::try_from(count).ok()).unwrap_or(threads),
        timeout: REST_TIMEOUT,
        tls: None,
    })
}

fn host(text: &str) -> Result<Host, Error> {
    text.parse().map_err(|error| Error::with(Code::PARAMETERS, format!("'{text}' is no address of a server: {error}")))
}

fn port_number(number: i64) -> Result<u16, Error> {
    u16::try_from(number).map_err(|_| Error::with(Code::PARAMETERS, format!("'{number}' is no port, 0 to 65535 are")))
}

fn parse_tcp(line: &Line<'_>) -> Parsed {
    let arguments = where_list(option_words(line)?, line.scope, &ADDRESSES)?;
    parsed(RunServers::Tcp(server_options(&arguments, "TCP Server", TCP_THREADS)?))
}

fn parse_rest(line: &Line<'_>) -> Parsed {
    let keys: Vec<Key> = ADDRESSES.into_iter().chain(REST).collect();
    let arguments = where_list(option_words(line)?, line.scope, &keys)?;
    let mut options = server_options(&arguments, "REST Server", REST_THREADS)?;
    let seconds = arguments.int("timeout").and_then(|seconds| u64::try_from(seconds).ok());
    options.timeout = seconds.map_or(REST_TIMEOUT, Duration::from_secs);
    if arguments.bool("ssl") == Some(true) {
        options.tls = Some(organizations(&arguments)?);
    }
    parsed(RunServers::Rest(options))
}

/// Returns the two names that stand for the PEM files.
fn organizations(arguments: &Arguments) -> Result<(String, String), Error> {
    let name = |key: &str, who: &str| {
        let detail = format!("Missing value to {who} organization name, set '{key}' = [organization name]");
        arguments.text(key).map(str::to_owned).ok_or_else(|| Error::with(Code::STRUCTURE, detail))
    };
    Ok((name("ca_org", "CA")?, name("server_org", "Server")?))
}

fn parse_broker(line: &Line<'_>) -> Parsed {
    let words = match line.arguments() {
        [first, rest @ ..] if first.is("where") => rest,
        words => words,
    };
    server_options(&where_list(words, line.scope, &ADDRESSES)?, "Message Broker", TCP_THREADS)?;
    parsed(RunServers::Broker)
}

const fn help(usage: &'static str, text: &'static str, examples: &'static [&'static str]) -> Help {
    Help { usage, text, examples, index: &["configuration", "background processes"] }
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "run tcp server",
        parse_tcp,
        help(
            "run tcp server where external_ip = [ip] and external_port = [port] and internal_ip = [local_ip] and internal_port = [local_port] and bind = [true/false] and threads = [threads count]",
            "Listens for messages of other nodes. With bind = true on the internal address alone, otherwise on all addresses.",
            &[
                "run tcp server where external_ip = !ip and external_port = !port  and threads = 3",
                "run tcp server where external_ip = !external_ip and external_port = 7850 and internal_ip = !ip and internal_port = 7850 and threads = 6",
            ],
        ),
    ),
    Entry::change(
        "run rest server",
        parse_rest,
        help(
            "run rest server where external_ip = [ip] and external_port = [port] and internal_ip = [local_ip] and internal_port = [local_port] and timeout = [seconds] and threads = [threads count] and ssl = [true/false] and ca_org = [name] and server_org = [name] and bind = [true/false]",
            "Listens for REST requests. With ssl = true the two names point to the certificates.",
            &["run rest server where internal_ip = !ip and internal_port = 7849 and timeout = 0 and threads = 6"],
        ),
    ),
    Entry::change(
        "run message broker",
        parse_broker,
        help(
            "run message broker where external_ip = [ip] and external_port = [port] and internal_ip = [local_ip] and internal_port = [local_port]",
            "This node has no message broker: the command is checked and refused.",
            &["run message broker where internal_ip = !ip and internal_port = 7850"],
        ),
    ),
    Entry::change(
        "exit tcp",
        |line| nothing_more(line).and_then(|()| parsed(RunServers::ExitTcp)),
        help("exit tcp", "Stops listening for other nodes.", &["exit tcp"]),
    )
    .reaching(Access::StopServers),
    Entry::change(
        "exit rest",
        |line| nothing_more(line).and_then(|()| parsed(RunServers::ExitRest)),
        help("exit rest", "Stops listening for REST requests.", &["exit rest"]),
    )
    .reaching(Access::StopServers),
    Entry::change(
        "exit broker",
        |line| nothing_more(line).and_then(|()| parsed(RunServers::ExitBroker)),
        help("exit broker", "Stops the message broker, of which this node has none.", &["exit broker"]),
    ),
];
