//! `set|get|reset reply ip` and `set|reset self ip`: which address this node tells others (reference/tcp-protocol 5).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Traits, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::resolve,
};
use anylog_values::{Address, Host, ListenAddress, host_and_port};
use async_trait::async_trait;
use std::sync::Arc;

/// Stands for the address of the connection.
const DYNAMIC: &str = "0.0.0.0";

/// A change of the announced address, or a question for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announce {
    /// `get reply ip`.
    Show,
    /// `set reply ip [and port] = …`, `reset reply ip` without an address.
    Reply(Option<(Host, Option<u16>)>),
    /// `set self ip [and port] = …`, `reset self ip` without an address.
    Itself(Option<(Host, Option<u16>)>),
}

#[async_trait]
impl Command for Announce {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Show => return shown(node),
            Self::Reply(address) => node.settings.change(|choices| choices.reply = address),
            Self::Itself(address) => node.settings.change(|choices| choices.itself = address),
        }
        Ok(Reply::Empty)
    }
}

/// Returns the address that messages announce.
fn shown(node: &Node) -> Result<Reply, Error> {
    let listening = node.services.peers.status();
    let listening = listening.ok_or_else(|| Error::with(Code::SOURCE_ADDRESS, "no TCP server runs"))?;
    let external = listening.options.external;
    let announced = match node.settings.get().reply {
        // With `dynamic` a message says nothing of it, and other nodes name this one by the address of its server.
        Some((host, port)) if host.to_string() != DYNAMIC => ListenAddress::new(host, port.unwrap_or(external.port)),
        _ => external,
    };
    Ok(Reply::Text(announced.to_string()))
}

/// Reads `= ADDRESS` or `and port = ADDRESS:PORT`; `dynamic` stands for the address of the connection.
fn address(line: &Line<'_>, dynamic: &str) -> Result<(Host, Option<u16>), Error> {
    let wrong = |text: &str| Error::with(Code::SOURCE_ADDRESS, format!("'{text}' is no address of this node"));
    let resolved = |text: &str| match resolve(text, line.scope).into_text() {
        text if text.eq_ignore_ascii_case("dynamic") => dynamic.to_owned(),
        text => text,
    };
    match line.arguments() {
        [equal, word] if equal.is("=") => {
            let text = resolved(&word.text);
            Ok((text.parse().map_err(|_| wrong(&text))?, None))
        }
        [and, port, equal, word] if and.is("and") && port.is("port") && equal.is("=") => {
            let (host, port) = word.text.rsplit_once(':').ok_or_else(|| wrong(&word.text))?;
            let text = host_and_port(&resolved(host), &resolved(port));
            let address: Address = text.parse().map_err(|_| wrong(&text))?;
            Ok((address.host().clone(), Some(address.port())))
        }
        _ => Err(Error::with(Code::STRUCTURE, "write '= ADDRESS' or 'and port = ADDRESS:PORT'")),
    }
}

/// Describes a row of this family.
const fn entry(
    words: &'static str,
    min_words: usize,
    access: Access,
    help: Help,
    parse: crate::command::engine::Parse,
) -> Entry {
    let assigns = matches!(access, Access::ReadNode);
    Entry {
        words,
        min_words,
        assigns,
        access,
        network: NetworkCallers::Rest,
        opens_secrets: false,
        traits: Traits::CHANGE,
        help,
        parse,
    }
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[
    entry(
        "get reply ip",
        3,
        Access::ReadNode,
        Help {
            usage: "get reply ip",
            text: "Shows the address and port that messages to other nodes announce.",
            examples: &["get reply ip"],
            index: &["network", "configuration"],
        },
        |line| nothing_more(line).and_then(|()| parsed(Announce::Show)),
    )
    .with(Traits::QUESTION),
    entry(
        "set reply ip",
        5,
        Access::ChangeNode,
        Help {
            usage: "set reply ip [and port] = [ip / ip:port / dynamic]",
            text: "Changes the address that messages announce; dynamic lets other nodes use the address of the connection.",
            examples: &["set reply ip = dynamic", "set reply ip and port = 10.0.0.7:32048"],
            index: &["network", "configuration"],
        },
        |line| parsed(Announce::Reply(Some(address(line, DYNAMIC)?))),
    ),
    entry(
        "reset reply ip",
        3,
        Access::ChangeNode,
        Help {
            usage: "reset reply ip",
            text: "Announces the addresses of the TCP server again.",
            examples: &["reset reply ip"],
            index: &["network", "configuration"],
        },
        |line| nothing_more(line).and_then(|()| parsed(Announce::Reply(None))),
    ),
    entry(
        "set self ip",
        5,
        Access::ChangeNode,
        Help {
            usage: "set self ip [and port] = [ip / ip:port / dynamic]",
            text: "Changes the address that is used when this node sends a message to itself; dynamic is the local one.",
            examples: &["set self ip = 127.0.0.1", "set self ip and port = 127.0.0.1:32048"],
            index: &["network", "configuration"],
        },
        |line| parsed(Announce::Itself(Some(address(line, "127.0.0.1")?))),
    ),
    entry(
        "reset self ip",
        3,
        Access::ChangeNode,
        Help {
            usage: "reset self ip",
            text: "Sends messages of this node to itself to its own address again.",
            examples: &["reset self ip"],
            index: &["network", "configuration"],
        },
        |line| nothing_more(line).and_then(|()| parsed(Announce::Itself(None))),
    ),
];
