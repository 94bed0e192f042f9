//! `set|get|reset reply ip` and `set|reset self ip`: which address this node tells others (reference/tcp-protocol 5).

use crate::{
    command::engine::{Command, Entry, Help, Line, Network, Traits, parsed},
    node::{Node, Role, Session},
    reply::{Code, Error, Reply},
    script::resolve,
};
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
    Reply(Option<(String, Option<u16>)>),
    /// `set self ip [and port] = …`, `reset self ip` without an address.
    Itself(Option<(String, Option<u16>)>),
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
    let (ip, port) = listening.options.external;
    let (ip, port) = match node.settings.get().reply {
        Some((other, other_port)) => (other, other_port.unwrap_or(port)),
        None => (ip, port),
    };
    Ok(Reply::Text(format!("{ip}:{port}")))
}

/// Reads `= ADDRESS` or `and port = ADDRESS:PORT`; `dynamic` stands for the address of the connection.
fn address(line: &Line<'_>, dynamic: &str) -> Result<(String, Option<u16>), Error> {
    let wrong = |text: &str| Error::with(Code::SOURCE_ADDRESS, format!("'{text}' is no address of this node"));
    match line.arguments() {
        [equal, word] if equal.is("=") => {
            let text = resolve(&word.text, line.scope).into_text();
            let text = if text.eq_ignore_ascii_case("dynamic") { dynamic.to_owned() } else { text };
            if usable(&text) { Ok((text, None)) } else { Err(wrong(&text)) }
        }
        [and, port, equal, word] if and.is("and") && port.is("port") && equal.is("=") => {
            let (ip, port) = word.text.split_once(':').ok_or_else(|| wrong(&word.text))?;
            let [ip, port] = [ip, port].map(|part| resolve(part, line.scope).into_text());
            let number = port.parse().ok().filter(|port: &u16| *port != 0).ok_or_else(|| wrong(&word.text))?;
            let ip = if ip.eq_ignore_ascii_case("dynamic") { dynamic.to_owned() } else { ip };
            if usable(&ip) { Ok((ip, Some(number))) } else { Err(wrong(&ip)) }
        }
        _ => Err(Error::with(Code::STRUCTURE, "write '= ADDRESS' or 'and port = ADDRESS:PORT'")),
    }
}

fn usable(host: &str) -> bool {
    !host.is_empty() && host.len() <= 128 && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
}

/// Describes a row of this family.
const fn entry(
    words: &'static str,
    min_words: usize,
    role: Role,
    help: Help,
    parse: crate::command::engine::Parse,
) -> Entry {
    let assigns = matches!(role, Role::Read);
    Entry { words, min_words, assigns, role, network: Network::Rest, traits: Traits::CHANGE, help, parse }
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[
    entry(
        "get reply ip",
        3,
        Role::Read,
        Help {
            usage: "get reply ip",
            text: "Shows the address and port that messages to other nodes announce.",
            examples: &["get reply ip"],
            index: &["network", "configuration"],
        },
        |_| parsed(Announce::Show),
    )
    .with(Traits::QUESTION),
    entry(
        "set reply ip",
        5,
        Role::Admin,
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
        Role::Admin,
        Help {
            usage: "reset reply ip",
            text: "Announces the addresses of the TCP server again.",
            examples: &["reset reply ip"],
            index: &["network", "configuration"],
        },
        |_| parsed(Announce::Reply(None)),
    ),
    entry(
        "set self ip",
        5,
        Role::Admin,
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
        Role::Admin,
        Help {
            usage: "reset self ip",
            text: "Sends messages of this node to itself to its own address again.",
            examples: &["reset self ip"],
            index: &["network", "configuration"],
        },
        |_| parsed(Announce::Itself(None)),
    ),
];
