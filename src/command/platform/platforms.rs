//! `get platforms` (reference/ledger 12.2).

use crate::{
    command::engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, options::nothing_more, parsed},
    node::{
        Node, Session,
        platforms::{Amount, ConnectedPlatform},
    },
    reply::{Error, Gap, Reply, Table},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

/// `get platforms`.
#[derive(Clone, Copy, Debug)]
struct GetPlatforms;

const NONE: &str = "No connections to blockchain platforms";
const NO_BALANCE: &str = "Failed to extract balance";

#[async_trait]
impl Command for GetPlatforms {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let platforms = node.platforms.all();
        if platforms.is_empty() {
            return Ok(Reply::Text(NONE.to_owned()));
        }
        let rows = join_all(platforms.iter().map(|platform| rows(platform))).await;
        let table = Table::new(["Name", "Active", "Balance", "Chain ID", "Key Types", "Keys"], rows.concat());
        Ok(Reply::Table(Table { gap: Gap::Line, ..table.with_header("Blockchains connected") }))
    }
}

/// Returns the lines of one platform. Its private key is in none of them.
async fn rows(platform: &ConnectedPlatform) -> Vec<Vec<Value>> {
    let (version, balance) = tokio::join!(platform.client().client_version(), platform.balance());
    let info = platform.info();
    let text = |value: Option<String>| json!(value.unwrap_or_default());
    let address = text(info.public_key.map(|address| address.to_string()));
    let contract = text(info.contract.map(|address| address.to_string()));
    let of_platform = [
        json!(platform.name().as_str()),
        json!(version.is_ok()),
        json!(balance.map_or_else(|_| NO_BALANCE.to_owned(), written)),
        json!(info.chain_id.unwrap_or_default()),
    ];
    let nothing = || [Value::Null, Value::Null, Value::Null, Value::Null];
    let line = |start: [Value; 4], kind: &str, key: Value| start.into_iter().chain([json!(kind), key]).collect();
    vec![
        line(of_platform, "Public Key", address),
        line(nothing(), "Contract", contract),
        line(nothing(), "URL/Config", json!(platform.provider().to_string())),
    ]
}

fn written(balance: Amount) -> String {
    format!("Ether: {} Wei: {}", balance.ether(), balance.rest())
}

fn parse(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(GetPlatforms))
}

const HELP: Help = Help {
    usage: "get platforms",
    text: "Lists the chains that are connected: whether the provider answers, what the account has, account and contract. 'get platforms' and 'blockchain get platforms' are the same.",
    examples: &["get platforms"],
    index: &["blockchain", "monitor"],
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::read("get platforms", parse, HELP),
    Entry::read("blockchain get platforms", parse, Help { examples: &["blockchain get platforms"], ..HELP })
        .with(Traits::QUESTION.over_tcp(Exchange::LedgerQuery)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_reads_as_the_network_writes_it() {
        assert_eq!(written(Amount(99_997_425_716_431_781_125)), "Ether: 99 Wei: 997425716431781125");
    }
}
