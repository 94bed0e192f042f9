//! The prompt of the node's own process, from the first text of the start to the end of input.

use super::{
    Console, Driver, Sink,
    blocks::{Blocks, Step},
    input,
};
use crate::{
    command::{self, Error, Node, Origin, Output, Reply, Session},
    render::{self, Colour},
    runtime::{limits::PROMPT_GRACE, shutdown::Shutdown},
};
use std::{io, sync::Arc};
use tokio::sync::mpsc;

const DETACHED: &str =
    "AnyLog Node in Detached Mode - For Interactive Mode, attach the console to the standard input, output";

/// Prompt of the process: opened before the node, so that everything from the start on is shown.
pub struct Prompt {
    console: Arc<Console>,
}

impl Prompt {
    /// Opens the console on the standard output.
    #[must_use]
    pub fn open(shutdown: &Shutdown) -> Self {
        Self { console: Console::start(shutdown, Sink::Pipe) }
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
            self.console.text(&format!("\r\n{version} (Source)\r\n\r\n\r\n"));
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
            self.console.text(&format!("{command} \r\n"));
            let result = driver.command(command).await;
            first = first.and(result);
        }
        first
    }

    /// Reads commands from the standard input until it ends; the node goes on without it.
    ///
    /// # Errors
    /// When the system gives no thread to read on.
    pub fn listen(self, node: &Arc<Node>) -> io::Result<()> {
        if !node.settings.get().prompt {
            self.notice("AnyLog CLI disabled");
            return Ok(());
        }
        let lines = input::lines(io::stdin())?;
        self.console.refresh();
        let driver = Driver::new(Arc::clone(node), Arc::clone(&self.console), Origin::Prompt, false);
        node.shutdown.spawn(self.read(lines, driver, node.shutdown.clone()));
        Ok(())
    }

    async fn read(self, mut lines: mpsc::Receiver<String>, mut driver: Driver, shutdown: Shutdown) {
        let token = shutdown.token();
        let mut blocks = Blocks::default();
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                () = token.cancelled() => return,
            };
            let Some(line) = line else {
                self.notice(DETACHED);
                return;
            };
            match blocks.push(&line) {
                Step::More => {}
                Step::Empty => self.end_of_line(),
                Step::TooLong => {
                    self.console
                        .text("The block is too long and was dropped: close it with '>' at the end of a line\r\n");
                }
                Step::Run(commands) => tokio::select! {
                    () = driver.line(&commands) => {}
                    () = async { token.cancelled().await; tokio::time::sleep(PROMPT_GRACE).await } => return,
                },
            }
        }
    }

    fn end_of_line(&self) {
        self.console.begin();
        self.console.finish();
    }

    fn notice(&self, text: &str) {
        self.console.text(&render::message_box(text, Colour::Red));
    }
}
