//! Runs typed commands one after the other and prints what they answer.

use crate::{
    command,
    node::{Node, Origin, Output, Session, events::Echoed},
    prompt::{Console, colour, route::Typed},
    render,
    reply::{Code, Error, Notice, Reply},
    script,
};
use std::sync::Arc;

/// The prompt's session on one node.
pub struct Driver {
    node: Arc<Node>,
    console: Arc<Console>,
    session: Session,
    /// True on a terminal: people read there, so errors of assignments and details are shown as well.
    explain: bool,
}

impl Driver {
    /// Creates a session of the given origin that prints on the console.
    #[must_use]
    pub fn new(node: Arc<Node>, console: Arc<Console>, origin: Origin, explain: bool) -> Self {
        let output: Arc<dyn Output> = Arc::clone(&console) as Arc<dyn Output>;
        let session = Session::local(origin, output, "MainThread");
        Self { node, console, session, explain }
    }

    /// Runs the commands of one line, prints their replies, and ends the line with a prompt.
    pub async fn line(&mut self, commands: &[String]) {
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

    /// Runs one command and prints its reply or its error.
    ///
    /// # Errors
    /// The error that was printed.
    pub async fn command(&mut self, text: &str) -> Result<(), Error> {
        let typed = Typed::new(text);
        let Some(command) = typed.text(self.session.destination.as_deref()) else {
            self.console.notice(&Notice::error(Code::STRUCTURE));
            return Err(Code::STRUCTURE.into());
        };
        let result = command::run(&self.node, &mut self.session, &command).await;
        self.console.assign(self.session.destination.as_deref());
        match result {
            Ok(reply) => self.show(&reply),
            Err(error) => {
                self.fail(&typed, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    fn show(&self, reply: &Reply) {
        let text = render::console(reply);
        match reply {
            _ if text.is_empty() => {}
            Reply::Table(_) if self.explain => self.console.text(&colour::painted(&text)),
            _ => self.console.text(&text),
        }
    }

    fn fail(&self, typed: &Typed<'_>, error: &Error) {
        if self.session.shown == Some(error.code) {
            return;
        }
        if typed.key.is_some() && !self.explain && !is_unreadable(typed, error) {
            echo(&self.node, &self.console, typed, error);
            return;
        }
        if self.session.shown == Some(error.code) {
            return;
        }
        let detail = error.detail.clone().filter(|_| self.explain);
        self.console.notice(&Notice::Error { code: error.code, detail });
    }
}

/// Puts the error of an assignment into the echo queue, if there is one.
fn echo(node: &Node, console: &Console, typed: &Typed<'_>, error: &Error) {
    let key = typed.key.unwrap_or_default();
    let message = format!("Error executing: [{key} = {}] Message: [{}]", typed.command, error.code.text());
    if node.events.echo(&message) == Echoed::First {
        console.notice(&Notice::EchoQueue);
    }
}

/// Tells whether the command could not even be cut into words; then nobody knows that it is an assignment.
fn is_unreadable(typed: &Typed<'_>, error: &Error) -> bool {
    error.code == Code::STRUCTURE && script::words(typed.command).is_err()
}
