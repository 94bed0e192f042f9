//! The shell of the node's own prompt: it runs commands in this process and prints on the console.

use crate::{
    command::{self, PromptAct, Selection},
    config::TerminalAbilities,
    node::{Node, Origin, Output, Session, SessionScope, events::Echoed},
    prompt::{
        console::Console,
        gathered::Gathered,
        input::Input,
        keys,
        pager::{self, PagedText},
        prompt_loop::{LEAVING, Leave, Shell},
        screen::{Screen, ScreenSize, StepAside},
        tab::{self, Completer},
        typed_command::TypedCommand,
        watch::{self, Watched, WatchedCommand},
        welcome,
    },
    render,
    reply::{Code, Error, Notice, Reply},
    script,
};
use async_trait::async_trait;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A session of this process's people on their node.
pub struct LocalShell {
    node: Arc<Node>,
    console: Arc<Console>,
    session: Session,
    /// True on a terminal: people read there, so errors of assignments and details are shown as well.
    explain: bool,
    /// True when somebody has been told what to type.
    welcomed: bool,
    /// True while long answers come page by page.
    pages: bool,
    /// True when other commands of the same line wait.
    more_follow: bool,
}

impl LocalShell {
    /// Creates a session of the given origin that prints on the console.
    #[must_use]
    pub fn new(node: Arc<Node>, console: Arc<Console>, origin: Origin, explain: bool) -> Self {
        let output: Arc<dyn Output> = Arc::clone(&console) as Arc<dyn Output>;
        let session = Session::local(origin, output, "MainThread");
        Self { node, console, session, explain, welcomed: false, pages: true, more_follow: false }
    }

    /// Runs one command and prints its reply or its error. What it asks people for, who type it unseen, comes from the input.
    ///
    /// # Errors
    /// The error that was printed.
    pub async fn command(&mut self, text: &str, mut input: Option<&mut Input>) -> Result<(), Error> {
        let typed = TypedCommand::new(text);
        let Some(command) = typed.text(self.session.destination.as_deref()) else {
            self.console.notice(&Notice::error(Code::STRUCTURE));
            return Err(Code::STRUCTURE.into());
        };
        let selection = command::select(&command);
        if let Some(input) = input.as_deref_mut()
            && let Ok(Some(act)) = selection.prompt_act(&SessionScope::new(&self.node, &self.session))
        {
            self.act(act, input).await;
            return Ok(());
        }
        let result = match self.ask(&selection, input.as_deref_mut()).await {
            Ok(()) => selection.run(&self.node, &mut self.session).await,
            Err(error) => Err(error),
        };
        self.session.secret = None;
        self.console.assign(self.session.destination.as_deref());
        match result {
            Ok(reply) => self.show(&reply, input.as_deref()).await,
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

    /// Does what a prompt does itself.
    async fn act(&mut self, act: PromptAct, input: &mut Input) {
        match act {
            PromptAct::Watch { command, every } => watch::run(self, input, &WatchedCommand { command, every }).await,
            PromptAct::Paging(pages) => self.pages = pages,
        }
    }

    /// Shows a reply, page by page where it is longer than the terminal and nothing else waits to be run.
    async fn show(&mut self, reply: &Reply, input: Option<&Input>) {
        let is_alone = matches!(input, Some(Input::Terminal(editor)) if !editor.has_pasted()) && !self.more_follow;
        let is_paged = self.pages && is_alone && self.explain && self.console.is_screen();
        if is_paged
            && TerminalAbilities::read().moves
            && !keys::is_waiting()
            && let Some(pages) = PagedText::of(&self.console.rendered(reply), ScreenSize::read())
        {
            return pager::show(pages, self).await;
        }
        self.console.show(reply);
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
        self.console.prompt().trim_start_matches('\r').to_owned()
    }

    fn completer(&self) -> Completer {
        tab::of_node(&self.node, &self.session)
    }

    async fn run(&mut self, commands: &[String], input: &mut Input) {
        self.console.begin();
        for (number, command) in (1..).zip(commands) {
            self.more_follow = number < commands.len();
            if self.node.shutdown.token().is_cancelled() {
                return;
            }
            // The error is on the console already.
            let _printed = self.command(command, Some(&mut *input)).await;
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

#[async_trait]
impl Screen for LocalShell {
    async fn write(&mut self, text: &str) {
        if self.console.is_screen() { self.console.draw(text).await } else { self.console.text(text) }
    }

    async fn hold(&mut self, aside: StepAside) {
        self.console.hold(aside).await;
    }

    async fn release(&mut self) {
        self.console.release().await;
    }
}

#[async_trait]
impl Watched for LocalShell {
    async fn answer(&mut self, command: &str, columns: Option<usize>) -> String {
        let Some(text) = TypedCommand::new(command).text(self.session.destination.as_deref()) else {
            return String::new();
        };
        let printed = Arc::new(Gathered::default());
        let output = Arc::clone(&printed) as Arc<dyn Output>;
        // A key ends this in the middle of a command: the session of the prompt is then as it was.
        let mut session = Session { output, ..self.session.clone() };
        let result = command::select(&text).run(&self.node, &mut session).await;
        session.output = Arc::clone(&self.session.output);
        self.session = session;
        self.console.assign(self.session.destination.as_deref());
        let shown = match result {
            Ok(reply) => render::console(&match columns {
                Some(columns) => reply.fitted(columns),
                None => reply,
            }),
            Err(error) => render::notice(&Notice::Error { code: error.code, detail: error.detail }).concat(),
        };
        printed.take() + &shown
    }

    fn stopping(&self) -> CancellationToken {
        self.node.shutdown.token()
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
