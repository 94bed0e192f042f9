//! The shell of the node's own prompt: it runs commands in this process and prints on the console.

use crate::{
    command,
    node::{Node, Origin, Output, Session, events::Echoed},
    prompt::{console::Console, prompt_loop::Shell, typed_command::TypedCommand, vocabulary::Vocabulary},
    reply::{Code, Error, Notice},
    script,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A session of this process's people on their node.
pub struct LocalShell {
    node: Arc<Node>,
    console: Arc<Console>,
    session: Session,
    /// True on a terminal: people read there, so errors of assignments and details are shown as well.
    explain: bool,
}

impl LocalShell {
    /// Creates a session of the given origin that prints on the console.
    #[must_use]
    pub fn new(node: Arc<Node>, console: Arc<Console>, origin: Origin, explain: bool) -> Self {
        let output: Arc<dyn Output> = Arc::clone(&console) as Arc<dyn Output>;
        let session = Session::local(origin, output, "MainThread");
        Self { node, console, session, explain }
    }

    /// Runs one command and prints its reply or its error.
    ///
    /// # Errors
    /// The error that was printed.
    pub async fn command(&mut self, text: &str) -> Result<(), Error> {
        let typed = TypedCommand::new(text);
        let Some(command) = typed.text(self.session.destination.as_deref()) else {
            self.console.notice(&Notice::error(Code::STRUCTURE));
            return Err(Code::STRUCTURE.into());
        };
        let result = command::run(&self.node, &mut self.session, &command).await;
        self.console.assign(self.session.destination.as_deref());
        match result {
            Ok(reply) => self.console.show(&reply),
            Err(error) => {
                self.show_error(&typed, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Shows the error of a command, unless the command showed it while it ran.
    fn show_error(&self, typed: &TypedCommand<'_>, error: &Error) {
        if self.session.reported == Some(error.code) {
            return;
        }
        if typed.key.is_some() && !self.explain && !is_unreadable(typed, error) {
            echo(&self.node, &self.console, typed, error);
            return;
        }
        let detail = error.detail.clone().filter(|_| self.explain);
        self.console.notice(&Notice::Error { code: error.code, detail });
    }
}

#[async_trait]
impl Shell for LocalShell {
    async fn prompt(&mut self) -> String {
        self.console.prompt().trim_start_matches('\r').to_owned()
    }

    async fn vocabulary(&mut self) -> Vocabulary {
        Vocabulary::of_node(&self.node)
    }

    async fn run(&mut self, commands: &[String]) {
        self.console.begin();
        for command in commands {
            if self.node.shutdown.token().is_cancelled() {
                return;
            }
            // The error is on the console already.
            let _printed = self.command(command).await;
        }
        self.console.finish();
    }

    async fn empty_line(&mut self) {
        self.console.begin();
        self.console.finish();
    }

    async fn refuse(&mut self, reason: &str) {
        self.console.notice(&Notice::Line(reason.to_owned()));
    }

    /// The node's own prompt ends with the node: `exit node` is a command like any other.
    fn is_exit(&self, _line: &str) -> bool {
        false
    }

    fn ends_at_ctrl_d(&self) -> bool {
        false
    }
}

/// Puts the error of an assignment into the echo queue, if there is one.
fn echo(node: &Node, console: &Console, typed: &TypedCommand<'_>, error: &Error) {
    let key = typed.key.unwrap_or_default();
    let message = format!("Error executing: [{key} = {}] Message: [{}]", typed.command, error.code.text());
    if node.events.echo(&message) == Echoed::First {
        console.notice(&Notice::EchoQueue);
    }
}

/// Tells whether the command could not even be cut into words; then nobody knows that it is an assignment.
fn is_unreadable(typed: &TypedCommand<'_>, error: &Error) -> bool {
    error.code == Code::STRUCTURE && script::words(typed.command).is_err()
}
