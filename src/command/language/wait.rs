//! `wait N`, `wait N for CONDITION`, `wait N for sync` (reference/command-language 10).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, Verbs, parsed},
    node::{Node, Session, SessionScope, variables},
    reply::{Code, Error, Reply},
    script::{Condition, Resolved, resolve},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// A pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Pause {
    time: Duration,
    end: WaitEnd,
    assigned: bool,
}

/// What ends a pause before its time.
#[derive(Clone, Debug, PartialEq)]
enum WaitEnd {
    Time,
    Condition(Condition),
    Sync,
}

/// Time between two looks at a condition.
const INTERVAL: Duration = Duration::from_secs(1);

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "wait",
    min_words: 2,
    assigns: true,
    access: Access::Variables,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE.carried_by(Verbs::Both).staying(),
    help: Help {
        usage: "wait [max wait time in seconds] for [condition]",
        text: "Pauses; with a condition until it holds, with 'sync' until the metadata was updated. The result is True or False.",
        examples: &["wait 8", "wait 5 for !my_param", "wait 5 for !my_dict.len == 2"],
        index: &["cli", "script"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let invalid = || Error::with(Code::STRUCTURE, "Wait time in 'wait' command is not properly provided");
    let [time, rest @ ..] = line.arguments() else { return Err(invalid()) };
    let seconds = resolve(time, line.scope).into_text().trim().parse().map_err(|_| invalid())?;
    let end = match rest {
        [] if line.assigned.is_some() => {
            return Err(Error::with(Code::STRUCTURE, "'wait' without 'for' has no result to assign"));
        }
        [] => WaitEnd::Time,
        [word, sync] if word.is("for") && sync.is("sync") => WaitEnd::Sync,
        [word, condition @ ..] if word.is("for") => WaitEnd::Condition(Condition::parse(condition, line.words)?),
        _ => return Err(Error::with(Code::STRUCTURE, "write: wait N, wait N for CONDITION, or wait N for sync")),
    };
    parsed(Pause { time: Duration::from_secs(seconds), end, assigned: line.assigned.is_some() })
}

#[async_trait]
impl Command for Pause {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let token = node.shutdown.token();
        let pause = async {
            match &self.end {
                WaitEnd::Time => {
                    tokio::time::sleep(self.time).await;
                    Ok(false)
                }
                WaitEnd::Sync => Ok(node.services.synchronizer.wait(self.time).await),
                WaitEnd::Condition(condition) => wait_until(node, session, condition, self.time).await,
            }
        };
        // A pause may be dropped at any point: it changes nothing before its end. One that is cut short is no pause that ended.
        let held = tokio::select! {
            held = pause => held?,
            () = token.cancelled() => return Err(Error::stopping("the pause is cut short")),
        };
        let text = if held { "True" } else { "False" };
        if let WaitEnd::Condition(_) = self.end {
            let key = format!("wait_{}", session.thread.to_lowercase());
            variables::store(node, session, &key, Resolved::Text(text.to_owned()))?;
        }
        Ok(if self.assigned { Reply::Text(text.to_owned()) } else { Reply::Empty })
    }
}

/// Waits until a condition holds, which it looks at once per second; returns whether it did.
async fn wait_until(node: &Node, session: &Session, condition: &Condition, time: Duration) -> Result<bool, Error> {
    for _ in 0..time.as_secs() {
        if condition.evaluate(&SessionScope::new(node, session)).result? {
            return Ok(true);
        }
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(false)
}
