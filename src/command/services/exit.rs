//! `exit`: stops a service or the node (reference/command-language 12.2).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, Parse, Parsed, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Error, Notice, Reply},
};
use async_trait::async_trait;
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

#[async_trait]
impl Command for Exit {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Node => {
                session.output.notice(&Notice::Line("Terminating node processes".to_owned()));
                node.shutdown.begin();
            }
            Self::Synchronizer => stop_synchronizer(node, session).await,
            Self::Absent => {}
        }
        Ok(Reply::Empty)
    }
}

async fn stop_synchronizer(node: &Node, session: &Session) {
    if node.services.synchronizer.status().is_some() {
        node.services.synchronizer.stop().await;
        let text = "synchronizer process terminated";
        node.events.event(&session.thread, text);
        session.output.background(&Notice::Event(text.to_owned()));
    }
}

fn parse(line: &Line<'_>, what: Exit) -> Parsed {
    nothing_more(line).and_then(|()| parsed(what))
}

const fn entry(words: &'static str, parse: Parse, text: &'static str, examples: &'static [&'static str]) -> Entry {
    let usage = "exit node/tcp/rest/synchronizer/broker/workers/scripts/scheduler N";
    Entry::change(words, parse, Help { usage, text, examples, index: &["background processes"] })
        .reaching(Access::StopServers)
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    entry(
        "exit node",
        |line| parse(line, Exit::Node),
        "Stops the node: it finishes what is under way and ends.",
        &["exit node"],
    ),
    entry(
        "exit synchronizer",
        |line| parse(line, Exit::Synchronizer),
        "Stops the synchroniser; the local copy stays as it is.",
        &["exit synchronizer"],
    ),
    entry("exit workers", |line| parse(line, Exit::Absent), "A master has no query workers.", &["exit workers"]),
];
