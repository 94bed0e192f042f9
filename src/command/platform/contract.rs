//! `blockchain deploy contract`, `blockchain state` (reference/ledger 12.2).

use crate::{
    command::engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, options::options, parsed},
    node::{
        Node, Session,
        platforms::{ChainAddress, PlatformError},
    },
    reply::{Code, Error, Reply},
    script::Key,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Commands on the contract as a whole.
#[derive(Debug)]
enum Contract {
    /// `blockchain deploy contract`.
    Deploy {
        /// The platform.
        platform: String,
        /// The account that is expected to pay.
        public_key: Option<ChainAddress>,
    },
    /// `blockchain state`.
    State(String),
}

#[async_trait]
impl Command for Contract {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Deploy { platform, public_key } => {
                let platform = node.platforms.named(&platform)?;
                let of_key = platform.account()?.address;
                if let Some(named) = public_key.filter(|named| *named != of_key) {
                    return Err(PlatformError::OtherAccount { of_key, named }.into());
                }
                Ok(Reply::Text(platform.deploy().await?.to_string()))
            }
            Self::State(platform) => {
                let count = node.platforms.named(&platform)?.transaction_count().await?;
                Ok(Reply::Text(count.to_string()))
            }
        }
    }
}

fn parse_deploy(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("platform").required(), Key::text("public_key")])?;
    let platform = arguments.text("platform").unwrap_or_default().to_owned();
    let read = |text: &str| {
        let wrong = |error| Error::with(Code::STRUCTURE, format!("public_key '{text}': {error}"));
        text.parse().map_err(wrong)
    };
    let public_key = arguments.text("public_key").map(read).transpose()?;
    parsed(Contract::Deploy { platform, public_key })
}

fn parse_state(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::text("platform").required()])?;
    parsed(Contract::State(arguments.text("platform").unwrap_or_default().to_owned()))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry {
        assigns: true,
        ..Entry::change(
            "blockchain deploy contract",
            parse_deploy,
            Help {
                usage: "blockchain deploy contract where platform = [platform] and public_key = [account]",
                text: "Creates a contract for policies and returns its address; 'blockchain set account info' makes it the one that is used.",
                examples: &["contract = blockchain deploy contract where platform = optimism and public_key = !key"],
                index: &["blockchain"],
            },
        )
        .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
        .not_for_peers()
    },
    Entry {
        assigns: true,
        ..Entry::change(
            "blockchain state",
            parse_state,
            Help {
                usage: "blockchain state where platform = [platform]",
                text: "Returns the number of changes that the contract ever made: who has seen that number has seen all of them.",
                examples: &["transactions = blockchain state where platform = optimism"],
                index: &["blockchain"],
            },
        )
        .with(Traits::CHANGE.over_tcp(Exchange::LedgerEcho))
        .not_for_peers()
    },
];
