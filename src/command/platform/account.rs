//! `blockchain create account`, `blockchain set account info` (reference/ledger 12.2).

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, options::resolved, parsed},
        platform::arguments::{ACCOUNT, AccountWords, CHAIN_ID, GAS_WRITE, secret_list},
    },
    node::{
        Node, Session,
        platforms::{NewAccount, PlatformError, PlatformName},
    },
    reply::{Code, Error, Notice, Reply},
    script::Key,
};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use std::sync::Arc;

/// Commands on accounts.
#[derive(Debug)]
enum Account {
    /// `blockchain create account`.
    Create,
    /// `blockchain set account info`.
    Set {
        /// The platform.
        platform: String,
        /// What is known of the account.
        words: AccountWords,
    },
}

#[async_trait]
impl Command for Account {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Create => {
                let NewAccount { address, key } = node.platforms.maker().new_account()?;
                // Who calls over the network gets the address; the key is for the console alone, this once.
                let key = key.expose_digits();
                session.output.notice(&Notice::Secret(vec![
                    format!("public_key:  {address}"),
                    format!("private_key: {}", key.expose_secret()),
                    "The private key is shown this once and kept nowhere: keep it where nobody else reads it."
                        .to_owned(),
                ]));
            }
            Self::Set { platform, words } => {
                let platform = node.platforms.named(&platform)?;
                platform.set_info(words.info(node, session).await?)?;
            }
        }
        Ok(Reply::Empty)
    }

    fn question(&self) -> Option<&'static str> {
        match self {
            Self::Create => None,
            Self::Set { words, .. } => words.question(),
        }
    }
}

fn parse_create(line: &Line<'_>) -> Parsed {
    let [name] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain create account PLATFORM"));
    };
    let name = resolved(line, &name.text);
    let _known: PlatformName = name.parse().map_err(|()| PlatformError::NoSuchPlatform(name))?;
    parsed(Account::Create)
}

fn parse_set(line: &Line<'_>) -> Parsed {
    let list = match line.arguments() {
        [by, list @ ..] if by.is("where") && !list.is_empty() => list,
        _ => return Err(Error::with(Code::STRUCTURE, "write: where platform = PLATFORM and KEY = VALUE")),
    };
    let keys: Vec<Key> = [Key::text("platform").required(), CHAIN_ID, GAS_WRITE].into_iter().chain(ACCOUNT).collect();
    let list = secret_list(line, list, &keys)?;
    let platform = list.shown().text("platform").unwrap_or_default().to_owned();
    parsed(Account::Set { platform, words: AccountWords::read(&list)? })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "blockchain create account",
        parse_create,
        Help {
            usage: "blockchain create account [ethereum/optimism]",
            text: "Makes an account with a new pair of keys and shows them on the console, once. No chain has to be connected.",
            examples: &["blockchain create account optimism"],
            index: &["blockchain"],
        },
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
    Entry::change(
        "blockchain set account info",
        parse_set,
        Help {
            usage: "blockchain set account info where platform = [platform] and private_key = [key] and public_key = [account] and chain_id = [number] and contract = [address]",
            text: "Says who signs on a platform and which contract holds the policies; several calls add to each other. With private_key = ? the prompt of the node asks for the key and does not show what is typed. It may also come from a variable (private_key = $NAME), from a file (private_key_file = PATH), or from a keystore (keystore = PATH and password = ?, or password_file = PATH). It is shown nowhere.",
            examples: &[
                "blockchain set account info where platform = optimism and public_key = !key",
                "blockchain set account info where platform = ethereum and private_key = ?",
                "blockchain set account info where platform = ethereum and private_key = $BLOCKCHAIN_PRIVATE_KEY and chain_id = 5",
                "blockchain set account info where platform = ethereum and contract = !contract",
            ],
            index: &["blockchain"],
        },
    )
    .opening_secrets()
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
];
