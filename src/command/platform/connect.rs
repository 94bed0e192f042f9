//! `blockchain connect` (reference/ledger 12.2).

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, parsed, shown_word},
        platform::arguments::{ACCOUNT, AccountWords, CHAIN_ID, GAS_WRITE, refuse_files, secret_list},
    },
    node::{
        Node, Session, SessionScope,
        platforms::{ConnectedPlatform, PlatformError, PlatformName, Provider},
    },
    reply::{Code, Error, Reply},
    runtime::limits,
    script::Key,
};
use async_trait::async_trait;
use std::{path::PathBuf, sync::Arc};
use tokio::time::timeout;

/// Connects a platform.
#[derive(Debug)]
struct ConnectPlatform {
    name: PlatformName,
    provider: Provider,
    /// What the short form says of the account as well.
    account: AccountWords,
    /// False: the platform is connected although its provider does not answer now.
    needs_answer: bool,
    /// True when a secret of this node, or a part of one, is part of the URL.
    leads_secret_away: bool,
}

#[async_trait]
impl Command for ConnectPlatform {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { name, provider, account, needs_answer, leads_secret_away } = *self;
        if leads_secret_away && session.origin.is_from_network() {
            let detail = "what this node keeps closed is no part of a provider that is named over the network: write the \
                variable of the provider alone (provider = $PROVIDER), or type the command at the node's prompt";
            return Err(Error::with(Code::UNAUTHORIZED, detail));
        }
        if provider.authority().is_some() {
            refuse_files(session)?;
        }
        // What is wrong with the account is told before anything is connected.
        let info = if account.is_empty() { None } else { Some(account.info(node, session).await?) };
        let platform = if needs_answer {
            node.platforms.connect(name, provider).await?
        } else {
            declared(node, session, name, provider).await?
        };
        if let Some(info) = info {
            platform.set_info(info)?;
        }
        Ok(Reply::Empty)
    }

    fn question(&self) -> Option<&'static str> {
        self.account.question()
    }
}

/// Connects a platform whether or not its provider answers; one that is silent holds nobody up.
async fn declared(
    node: &Node,
    session: &Session,
    name: PlatformName,
    provider: Provider,
) -> Result<Arc<ConnectedPlatform>, Error> {
    let asked = timeout(limits::CHAIN_CONNECT, node.platforms.connect(name, provider.clone())).await;
    let why = match asked {
        Ok(Err(error @ PlatformError::Unavailable { .. })) => error.to_string(),
        Ok(connected) => return Ok(connected?),
        Err(_) => format!("the provider {provider} does not answer within {} s", limits::CHAIN_CONNECT.as_secs()),
    };
    node.events.warning(&session.thread, &format!("{name} is connected all the same: {why}"));
    Ok(node.platforms.declare(name, provider)?)
}

const USAGE: &str = "write: blockchain connect to PLATFORM where provider = URL, or blockchain connect PLATFORM where provider = URL \
and public_key = … and private_key = … and chain_id = … and contract = …";

fn parse(line: &Line<'_>) -> Parsed {
    let (name, list, short) = match line.arguments() {
        [to, name, by, list @ ..] if to.is("to") && by.is("where") && !list.is_empty() => (name, list, false),
        [name, by, list @ ..] if by.is("where") && !list.is_empty() => (name, list, true),
        _ => return Err(Error::with(Code::STRUCTURE, USAGE)),
    };
    let name = shown_word(line.scope, &name.text);
    let name = name.parse().map_err(|()| PlatformError::NoSuchPlatform(name))?;
    let keys = [Key::text("provider").required(), Key::text("provider_ca"), GAS_WRITE, Key::bool("required")];
    let keys = keys.into_iter().chain(ACCOUNT);
    // The nodes of the network take the number of the chain with the account alone.
    let keys: Vec<Key> = keys.chain(short.then_some(CHAIN_ID)).collect();
    let list = secret_list(line, list, &keys).map_err(|error| with_hint(error, short))?;
    let url = list.opened("provider").unwrap_or_default();
    let provider = url.parse::<Provider>().map_err(|error| Error::with(Code::STRUCTURE, error.to_string()))?;
    let provider = provider.trusting(list.opened("provider_ca").map(PathBuf::from));
    // Behind 'to' the other keys are accepted and left to 'blockchain set account info', as nodes of the network do.
    let account = if short { AccountWords::read(&list)? } else { AccountWords::default() };
    let needs_answer = list.shown().bool("required").unwrap_or(true);
    let leads_secret_away = list.opens("provider") && !SessionScope::is_whole_provider(line.scope, url);
    parsed(ConnectPlatform { name, provider, account, needs_answer, leads_secret_away })
}

fn with_hint(error: Error, short: bool) -> Error {
    if short {
        return error;
    }
    let detail = error.detail.unwrap_or_default();
    let hint = "the account is told with 'blockchain set account info', or in one command without the word 'to'";
    Error { detail: Some(format!("{detail}; {hint}")), ..error }
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "blockchain connect",
    parse,
    Help {
        usage: "blockchain connect [to] [ethereum/optimism] where provider = [url] [and provider_ca = [file]] [and public_key = [account] and private_key = [key] and chain_id = [number] and contract = [address]]",
        text: "Connects a chain by the URL of a provider. Without the word 'to' the account is told in the same command; with private_key = ? the prompt of the node asks for the key, and instead of private_key a file may be named (private_key_file), or a keystore with its password. A provider whose certificate no public authority signed needs provider_ca, the file of its authority (PEM). With required = false the chain is connected although its provider does not answer now.",
        examples: &[
            "blockchain connect to optimism where provider = https://x",
            "blockchain connect ethereum where provider = http://10.0.0.5:8545 and private_key_file = /run/secrets/chain_key and chain_id = 11155111 and contract = !contract",
        ],
        index: &["blockchain"],
    },
)
.opening_secrets()
.with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
.not_for_peers()];
