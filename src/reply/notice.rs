//! What people at the node are told while a command runs, beside the reply that its caller gets.

use crate::reply::{code::Code, reply::Reply};
use serde_json::Value;

/// Something that people at the node are told; consoles decide how it looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A line.
    Line(String),
    /// A line below an empty one.
    Paragraph(String),
    /// Lines with a secret that is shown this once: on the console whoever is there, and never in the log.
    Secret(Vec<String>),
    /// Something important was done. The text may have several lines, like that of a failure.
    Success(String),
    /// Something important failed.
    Failure(String),
    /// Something happened to a service of the node.
    Event(String),
    /// A line of a script that ran while the script shows its lines (`set debug on`).
    Trace(TracedLine),
    /// A command failed.
    Error {
        /// What kind of error it is.
        code: Code,
        /// What happened and what to do, for people who can read more than the error's name.
        detail: Option<String>,
    },
    /// The echo queue has its first message.
    EchoQueue,
    /// A result of a command that prints it itself, as the network's nodes do: one more prompt follows.
    Printed(Reply),
    /// Another node answered a question that was asked at the prompt.
    PeerAnswer {
        /// Address of the other node.
        from: String,
        /// What it answered: JSON, or a text.
        value: Value,
    },
    /// A command that is about to run, from the arguments of the program.
    Command(String),
    /// The version of the node, the first that people see of it.
    Version(String),
}

/// One line of a script that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedLine {
    /// Who ran it.
    pub thread: String,
    /// Its number in the script.
    pub line: usize,
    /// Its command, without comments.
    pub command: String,
    /// What came of it.
    pub outcome: &'static str,
}

impl Notice {
    /// Creates the notice of a failed command that says no more than the error's name.
    #[must_use]
    pub const fn error(code: Code) -> Self {
        Self::Error { code, detail: None }
    }
}
