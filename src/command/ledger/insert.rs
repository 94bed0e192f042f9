//! `blockchain prepare policy`, `blockchain insert`, `blockchain add` (reference/ledger 2.1, 6.1).

use crate::{
    command::{
        engine::{
            Command, Entry, Exchange, Help, Line, Parsed, Traits, options::options, parsed, policies as arguments,
        },
        ledger::{
            insert_places::{InsertPlaces, add_local},
            mapping_scripts,
        },
    },
    ledger::PolicyCheck,
    node::{Node, Origin, Session, variables},
    policy::{self, Policy, json},
    reply::{Code, Error, Notice, Reply},
    runtime::{clock, limits},
    script::{Key, Resolved},
};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// A command that gives policies to this node.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertPolicy {
    /// `blockchain prepare policy`: id and date; the variable that it came from gets the result.
    Prepare {
        /// The policies.
        policies: GivenPolicies,
        /// Name of the variable.
        variable: Option<String>,
    },
    /// `blockchain insert`.
    Publish {
        /// The policies.
        policies: GivenPolicies,
        /// Where they go.
        to: InsertPlaces,
    },
    /// `blockchain add`.
    Add(Vec<Policy>),
}

/// One policy, or a list of them that are added all together or not at all.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenPolicies {
    /// An object.
    One(Policy),
    /// A list of objects.
    List(Vec<Policy>),
}

pub const ENTRIES: &[Entry] = &[
    Entry::publishes(
        "blockchain prepare policy",
        prepare,
        Help {
            usage: "blockchain prepare policy [!variable]",
            text: "Adds id and date to the policy in a variable, or to each of a list of policies.",
            examples: &["blockchain prepare policy !new_policy", "blockchain prepare policy !policy_list"],
            index: &["blockchain", "metadata"],
        },
    )
    .not_for_peers(),
    Entry::publishes(
        "blockchain insert",
        insert,
        Help {
            usage: "blockchain insert where policy = [policy] and local = [true/false] and master = [ip:port] [and blockchain = [platform]]",
            text: "Validates a policy and adds it to the local copy, to the ledger of each master, and to the contract of each platform. A list of policies is added in one transaction: when one of them is refused, none is added, and the error says which it was. Other masters and platforms get the policies of a list one by one.",
            examples: &[
                "blockchain insert where policy = !new_policy and local = true and master = !ledger_conn",
                "blockchain insert where policy = !new_policy and local = false and master = 10.0.0.5:32048",
                "blockchain insert where policy = !policy_list and local = true and master = !ledger_conn",
            ],
            index: &["blockchain", "metadata"],
        },
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange).staying())
    .not_for_peers(),
    Entry::publishes(
        "blockchain add",
        add,
        Help {
            usage: "blockchain add [policy]",
            text: "Validates a policy, or a list of them, and adds it to the local copy only; of a list all are added or none.",
            examples: &["blockchain add !new_policy"],
            index: &["blockchain", "metadata"],
        },
    )
    .not_for_peers(),
];

/// The entry of `blockchain insert`.
pub(super) const INSERT_ENTRY: &Entry = match ENTRIES {
    [_, insert, ..] => insert,
    _ => unreachable!(),
};

fn prepare(line: &Line<'_>) -> Parsed {
    let word = arguments::only_word(line)?;
    let text = arguments::policy_text(word, line.scope);
    let wrong = |error: policy::Error| Error::with(Code::POLICY_STRUCTURE, error.to_string());
    let value = json::parse_lenient(&text)
        .map_err(|error| arguments::undefined(&text, Code::POLICY_STRUCTURE).unwrap_or_else(|| wrong(error)))?;
    let policies = given(value, Code::POLICY_STRUCTURE, |value| Policy::from_value(value).map_err(wrong))?;
    let variable = word.text.strip_prefix('!').map(str::to_owned);
    parsed(InsertPolicy::Prepare { policies, variable })
}

const INSERT: &[Key] = &[
    Key::text("policy").required(),
    Key::bool("local"),
    Key::address("master").many(),
    Key::text("blockchain").many(),
];

fn insert(line: &Line<'_>) -> Parsed {
    let arguments = options(line, INSERT)?;
    let texts = |key: &str| arguments.texts(key).map(str::to_owned).collect::<Vec<_>>();
    let to = InsertPlaces {
        local: arguments.bool("local").unwrap_or(true),
        masters: arguments.addresses("master").collect(),
        platforms: texts("blockchain"),
    };
    if arguments.bool("local").is_none() && to.masters.is_empty() && to.platforms.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "say where the policy goes: local = true, master = ip:port or both"));
    }
    let text = crate::script::fill(arguments.text("policy").unwrap_or_default(), line.scope);
    let value = json::parse_lenient(&text).map_err(|error| {
        arguments::undefined(&text, Code::STRUCTURE)
            .unwrap_or_else(|| arguments::unreadable(error, |reason| Error::with(Code::STRUCTURE, reason)))
    })?;
    let is_quoted = text.trim_start().starts_with('\'');
    // One with several types, or none, has a code of its own.
    let read = |value: Value| {
        let is_single = value.as_object().is_none_or(|object| object.len() == 1);
        let code = if is_single && !is_quoted { Code::STRUCTURE } else { Code::POLICY_STRUCTURE };
        Policy::from_value(value).map_err(|error| Error::with(code, error.to_string()))
    };
    parsed(InsertPolicy::Publish { policies: given(value, Code::STRUCTURE, read)?, to })
}

/// Reads one policy, or as many as are added together; `code` is that of a list with another number of them.
fn given(value: Value, code: Code, read: impl Fn(Value) -> Result<Policy, Error>) -> Result<GivenPolicies, Error> {
    let values = match value {
        Value::Array(values) => values,
        value => return read(value).map(GivenPolicies::One),
    };
    let most = limits::POLICIES_TOGETHER;
    let count = values.len();
    if count == 0 || count > most {
        let detail = format!("the list has {count} policies, 1 to {most} are added together");
        return Err(Error::with(code, detail));
    }
    let numbered = (1..).zip(values);
    let policies = numbered.map(|(place, value)| read(value).map_err(|error| error.of_one(place)));
    Ok(GivenPolicies::List(policies.collect::<Result<_, _>>()?))
}

fn add(line: &Line<'_>) -> Parsed {
    let policies = arguments::policy_list(&arguments::policy_text(arguments::only_word(line)?, line.scope))?;
    parsed(InsertPolicy::Add(policies))
}

impl GivenPolicies {
    fn into_vec(self) -> Vec<Policy> {
        match self {
            Self::One(policy) => vec![policy],
            Self::List(policies) => policies,
        }
    }
}

#[async_trait]
impl Command for InsertPolicy {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Prepare { policies, variable } => {
                let is_list = matches!(policies, GivenPolicies::List(_));
                let now = clock::policy_date();
                let policies = each(policies.into_vec(), |policy| Ok(policy.prepare(&now)?))?;
                if let Some(variable) = variable {
                    let texts: Vec<String> = policies.iter().map(Policy::stored_text).collect();
                    let text = texts.join(", ");
                    let text = if is_list { format!("[{text}]") } else { text };
                    variables::store(node, session, &variable, Resolved::Text(text))?;
                }
            }
            Self::Publish { policies, to } => {
                let policies = insertion(node, policies.into_vec())?;
                let told = Told::of(session, &policies);
                to.publish(node, session, policies).await?;
                told.tell(node, session);
            }
            Self::Add(policies) => {
                let policies = insertion(node, policies)?;
                let told = Told::of(session, &policies);
                add_local(node, session, policies, PolicyCheck::Added).await?;
                told.tell(node, session);
            }
        }
        Ok(Reply::Empty)
    }
}

/// Makes policies ready to be added: id, date, and scripts that are scripts.
fn insertion(node: &Node, policies: Vec<Policy>) -> Result<Vec<Policy>, Error> {
    let now = clock::policy_date();
    each(policies, |policy| {
        policy.prepare(&now)?;
        mapping_scripts::check(policy, &*node.commands)
    })
}

/// Does something with each of several policies; the error says which of them it is about.
fn each(mut policies: Vec<Policy>, make: impl Fn(&mut Policy) -> Result<(), Error>) -> Result<Vec<Policy>, Error> {
    let is_one = policies.len() == 1;
    for (place, policy) in (1..).zip(&mut policies) {
        make(policy).map_err(|error| if is_one { error } else { error.of_one(place) })?;
    }
    Ok(policies)
}

/// What people at a terminal are told about, because the command answers nothing.
struct Told(Vec<String>);

impl Told {
    /// Takes the ids of the policies when somebody sits there.
    fn of(session: &Session, policies: &[Policy]) -> Self {
        let is_told = session.origin == Origin::Prompt;
        Self(policies.iter().filter(|_| is_told).filter_map(Policy::id).collect())
    }

    fn tell(&self, node: &Node, session: &Session) {
        let view = node.ledger.view();
        let all = view.len();
        let notice = match self.0.as_slice() {
            [] => return,
            ids if ids.iter().any(|id| view.by_id(id).is_none()) => return,
            [id] => format!("policy {id} is there now, {all} in all"),
            ids => format!("{} policies are there now, {all} in all", ids.len()),
        };
        session.output.done(&Notice::Line(notice));
    }
}
