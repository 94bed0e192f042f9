//! The prompt of the node's own process, from the first text of the start to the end of input.

use crate::{
    command,
    node::{Node, Origin, Output, Session, secret},
    prompt::{
        Console, Driver, Sink,
        blocks::{Blocks, Step},
        input,
        terminal::{Lines, Terminal, Typed},
        vocabulary::Vocabulary,
    },
    reply::{Error, Notice, Reply},
    runtime::{limits::PROMPT_GRACE, shutdown::Shutdown},
};
use std::{io, path::PathBuf, sync::Arc};
use tokio::sync::{mpsc, oneshot};

const DETACHED: &str =
    "AnyLog Node in Detached Mode - For Interactive Mode, attach the console to the standard input, output";

/// Prompt of an open block on a terminal.
const MORE: &str = "  < ";

/// Comes when nobody can type any more.
pub type InputEnd = oneshot::Receiver<()>;

/// Prompt of the process: opened before the node, so that everything from the start on is shown.
pub struct Prompt {
    console: Arc<Console>,
    terminal: Option<Terminal>,
}

/// Where lines come from.
enum Input {
    Pipe(mpsc::Receiver<String>),
    Terminal(Lines),
}

impl Prompt {
    /// Opens the console on the terminal, or on the standard output when there is none.
    #[must_use]
    pub fn open(shutdown: &Shutdown) -> Self {
        let mut terminal = Terminal::open();
        let printer = terminal.as_mut().and_then(|terminal| terminal.printer().ok());
        let sink = printer.map_or(Sink::Pipe, Sink::Terminal);
        Self { console: Console::start(shutdown, sink), terminal }
    }

    /// Returns the console, the output of everything that has no caller of its own.
    #[must_use]
    pub fn console(&self) -> Arc<dyn Output> {
        Arc::clone(&self.console) as Arc<dyn Output>
    }

    /// Prints the version of the node, the first text of a start.
    pub async fn greet(&self, node: &Arc<Node>) {
        self.console.attach(node);
        let mut session = Session::local(Origin::Boot, self.console(), "MainThread");
        if let Ok(Reply::Text(version)) = command::run(node, &mut session, "get version").await {
            self.console.notice(&Notice::Version(version));
        }
    }

    /// Runs the commands of the program's arguments; each is shown before it runs.
    ///
    /// # Errors
    /// The first error of a command; the commands behind it ran all the same.
    pub async fn arguments(&self, node: &Arc<Node>, commands: &[String]) -> Result<(), Error> {
        let mut driver = Driver::new(Arc::clone(node), Arc::clone(&self.console), Origin::Boot, false);
        let mut first = Ok(());
        for command in commands {
            self.console.notice(&Notice::Command(command.clone()));
            let result = driver.command(command).await;
            first = first.and(result);
        }
        first
    }

    /// Reads commands until the input ends; the node goes on without it. The result tells when nobody can type any more.
    ///
    /// # Errors
    /// When the system gives no thread to read on.
    pub fn listen(self, node: &Arc<Node>) -> io::Result<InputEnd> {
        let Self { console, terminal } = self;
        let (ended, end) = oneshot::channel();
        if !node.settings.get().prompt {
            notice(&console, "AnyLog CLI disabled");
            let _heard = ended.send(());
            return Ok(end);
        }
        let explain = terminal.is_some();
        let input = match terminal {
            Some(terminal) => Input::Terminal(terminal.edit(history(node))?),
            None => Input::Pipe(input::lines(io::stdin())?),
        };
        node.dictionary.set("input_thread", "MainThread");
        console.refresh();
        let driver = Driver::new(Arc::clone(node), Arc::clone(&console), Origin::Prompt, explain);
        let reader = Reader { input, driver, console, node: Arc::clone(node), blocks: Blocks::default() };
        node.shutdown.spawn(reader.read(node.shutdown.clone(), ended));
        Ok(end)
    }
}

/// Takes lines and runs them.
struct Reader {
    input: Input,
    driver: Driver,
    console: Arc<Console>,
    node: Arc<Node>,
    blocks: Blocks,
}

impl Reader {
    async fn read(mut self, shutdown: Shutdown, ended: oneshot::Sender<()>) {
        let token = shutdown.token();
        loop {
            let typed = tokio::select! {
                typed = self.next() => typed,
                () = token.cancelled() => break,
            };
            let line = match typed {
                Typed::Line(line) => line,
                Typed::Interrupted => {
                    self.blocks.clear();
                    continue;
                }
                Typed::Closed => continue,
                Typed::Ended => {
                    notice(&self.console, DETACHED);
                    let _heard = ended.send(());
                    break;
                }
            };
            tokio::select! {
                () = self.line(&line) => {}
                () = async { token.cancelled().await; tokio::time::sleep(PROMPT_GRACE).await } => break,
            }
        }
        if let Input::Terminal(lines) = &self.input {
            lines.restore();
        }
    }

    async fn next(&mut self) -> Typed {
        match &mut self.input {
            Input::Pipe(lines) => lines.recv().await.map_or(Typed::Ended, Typed::Line),
            Input::Terminal(lines) => {
                lines.offer(Vocabulary::of(&self.node));
                let prompt = if self.blocks.is_open() { MORE.to_owned() } else { self.console.prompt() };
                lines.next(prompt.trim_start_matches('\r')).await
            }
        }
    }

    async fn line(&mut self, line: &str) {
        match self.blocks.push(line) {
            Step::More => {}
            Step::Empty => {
                self.console.begin();
                self.console.finish();
            }
            Step::Dropped(why) => self.console.text(why),
            Step::Run(commands) => {
                self.keep(&commands).await;
                self.driver.line(&commands).await;
            }
        }
    }

    /// Keeps the commands in the history, unless they hold a secret.
    async fn keep(&self, commands: &[String]) {
        let text = commands.join("&").trim().to_owned();
        if let Input::Terminal(lines) = &self.input
            && secret::masked(&text) == text
        {
            lines.keep(&text).await;
        }
    }
}

fn notice(console: &Console, text: &str) {
    console.notice(&Notice::Failure(text.to_owned()));
}

/// File of the history: beside the node's other private files.
fn history(node: &Node) -> Option<PathBuf> {
    node.dictionary.get("id_dir").map(|directory| PathBuf::from(directory).join("prompt_history"))
}
