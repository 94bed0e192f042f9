//! The prompt of the node's own process, from the first text of the start to the end of input.

use crate::{
    node::{Node, Origin, Output, VERSION, secret},
    prompt::{
        console::Console,
        console_writer::Sink,
        input::Input,
        local_shell::LocalShell,
        presence,
        prompt_loop::{PromptEnd, PromptLoop},
        terminal::Terminal,
    },
    reply::{Error, Notice},
    runtime::shutdown::Shutdown,
};
use std::{io, path::PathBuf, sync::Arc};
use tokio::sync::oneshot;

const DETACHED: &str =
    "AnyLog Node in Detached Mode - For Interactive Mode, attach the console to the standard input, output";

/// Comes when nobody can type any more.
pub type InputEnd = oneshot::Receiver<()>;

/// Prompt of the process: opened before the node, so that everything from the start on is shown.
pub struct Prompt {
    console: Arc<Console>,
    terminal: Option<Terminal>,
}

impl Prompt {
    /// Opens the console on the terminal, or on the standard output when there is none. Texts are written when somebody is
    /// there: at a terminal that has a size, or, once the prompt listens, who presses a key or sends a line; with `always`
    /// whoever is there.
    #[must_use]
    pub fn open(shutdown: &Shutdown, always: bool) -> Self {
        let mut terminal = Terminal::open();
        let printer = terminal.as_mut().and_then(|terminal| terminal.printer().ok());
        let sink = printer.map_or(Sink::Pipe, Sink::Terminal);
        let console = Console::start(shutdown, sink, always);
        if let Some(terminal) = &terminal {
            if presence::has_size() {
                console.arrive();
            }
            terminal.set(console.is_attended());
        }
        Self { console, terminal }
    }

    /// Returns the console, the output of everything that has no caller of its own.
    #[must_use]
    pub fn console(&self) -> Arc<dyn Output> {
        Arc::clone(&self.console) as Arc<dyn Output>
    }

    /// Prints the version of the node, the first text of a start; from here on its prompt names the node.
    pub fn greet(&self, node: &Arc<Node>) {
        self.console.attach(node);
        self.console.notice(&Notice::Version(VERSION.to_owned()));
    }

    /// Runs the commands of the program's arguments; each is shown before it runs.
    ///
    /// # Errors
    /// The first error of a command; the commands behind it ran all the same.
    pub async fn arguments(&self, node: &Arc<Node>, commands: &[String]) -> Result<(), Error> {
        let mut shell = LocalShell::new(Arc::clone(node), Arc::clone(&self.console), Origin::Boot, false);
        let mut first = Ok(());
        for command in commands {
            self.console.notice(&Notice::Command(secret::masked(command).into_owned()));
            let result = shell.command(command, None).await;
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
            if let Some(terminal) = terminal {
                terminal.restore();
            }
            let _heard = ended.send(());
            return Ok(end);
        }
        let explain = terminal.is_some();
        let input = Input::open(terminal, history(node))?;
        node.dictionary.set("input_thread", "MainThread");
        console.refresh();
        let shell = LocalShell::new(Arc::clone(node), Arc::clone(&console), Origin::Prompt, explain);
        let mut prompt = PromptLoop::new(input, shell);
        let stop = node.shutdown.token();
        node.shutdown.spawn(async move {
            if prompt.run(&stop).await == PromptEnd::InputEnded {
                if console.is_attended() {
                    notice(&console, DETACHED);
                    console.depart();
                } else {
                    tracing::info!("nobody can type here; 'anylog-master prompt' and 'exec' reach the node");
                }
                let _heard = ended.send(());
            }
        });
        Ok(end)
    }
}

fn notice(console: &Console, text: &str) {
    console.notice(&Notice::Failure(text.to_owned()));
}

/// File of the history: beside the node's other private files.
fn history(node: &Node) -> Option<PathBuf> {
    node.dictionary.get("id_dir").map(|directory| PathBuf::from(directory).join("prompt_history"))
}
