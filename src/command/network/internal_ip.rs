//! `set internal ip with …`: the address that the node calls its own (reference/command-language 12.2).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::resolved, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
    runtime::address,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Chooses the own address by interface; without one the address that the system would use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalIp {
    interface: Option<String>,
}

#[async_trait]
impl Command for InternalIp {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let ip = match &self.interface {
            None => address::of_this_machine(),
            Some(name) => address::of_interface(name).ok_or_else(|| {
                let detail =
                    format!("Failed to identify IP using '{name}': no interface of this machine has that name");
                Error::with(Code::SOURCE_ADDRESS, detail)
            })?,
        };
        node.dictionary.set("ip", ip.to_string());
        Ok(Reply::Empty)
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [with, word] if with.text == "with" => {
            let name = resolved(line, &word.text);
            let interface = Some(name).filter(|name| name != "default");
            parsed(InternalIp { interface })
        }
        _ => Err(Error::with(Code::STRUCTURE, "write: set internal ip with INTERFACE/default")),
    }
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "set internal ip",
    parse,
    Help {
        usage: "set internal ip with INTERFACE/default",
        text: "Sets the variable ip to the address of a network interface, or to the one that the system uses for the Internet.",
        examples: &["set internal ip with eth0", "set internal ip with !nic_type", "set internal ip with default"],
        index: &["configuration", "network"],
    },
)];
