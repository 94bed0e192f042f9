//! `run client (destinations) command`: other nodes run the command (spec/tcp-protocol 6).

use super::{Code, Command, Entry, Error, Help, Line, Network, Node, Reply, Role, Session, remote};
use crate::{
    render,
    runtime::limits,
    script::{Scope, Word, resolve},
};
use futures_util::future::join_all;
use std::{sync::Arc, time::Duration};

/// A command for other nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum RunClient {
    /// `run client .`: the prompt belongs to this node again.
    Local,
    /// `run client (destination)`: the prompt belongs to another node.
    Assign(Destination),
    /// `run client (destinations) command`.
    Run {
        /// Who runs it.
        to: Destination,
        /// The command as it travels.
        command: String,
        /// True when the answer is assigned to a variable, so that somebody waits for it.
        wait: bool,
    },
}

/// The destinations of a command and the options of the sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// `ip:port[, ip:port …]`, or a `blockchain get … bring.ip_port` that finds them.
    text: String,
    /// Time to wait for answers.
    timeout: Duration,
    /// Answers of some nodes are enough.
    subset: bool,
}

impl RunClient {
    pub(super) async fn execute(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match self {
            Self::Local => session.destination = None,
            Self::Assign(to) => session.destination = Some(addresses(node, session, &to.text).await?.join(",")),
            Self::Run { to, command, wait } => {
                let found = addresses(node, session, &to.text).await?;
                return if wait { ask(node, &found, &command, &to).await } else { tell(node, &found, &command).await };
            }
        }
        Ok(Reply::Empty)
    }
}

async fn ask(node: &Node, found: &[String], command: &str, to: &Destination) -> Result<Reply, Error> {
    let answers = node.services.peers.ask(node, found, command, to.timeout).await;
    remote::join(&answers, to.subset).map(Reply::Text)
}

/// Sends the command everywhere; what comes back is shown on the console.
async fn tell(node: &Node, found: &[String], command: &str) -> Result<Reply, Error> {
    let sent = found.iter().map(|to| node.services.peers.tell(node, to, command));
    join_all(sent).await.into_iter().collect::<Result<(), Error>>()?;
    Ok(Reply::Empty)
}

/// Returns the addresses that a destination stands for.
///
/// # Errors
/// 155 when there are none, and the error of a `blockchain get` that fails.
pub async fn addresses(node: &Arc<Node>, session: &mut Session, written: &str) -> Result<Vec<String>, Error> {
    let list = if written.starts_with("blockchain ") {
        render::text(&Box::pin(super::run(node, session, written)).await?)
    } else {
        written.to_owned()
    };
    let parts = list.split(',').map(|part| part.trim().to_owned());
    let found: Vec<String> = parts.filter(|part| !part.is_empty() && part != "[]").collect();
    if found.is_empty() || found.len() > limits::PEER_DESTINATIONS {
        let detail = format!("'{written}' names {} nodes, write ip:port[, ip:port]", found.len());
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    Ok(found)
}

fn parse(line: &Line<'_>) -> Result<Command, Error> {
    let (first, rest) = line.arguments().split_first().ok_or(Code::STRUCTURE)?;
    if first.is(".") && rest.is_empty() {
        return Ok(Command::RunClient(RunClient::Local));
    }
    if first.text.starts_with('(') && !first.text.ends_with(')') {
        return Err(Error::with(
            Code::STRUCTURE,
            format!("Missing closing parenthesis with statement: {}", first.text),
        ));
    }
    let to = destination(first, line.scope)?;
    Ok(Command::RunClient(match rest {
        [] => RunClient::Assign(to),
        _ => RunClient::Run { to, command: remote::wire_words(rest, line.scope), wait: line.assigned.is_some() },
    }))
}

/// Reads `(a:1, b:2, timeout = 5, subset = true)`, `a:1`, `!variable` or `(blockchain get … bring.ip_port)`.
fn destination(word: &Word, scope: &dyn Scope) -> Result<Destination, Error> {
    if word.text.starts_with('(') && !word.text.ends_with(')') {
        let detail = format!("Missing closing parenthesis with statement: {}", word.text);
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    let inside = word.text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&word.text).trim();
    let mut to = Destination { text: String::new(), timeout: limits::PEER_ANSWER_TIME, subset: false };
    let mut found = Vec::new();
    // The commas of a query are its own.
    let parts: Vec<&str> = if inside.starts_with("blockchain ") { vec![inside] } else { inside.split(',').collect() };
    for part in parts.into_iter().map(str::trim) {
        match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("timeout", value)) => to.timeout = timeout(value)?,
            Some(("subset", value)) => to.subset = value.eq_ignore_ascii_case("true"),
            Some((key, _)) if !part.starts_with("blockchain ") => {
                return Err(Error::with(Code::NO_DESTINATION, format!("'{key}' is no option of run client")));
            }
            _ => found.push(value(part, scope)?),
        }
    }
    to.text = found.join(",");
    Ok(to)
}

/// Resolves the references of one destination.
fn value(part: &str, scope: &dyn Scope) -> Result<String, Error> {
    if part.starts_with("blockchain ") {
        return Ok(part.to_owned());
    }
    let text = part.split(':').map(|piece| resolve(piece.trim(), scope).into_text()).collect::<Vec<_>>().join(":");
    let text = text.trim_matches(|c| matches!(c, '(' | ')' | '[' | ']')).to_owned();
    if text.is_empty() && !part.is_empty() {
        return Err(Error::with(Code::NO_DESTINATION, format!("'{part}' is not defined")));
    }
    Ok(text)
}

fn timeout(text: &str) -> Result<Duration, Error> {
    let wrong =
        || Error::with(Code::TIMEOUT_VALUE, format!("timeout '{text}': write a number of seconds, or 5 minutes"));
    let (number, unit) = text.split_once(' ').unwrap_or((text, "seconds"));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor = match unit.trim().trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(number.saturating_mul(factor)))
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "run client",
    min_words: 2,
    assigns: true,
    role: Role::Admin,
    network: Network::Rest,
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

    fn read(text: &str) -> Result<Destination, Error> {
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
            ("(blockchain get (master, query) bring.ip_port)", "blockchain get (master, query) bring.ip_port"),
            ("()", ""),
        ] {
            assert_eq!(read(text).unwrap().text, want, "{text}");
        }
        let all = read("(a:1, b:2, timeout = 5 minutes, subset = true)").unwrap();
        assert_eq!((all.text.as_str(), all.timeout.as_secs(), all.subset), ("a:1,b:2", 300, true));
        assert_eq!(read("(dbms = a, table = b)").unwrap_err().code, Code::NO_DESTINATION);
        assert_eq!(destination(&Word::plain("("), &Names).unwrap_err().code, Code::STRUCTURE);
        assert_eq!(read("!nosuch").unwrap_err().code, Code::NO_DESTINATION);
        assert_eq!(read("(a:1, timeout = soon)").unwrap_err().code, Code::TIMEOUT_VALUE);
    }
}
