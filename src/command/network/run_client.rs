//! `run client (destinations) command`: other nodes run the command (reference/tcp-protocol 6).

use crate::{
    command::{
        engine::{Access, Behind, Built, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        network::{known_nodes, remote},
    },
    node::{Node, Session, SessionScope},
    reply::{Code, Error, Reply},
    runtime::limits,
    script::{Scope, Word, resolve},
};
use anylog_values::{Address, TimeSpan};
use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// A command for other nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum RunClient {
    /// `run client .`: the prompt belongs to this node again.
    Local,
    /// `run client (destination)`: the prompt belongs to another node.
    Assign(RemoteNodes),
    /// `run client (destinations) command`.
    Run {
        /// Who runs it.
        to: RemoteNodes,
        /// The command as it travels.
        command: String,
        /// The form in which a variable takes the answers; none when nobody waits for them.
        wait: Option<AnswersForm>,
    },
}

/// The form of answers that are assigned to a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswersForm {
    /// `x = run client …`: as clients read them.
    Joined,
    /// `x[] = run client …`: a list of pairs of address and answer.
    List,
    /// `x{} = run client …`: an object of answers by address.
    Object,
}

impl AnswersForm {
    fn for_key(assigned: &str) -> Self {
        match assigned {
            key if key.ends_with("[]") => Self::List,
            key if key.ends_with("{}") => Self::Object,
            _ => Self::Joined,
        }
    }
}

/// The destinations of a command and the options of the sender.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteNodes {
    /// `ip:port[, ip:port …]`, or a `blockchain get … bring.ip_port` or `operator where …` that finds them.
    pub text: String,
    /// Time to wait for answers.
    pub timeout: Duration,
    /// Answers of some nodes are enough.
    pub subset: bool,
}

impl RunClient {
    /// Creates the command of a caller whose destination stands beside it; the answers are joined as clients read them.
    ///
    /// # Errors
    /// When the command is no sequence of words, and 10 for queries of data.
    pub fn asking(node: &Node, session: &Session, to: RemoteNodes, command: &str) -> Result<Built, Error> {
        let command = remote::outgoing(node, session, command)?;
        Ok(Built::new(RUN_CLIENT, Self::Run { to, command, wait: Some(AnswersForm::Joined) })
            .reaching(Access::AskNodes))
    }
}

#[async_trait]
impl Command for RunClient {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Local => session.destination = None,
            Self::Assign(to) => session.destination = Some(addresses(node, session, &to.text).await?.join(",")),
            Self::Run { to, command, wait } => {
                let found = addresses(node, session, &to.text).await?;
                return match wait {
                    Some(form) => ask(node, &found, &command, &to, form).await,
                    None => tell(node, &found, &command, to.subset).await,
                };
            }
        }
        Ok(Reply::Empty)
    }
}

async fn ask(
    node: &Node,
    found: &[String],
    command: &str,
    to: &RemoteNodes,
    form: AnswersForm,
) -> Result<Reply, Error> {
    let answers = node.services.peers.ask(node, found, command, to.timeout, limits::PEER_ANSWER).await;
    match form {
        AnswersForm::Joined => remote::replies(answers, to.subset),
        AnswersForm::List => remote::pairs(answers, to.subset).map(|pairs| Reply::Value(json!(pairs))),
        AnswersForm::Object => remote::pairs(answers, to.subset)
            .map(|pairs| Reply::Value(pairs.into_iter().map(|(from, text)| (from, json!(text))).collect())),
    }
}

/// Sends the command everywhere; what comes back is shown on the console. With a subset one node that takes it is enough.
async fn tell(node: &Node, found: &[String], command: &str, subset: bool) -> Result<Reply, Error> {
    let sent = join_all(found.iter().map(|to| node.services.peers.tell(node, to, command))).await;
    if !subset || sent.iter().all(Result::is_err) {
        sent.into_iter().collect::<Result<(), Error>>()?;
    }
    Ok(Reply::Empty)
}

/// Returns the addresses that a destination stands for.
///
/// # Errors
/// 155 when there are none or too many, 20 for one that is no address, and the error of a `blockchain get` that fails.
async fn addresses(node: &Arc<Node>, session: &mut Session, written: &str) -> Result<Vec<String>, Error> {
    let written = match written.starts_with('!') {
        true => resolve(written, &SessionScope::new(node, session)).into_text(),
        false => written.to_owned(),
    };
    let list = match query(&written) {
        Some(query) => match node.commands.run(node, session, &query).await? {
            Reply::Text(text) => text,
            Reply::Empty => String::new(),
            Reply::Policies(none) if none.is_empty() => String::new(),
            _ => {
                return Err(Error::with(
                    Code::DESTINATION,
                    format!("'{query}' brings no addresses: bring.ip_port does"),
                ));
            }
        },
        None => written.clone(),
    };
    let parts = list.split(',').map(|part| part.split_whitespace().collect::<Vec<_>>().join(":"));
    let found: Vec<String> = parts.filter(|part| !part.is_empty() && part != "[]").collect();
    if found.is_empty() || found.len() > limits::PEER_DESTINATIONS {
        let detail = format!(
            "'{written}' names {} nodes, write ip:port[, ip:port] of 1 to {} nodes",
            found.len(),
            limits::PEER_DESTINATIONS
        );
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    match found.iter().find(|part| part.parse::<Address>().is_err()) {
        Some(wrong) => Err(Error::with(Code::DESTINATION, format!("'{wrong}' is not host:port"))),
        None => {
            known_nodes::may_ask(node, session, found.iter().map(String::as_str))?;
            Ok(found)
        }
    }
}

/// Types of policies that a destination may begin with in place of `blockchain get`.
const NODES: [&str; 4] = ["operator", "publisher", "query", "master"];

/// Returns the query of a destination that is one: `blockchain get …`, or `operator where …`; without `bring` it
/// brings the addresses.
fn query(written: &str) -> Option<String> {
    let first = written.split_whitespace().next()?;
    let get = match first {
        "blockchain" => String::new(),
        _ if NODES.contains(&first) => "blockchain get ".to_owned(),
        _ => return None,
    };
    let bring = if written.contains(" bring") { "" } else { " bring.ip_port" };
    Some(format!("{get}{written}{bring}"))
}

fn parse(line: &Line<'_>) -> Parsed {
    let usage = || Error::with(Code::STRUCTURE, "write: run client (ip:port) COMMAND");
    let (first, rest) = line.arguments().split_first().ok_or_else(usage)?;
    if first.is(".") && rest.is_empty() {
        return parsed(RunClient::Local);
    }
    if first.text.starts_with('(') && !first.text.ends_with(')') {
        return Err(Error::with(
            Code::STRUCTURE,
            format!("Missing closing parenthesis with statement: {}", first.text),
        ));
    }
    let to = destination(first, line.scope)?;
    parsed(match rest {
        [] => RunClient::Assign(to),
        _ => {
            remote::offered(rest)?;
            let command = remote::wire_words(rest, line.scope);
            RunClient::Run { to, command, wait: line.assigned.map(AnswersForm::for_key) }
        }
    })
}

/// Reads `(a:1, b:2, timeout = 5, subset = true)`, `a:1`, `!variable` or `(blockchain get … bring.ip_port)`.
fn destination(word: &Word, scope: &dyn Scope) -> Result<RemoteNodes, Error> {
    if word.text.starts_with('(') && !word.text.ends_with(')') {
        let detail = format!("Missing closing parenthesis with statement: {}", word.text);
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    let mut inside = word.text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&word.text).trim();
    let mut to = RemoteNodes { text: String::new(), timeout: limits::PEER_ANSWER_TIME, subset: false };
    inside = to.without_options(inside)?;
    let mut found = Vec::new();
    // The commas of a query are its own.
    let parts: Vec<&str> = if query(inside).is_some() { vec![inside] } else { inside.split(',').collect() };
    for part in parts.into_iter().map(str::trim) {
        if to.takes(part)? {
            continue;
        }
        match part.split_once('=') {
            Some((key, _)) if query(part).is_none() => {
                let detail = format!("'{}' is no option of run client", key.trim());
                return Err(Error::with(Code::NO_DESTINATION, detail));
            }
            _ => found.push(value(part, scope)?),
        }
    }
    to.text = found.join(",");
    Ok(to)
}

impl RemoteNodes {
    /// Reads what stands in a header: as in `run client (…)` options may follow the nodes, and count more than those given.
    ///
    /// # Errors
    /// 182 for a time that is none.
    pub fn with_options(written: &str, timeout: Duration, subset: bool) -> Result<Self, Error> {
        let mut to = Self { text: String::new(), timeout, subset };
        to.text = to.without_options(written)?.to_owned();
        Ok(to)
    }

    /// Takes the options at the end of a text and returns the rest.
    fn without_options<'a>(&mut self, mut text: &'a str) -> Result<&'a str, Error> {
        while let Some((before, last)) = text.rsplit_once(',') {
            if !self.takes(last)? {
                break;
            }
            text = before.trim_end();
        }
        Ok(text)
    }

    /// Takes a part that is an option.
    fn takes(&mut self, part: &str) -> Result<bool, Error> {
        match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("timeout", value)) => self.timeout = timeout(value)?,
            Some(("subset", value)) => self.subset = value.eq_ignore_ascii_case("true"),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Resolves the references of one destination.
fn value(part: &str, scope: &dyn Scope) -> Result<String, Error> {
    if query(part).is_some() {
        return Ok(part.to_owned());
    }
    let text = part.split(':').map(|piece| resolve(piece.trim(), scope).into_text()).collect::<Vec<_>>().join(":");
    // The brackets of an IPv6 address are its own.
    let is_address = text.parse::<Address>().is_ok();
    let text = if is_address { text } else { text.trim_matches(|c| matches!(c, '(' | ')' | '[' | ']')).to_owned() };
    if text.is_empty() && !part.is_empty() {
        return Err(Error::with(Code::NO_DESTINATION, format!("'{part}' is not defined")));
    }
    Ok(text)
}

fn timeout(text: &str) -> Result<Duration, Error> {
    let wrong =
        || Error::with(Code::TIMEOUT_VALUE, format!("timeout '{text}': write a number of seconds, or 5 minutes"));
    text.parse().map(TimeSpan::duration).map_err(|_| wrong())
}

/// The entry of `run client`.
const RUN_CLIENT: &Entry = match ENTRIES {
    [run_client, ..] => run_client,
    [] => unreachable!(),
};

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "run client",
    min_words: 2,
    assigns: true,
    access: Access::ChangeNode,
    opens_secrets: false,
    network: NetworkCallers::Rest,
    traits: Traits::CHANGE.staying().before(Behind::Command),
    help: Help {
        usage: "run client (destination[, destination …] [, timeout = N unit] [, subset = true]) [command]",
        text: "Sends a command to other nodes. Without a command the prompt belongs to the destination until: run client .",
        examples: &[
            "run client (10.0.0.7:32148) get status",
            "status = run client (blockchain get operator bring.ip_port, timeout = 5 seconds) get status",
            "run client .",
        ],
        index: &["network", "cli"],
    },
    parse,
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::words;

    struct Names;

    impl Scope for Names {
        fn variable(&self, name: &str) -> Option<String> {
            match name {
                "ip" => Some("10.0.0.1".to_owned()),
                "all" => Some("10.0.0.1:1,10.0.0.2:2".to_owned()),
                _ => None,
            }
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    fn read(text: &str) -> Result<RemoteNodes, Error> {
        destination(words(text).unwrap().first().unwrap(), &Names)
    }

    #[test]
    fn destinations_are_addresses_references_and_queries() {
        for (text, want) in [
            ("10.0.0.1:2048", "10.0.0.1:2048"),
            ("(10.0.0.1:2048)", "10.0.0.1:2048"),
            ("(a:1, b:2)", "a:1,b:2"),
            ("!all", "10.0.0.1:1,10.0.0.2:2"),
            ("(!ip:7)", "10.0.0.1:7"),
            ("([2001:db8::10]:7)", "[2001:db8::10]:7"),
            ("(blockchain get (master, query) bring.ip_port)", "blockchain get (master, query) bring.ip_port"),
            ("(blockchain get operator bring.ip_port, timeout = 5 seconds)", "blockchain get operator bring.ip_port"),
            ("(operator where name = a, subset = true)", "operator where name = a"),
            ("()", ""),
        ] {
            assert_eq!(read(text).unwrap().text, want, "{text}");
        }
        let all = read("(a:1, b:2, timeout = 5 minutes, subset = true)").unwrap();
        assert_eq!((all.text.as_str(), all.timeout.as_secs(), all.subset), ("a:1,b:2", 300, true));
        let queried = read("(blockchain get (a, b) bring.ip_port, timeout = 5, subset = true)").unwrap();
        assert_eq!((queried.timeout.as_secs(), queried.subset), (5, true));
        assert_eq!(read("(dbms = a, table = b)").unwrap_err().code, Code::NO_DESTINATION);
        assert_eq!(destination(&Word::plain("("), &Names).unwrap_err().code, Code::STRUCTURE);
        assert_eq!(read("!nosuch").unwrap_err().code, Code::NO_DESTINATION);
        assert_eq!(read("(a:1, timeout = soon)").unwrap_err().code, Code::TIMEOUT_VALUE);
    }

    #[test]
    fn a_query_brings_addresses_unless_it_says_what() {
        assert_eq!(query("blockchain get operator").as_deref(), Some("blockchain get operator bring.ip_port"));
        let said = "blockchain get operator bring [operator][ip] : [operator][port]";
        assert_eq!(query(said).as_deref(), Some(said));
        let short = query("operator where name = a");
        assert_eq!(short.as_deref(), Some("blockchain get operator where name = a bring.ip_port"));
        for address in ["10.0.0.1:7", "master:32048", "operators", ""] {
            assert_eq!(query(address), None, "{address}");
        }
    }

    #[test]
    fn options_may_follow_the_nodes_of_a_header() {
        for (written, text) in [
            ("127.0.0.1:1, 127.0.0.1:2, subset=true, timeout = 5", "127.0.0.1:1, 127.0.0.1:2"),
            (
                "blockchain get master bring.ip_port ,timeout=5 seconds, subset = true",
                "blockchain get master bring.ip_port",
            ),
        ] {
            let to = RemoteNodes::with_options(written, Duration::from_secs(20), false).unwrap();
            assert_eq!(to, RemoteNodes { text: text.to_owned(), timeout: Duration::from_secs(5), subset: true });
        }
        let plain = RemoteNodes::with_options("a:1,b:2", Duration::from_secs(7), true).unwrap();
        assert_eq!(plain, RemoteNodes { text: "a:1,b:2".to_owned(), timeout: Duration::from_secs(7), subset: true });
        let wrong = RemoteNodes::with_options("a:1, timeout=soon", Duration::from_secs(7), true).unwrap_err();
        assert_eq!(wrong.code, Code::TIMEOUT_VALUE);
    }
}
