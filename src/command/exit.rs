//! `exit`: stops a service or the node (reference/command-language 12.2).

use super::options::nothing_more;
use super::{Command, Entry, Error, Help, Line, Node, Reply, Session};
use std::sync::Arc;

/// What is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The whole node.
    Node,
    /// The synchroniser.
    Synchronizer,
    /// A service that a master does not have; nothing is left to do.
    Absent,
}

impl Exit {
    pub(super) async fn execute(self, node: &Arc<Node>, session: &Session) -> Reply {
        match self {
            Self::Node => {
                session.output.text("Terminating node processes\r\n");
                node.shutdown.begin();
            }
            Self::Synchronizer => stop_synchronizer(node, session).await,
            Self::Absent => {}
        }
        Reply::Empty
    }
}

async fn stop_synchronizer(node: &Node, session: &Session) {
    if node.services.synchronizer.status().is_some() {
        node.services.synchronizer.stop().await;
        node.events.event(&session.thread, "synchronizer process terminated");
        session.output.notice("event:   synchronizer process terminated\r\n");
    }
}

fn parse(line: &Line<'_>, what: Exit) -> Result<Command, Error> {
    nothing_more(line).map(|()| Command::Exit(what))
}

const fn stop(
    words: &'static str,
    parse: super::table::Parse,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    let usage = "exit node/tcp/rest/synchronizer/broker/workers/scripts/scheduler N";
    Entry::change(words, parse, Help { usage, text, examples, index: &["background processes"] }).here()
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    stop(
        "exit node",
        |line| parse(line, Exit::Node),
        "Stops the node: it finishes what is under way and ends.",
        &["exit node"],
    ),
    stop(
        "exit synchronizer",
        |line| parse(line, Exit::Synchronizer),
        "Stops the synchroniser; the local copy stays as it is.",
        &["exit synchronizer"],
    ),
    stop("exit workers", |line| parse(line, Exit::Absent), "A master has no query workers.", &["exit workers"]),
];
