//! The shell of the node's own prompt: it runs commands in this process and prints on the console.

use crate::{
    command::{self, Selection},
    node::{Node, Origin, Output, Session, events::Echoed},
    prompt::{
        console::Console,
        input::Input,
        pages::PagedText,
        prompt_loop::{LEAVING, Leave, Shell},
        typed_command::TypedCommand,
        vocabulary::Vocabulary,
        welcome,
    },
    render,
    reply::{Code, Error, Notice, Reply},
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
    /// True when somebody has been told what to type.
    welcomed: bool,
    /// What is left of a long answer.
    pages: Option<PagedText>,
}

impl LocalShell {
    /// Creates a session of the given origin that prints on the console.
    #[must_use]
    pub fn new(node: Arc<Node>, console: Arc<Console>, origin: Origin, explain: bool) -> Self {
        let output: Arc<dyn Output> = Arc::clone(&console) as Arc<dyn Output>;
        let session = Session::local(origin, output, "MainThread");
        Self { node, console, session, explain, welcomed: false, pages: None }
    }

    /// Runs one command and prints its reply or its error. What it asks people for, who type it unseen, comes from the input.
    ///
    /// # Errors
    /// The error that was printed.
    pub async fn command(&mut self, text: &str, input: Option<&mut Input>) -> Result<(), Error> {
        let typed = TypedCommand::new(text);
        let Some(command) = typed.text(self.session.destination.as_deref()) else {
            self.console.notice(&Notice::error(Code::STRUCTURE));
            return Err(Code::STRUCTURE.into());
        };
        let selection = command::select(&command);
        let result = match self.ask(&selection, input).await {
            Ok(()) => selection.run(&self.node, &mut self.session).await,
            Err(error) => Err(error),
        };
        self.session.secret = None;
        self.console.assign(self.session.destination.as_deref());
        match result {
            Ok(reply @ Reply::Help(_)) if self.explain && self.console.is_attended() => {
                self.show_page(PagedText::of(&render::console(&reply)));
            }
            Ok(reply) => self.console.show(&reply),
            Err(error) => {
                self.show_error(&typed, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Asks for what a command needs and nobody may see, if it needs something.
    async fn ask(&mut self, selection: &Selection<'_>, input: Option<&mut Input>) -> Result<(), Error> {
        let Some((question, input)) = selection.question(&self.node, &self.session).zip(input) else { return Ok(()) };
        let answer = input.unseen(question).await;
        let nothing = || Error::with(Code::STRUCTURE, "nothing was typed, and the command did not run");
        self.session.secret = Some(answer.ok_or_else(nothing)?);
        Ok(())
    }

    /// Shows the next page of a long answer and keeps the rest of it.
    fn show_page(&mut self, mut pages: PagedText) {
        self.console.text(&pages.next_page());
        self.pages = pages.prompt().is_some().then_some(pages);
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
        if !std::mem::replace(&mut self.welcomed, true) {
            self.console.notice(&Notice::Line(welcome::welcome()));
        }
        let page = self.pages.as_ref().and_then(PagedText::prompt);
        page.unwrap_or_else(|| self.console.prompt().trim_start_matches('\r').to_owned())
    }

    async fn vocabulary(&mut self) -> Vocabulary {
        Vocabulary::of_node(&self.node)
    }

    async fn run(&mut self, commands: &[String], input: &mut Input) {
        if self.pages.take().is_some() && commands.first().is_some_and(|line| PagedText::is_end(line)) {
            return;
        }
        self.console.begin();
        for command in commands {
            if self.node.shutdown.token().is_cancelled() {
                return;
            }
            // The error is on the console already.
            let _printed = self.command(command, Some(&mut *input)).await;
        }
        self.console.finish();
    }

    async fn empty_line(&mut self) {
        if let Some(pages) = self.pages.take() {
            return self.show_page(pages);
        }
        self.console.begin();
        self.console.finish();
    }

    async fn refuse(&mut self, reason: &str) {
        self.console.notice(&Notice::Line(reason.to_owned()));
    }

    /// The node's own prompt ends with the node: `exit node` is a command like any other. Who types `exit` at a terminal
    /// is told so, and the prompt rests.
    async fn leave(&mut self, line: Option<&str>) -> Leave {
        if !self.explain || line.is_some_and(|line| !LEAVING.contains(&line.trim())) {
            return Leave::Stays;
        }
        self.console.notice(&Notice::Paragraph(welcome::farewell()));
        self.console.depart();
        self.welcomed = false;
        if self.console.is_attended() { Leave::Stays } else { Leave::Rests }
    }

    fn is_attended(&self) -> bool {
        self.console.is_attended()
    }

    async fn arrive(&mut self) {
        self.console.arrive();
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
