//! `blockchain drop …` on a master, `blockchain delete policy` on a node (reference/ledger 6, 9.1).

use crate::{
    command::{
        engine::{
            Access, Behind, Command, Entry, Exchange, Help, Line, Parsed, Traits, options::options, parsed,
            policies as arguments,
        },
        ledger::{caller, this_node},
    },
    ledger::{Change, Location},
    node::{Node, RemoteChange, Session, platforms::ChainChange},
    policy::{Policy, id},
    query::{self, Budget, Output, Query, Texts},
    reply::{Code, Error, Reply},
    script::{Key, Word, joined, resolve},
};
use anylog_values::Address;
use async_trait::async_trait;
use std::sync::Arc;

/// Policies to remove.
#[derive(Clone, Debug, PartialEq)]
pub enum Remove {
    /// `blockchain drop policy where id = …`, `blockchain drop policy POLICY`.
    Ids(Vec<String>),
    /// `blockchain drop policy LIST where …`.
    Chosen(Vec<String>),
    /// `blockchain drop policy where id = blockchain get …`.
    Found(Box<Query>),
    /// `blockchain drop policy from PLATFORM where id = …`.
    FromPlatform {
        /// The platform.
        platform: String,
        /// Id of the policy.
        id: String,
    },
    /// `blockchain drop by host`.
    Host(String),
    /// `blockchain delete policy`.
    Delete {
        /// Its id.
        id: String,
        /// Whether the local copy forgets it.
        local: bool,
        /// Masters that drop it.
        masters: Vec<Address>,
        /// Contract platforms that should drop it.
        platforms: Vec<String>,
    },
}

pub const ENTRIES: &[Entry] = &[
    Entry::publishes(
        "blockchain drop policy",
        drop_policy,
        Help {
            usage: "blockchain drop policy [from platform] [where id = id, id / policy [where key = value]]",
            text: "Removes policies from the ledger of this master, by id one by one up to the first that is not there. With a list of policies, 'where' says which of them. With 'from platform' one policy is removed from the contract of that platform.",
            examples: &[
                "blockchain drop policy where id = !policy_id",
                "blockchain drop policy from optimism where id = !policy_id",
                "blockchain drop policy !old_policy",
                "blockchain drop policy !policy_list where name = test",
                "blockchain drop policy where id = blockchain get bucket bring [*][id] separator = ,",
            ],
            index: &["blockchain", "metadata"],
        },
    ).reaching(Access::ChangeOwnPolicies)
    .before(Behind::IdOption),
    Entry::change(
        "blockchain drop by host",
        drop_host,
        Help {
            usage: "blockchain drop by host [ip]",
            text: "Removes every policy that a node published.",
            examples: &["blockchain drop by host 10.0.0.7"],
            index: &["blockchain", "metadata"],
        },
    ).reaching(Access::ChangeOwnPolicies)
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .not_for_peers(),
    Entry::publishes(
        "blockchain delete policy",
        delete,
        Help {
            usage: "blockchain delete policy where id = [id] and local = [true/false] and master = [ip:port] [and blockchain = [platform]]",
            text: "Removes a policy from the local copy, from the ledger of each master, and from the contract of each platform.",
            examples: &["blockchain delete policy where id = !policy_id and local = true and master = !ledger_conn"],
            index: &["blockchain", "metadata"],
        },
    ).reaching(Access::ChangeOwnPolicies)
    .not_for_peers()
    .before(Behind::IdOption),
];

/// The entry of `blockchain drop policy`.
pub(super) const DROP_POLICY: &Entry = match ENTRIES {
    [first, ..] => first,
    [] => unreachable!(),
};

fn drop_policy(line: &Line<'_>) -> Parsed {
    let arguments = match line.arguments() {
        [from, place, rest @ ..] if from.is("from") && place.is("local") => rest,
        arguments => arguments,
    };
    let remove = match arguments {
        [word, key, sign, rest @ ..] if word.is("where") && key.is("id") && sign.is("=") && !rest.is_empty() => {
            by_ids(rest, line)?
        }
        [word, platform, by, key, sign, id] if word.is("from") && by.is("where") && key.is("id") && sign.is("=") => {
            Remove::FromPlatform { platform: resolve(platform, line.scope).into_text(), id: id_in(id, line) }
        }
        [policy] if !policy.is("where") => Remove::Ids(vec![id_of(&single(policy, line)?)]),
        [policy, word, condition @ ..] if word.is("where") && are_pairs(condition) => {
            let policies = arguments::policy_list(&arguments::policy_text(policy, line.scope))?;
            let words: Vec<Word> =
                [Word::plain("*"), word.clone()].into_iter().chain(condition.iter().cloned()).collect();
            Remove::Chosen(
                Query::parse(&words, line.scope)?
                    .policies(&policies, &Budget::unlimited())?
                    .into_iter()
                    .map(|policy| id_of(&policy))
                    .collect(),
            )
        }
        _ => {
            let detail = "write: blockchain drop policy where id = ID, or LIST where key = value [and key = value]";
            return Err(Error::with(Code::STRUCTURE, detail));
        }
    };
    parsed(remove)
}

/// Reads the one policy to drop; of a list a `where` has to say which.
fn single(word: &Word, line: &Line<'_>) -> Result<Policy, Error> {
    let unreadable =
        || Error::known(Code::JSON, format!("Policy provided is not representative of JSON: {}", word.text));
    match <[Policy; 1]>::try_from(
        arguments::policy_list(&arguments::policy_text(word, line.scope)).map_err(|_| unreadable())?,
    ) {
        Ok([policy]) => Ok(policy),
        Err(_) => Err(unreadable()),
    }
}

/// Tells whether a condition is `key = value [and key = value …]`: anything else would choose more than is meant.
fn are_pairs(condition: &[Word]) -> bool {
    let is_pair = |words: &[Word]| matches!(words, [key, sign, _] if sign.is("=") && !key.text.starts_with('['));
    !condition.is_empty() && condition.split(|word| word.is("and")).all(is_pair)
}

fn by_ids(words: &[Word], line: &Line<'_>) -> Result<Remove, Error> {
    if let [first, second, query @ ..] = words
        && first.is("blockchain")
        && (second.is("get") || second.is("read"))
    {
        return Ok(Remove::Found(Box::new(Query::parse(query, line.scope)?)));
    }
    let text = match words {
        [word] => id_in(word, line),
        words => joined(words),
    };
    // An id that stands alone is taken as it is: blanks may belong to it.
    let ids = match text.split_once(',') {
        None => vec![text],
        Some(_) => text.split(',').map(|id| id.trim().to_owned()).collect(),
    };
    Ok(Remove::Ids(ids))
}

/// Reads an id. It may end like a suffix of a value (`.str`): without it, another policy would be dropped.
fn id_in(word: &Word, line: &Line<'_>) -> String {
    if word.text.starts_with(['!', '$', '\\']) { resolve(word, line.scope).into_text() } else { word.text.clone() }
}

/// Returns the id of a policy; one without has the id of its content.
fn id_of(policy: &Policy) -> String {
    policy.id().unwrap_or_else(|| id::of(policy))
}

fn drop_host(line: &Line<'_>) -> Parsed {
    let [host] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain drop by host IP"));
    };
    let host = resolve(host, line.scope).into_text();
    parsed(Remove::Host(host))
}

fn delete(line: &Line<'_>) -> Parsed {
    let schema =
        [Key::text("id").required(), Key::bool("local"), Key::address("master").many(), Key::text("blockchain").many()];
    let arguments = options(line, &schema)?;
    let texts = |key: &str| arguments.texts(key).map(str::to_owned).collect::<Vec<_>>();
    let masters: Vec<Address> = arguments.addresses("master").collect();
    let platforms = texts("blockchain");
    if arguments.bool("local").is_none() && masters.is_empty() && platforms.is_empty() {
        return Err(Error::with(
            Code::STRUCTURE,
            "say where the policy is deleted: local = true, master = ip:port or both",
        ));
    }
    let id = arguments.text("id").unwrap_or_default().to_owned();
    let local = arguments.bool("local").unwrap_or(true);
    parsed(Remove::Delete { id, local, masters, platforms })
}

#[async_trait]
impl Command for Remove {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Ids(ids) => drop_rows(node, session, ids).await?,
            Self::Chosen(ids) => {
                caller::write(node, session, Change::DropSome { ids }).await?;
            }
            Self::Found(query) => {
                caller::refuse_query(session)?;
                let output = node.queries.ask(session, this_node::question(node, *query), |output| output).await?;
                drop_rows(node, session, found(output)?).await?;
            }
            Self::FromPlatform { platform, id } => from_platform(node, session, &platform, id).await?,
            Self::Host(host) => {
                caller::write(node, session, Change::DropHost { host }).await?;
            }
            Self::Delete { id, local, masters, platforms } => {
                if !platforms.is_empty() {
                    caller::may_change_contracts(session)?;
                }
                delete_everywhere(node, session, &id, local, &masters).await?;
                for platform in &platforms {
                    let told = from_platform(node, session, platform, id.clone()).await;
                    warn_once_local(node, session, told, local, &id)?;
                }
                // The policy is gone where it was to go; how the round that fetches the ledger without it ends does not change that.
                if node.services.synchronizer.status().is_some()
                    && let Err(error) = node.services.synchronizer.now(node).await
                {
                    tracing::warn!(%error, "the round behind a deletion failed: the copy follows with the next one");
                }
            }
        }
        Ok(Reply::Empty)
    }
}

/// Returns the ids that a query brought, which have to be told from each other as in a list that somebody writes.
fn found(output: Output) -> Result<Vec<String>, Error> {
    match output {
        Output::Texts(Texts { texts, separator, brackets })
            if texts.len() == 1 || brackets || separator.trim() == "," =>
        {
            let ids = texts.iter().map(|id| id.trim()).filter(|id| !id.is_empty());
            Ok(ids.map(str::to_owned).collect())
        }
        Output::Text(id) => Ok(vec![id]),
        Output::Policies(list) if list.is_empty() => {
            Err(Error::with(Code::NOT_IN_LOCAL_FILE, "no policy satisfies the query"))
        }
        _ => Err(query::Error::Structure("the query has to bring ids: bring [*][id] separator = ,".to_owned()).into()),
    }
}

async fn drop_rows(node: &Node, session: &Session, ids: Vec<String>) -> Result<(), Error> {
    caller::write(node, session, Change::Drop { ids }).await?;
    Ok(())
}

/// Deletes a policy of the contract of a platform.
async fn from_platform(node: &Node, session: &Session, platform: &str, id: String) -> Result<(), Error> {
    caller::may_change_contracts(session)?;
    node.platforms.named(platform)?.carry_out(&ChainChange::Delete { id }).await?;
    Ok(())
}

async fn delete_everywhere(
    node: &Arc<Node>,
    session: &Session,
    id: &str,
    local: bool,
    masters: &[Address],
) -> Result<(), Error> {
    let Some(location) = node.ledger.view().by_id(id).map(|entry| entry.location) else {
        return Err(Error::with(Code::POLICY_NOT_AVAILABLE, format!("no policy with id '{id}' is known here")));
    };
    let change = Change::Drop { ids: vec![id.to_owned()] };
    caller::leave_own_policy(node, session, &change)?;
    if local {
        caller::write(node, session, change).await?;
    }
    let drop = RemoteChange::Drop { id: id.to_owned() };
    for master in masters {
        if !node.is_own_address(master) {
            let told = node.services.peers.request_change(node, &master.to_string(), &drop).await;
            warn_once_local(node, session, told, local, id)?;
        } else if !local && location == Location::Table {
            drop_rows(node, session, vec![id.to_owned()]).await?;
        }
    }
    Ok(())
}

/// Makes a warning of an error when the policy is deleted here all the same.
fn warn_once_local(
    node: &Node,
    session: &Session,
    told: Result<(), Error>,
    local: bool,
    id: &str,
) -> Result<(), Error> {
    match told {
        Err(error) if local => {
            let text = format!("policy '{id}' is deleted here, somebody else did not hear of it: {error}");
            node.events.warning(&session.thread, &text);
            Ok(())
        }
        told => told,
    }
}
