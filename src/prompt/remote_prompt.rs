//! `anylog-master prompt`: the prompt of a running node, over REST.

use crate::{
    command::{self, Access, PromptAct},
    config::TerminalAbilities,
    prompt::{
        client::{Client, ClientError},
        colour,
        input::Input,
        keys,
        pager::{self, PagedText},
        prompt_loop::{LEAVING, Leave, PromptLoop, Shell},
        screen::{Screen, ScreenSize, StepAside},
        tab::{self, Completer},
        terminal::Terminal,
        typed_command::TypedCommand,
        watch::{self, Watched, WatchedCommand},
    },
    runtime::limits::COMPLETION_TIME,
    script::NoVariables,
    telemetry,
};
use async_trait::async_trait;
use std::{io, path::PathBuf};
use tokio::{io::AsyncWriteExt, time::timeout};
use tokio_util::sync::CancellationToken;

/// A prompt that runs its commands on the node of another process.
pub struct RemotePrompt {
    prompt: PromptLoop<RemoteShell>,
}

impl RemotePrompt {
    /// Asks the node who it is and opens the terminal, or the standard input when there is none.
    ///
    /// # Errors
    /// When the node does not answer, or the system gives no thread to read on.
    pub async fn open(client: Client, history: Option<PathBuf>) -> Result<Self, ClientError> {
        let name = client.run("get node name", None).await?;
        let name = name.split('@').next().unwrap_or_default().trim().to_owned();
        let no_input =
            |error: io::Error| ClientError::NoAnswer { address: "the input".to_owned(), reason: error.to_string() };
        let input = Input::open(Terminal::open(), history).map_err(no_input)?;
        let is_terminal = matches!(input, Input::Terminal(_));
        let shell = RemoteShell { client, is_terminal, destination: None, pages: true, name, failed: false };
        Ok(Self { prompt: PromptLoop::new(input, shell) })
    }

    /// Runs lines until the input ends or `exit` is typed; false when a command failed and nobody was there to see it.
    pub async fn run(mut self) -> bool {
        self.prompt.run(&CancellationToken::new()).await;
        let shell = self.prompt.shell();
        shell.is_terminal || !shell.failed
    }
}

/// Runs commands on a node over REST and prints the answers on the standard output.
struct RemoteShell {
    client: Client,
    is_terminal: bool,
    /// The node that the prompt is assigned to by `run client (ip:port)`.
    destination: Option<String>,
    /// True while long answers come page by page.
    pages: bool,
    name: String,
    /// True once a command failed.
    failed: bool,
}

impl RemoteShell {
    /// Runs a command; `is_last` says that nothing of its line waits behind it. What it returns is why there is no answer.
    async fn command(&mut self, text: &str, input: &mut Input, is_last: bool) -> Result<(), ClientError> {
        if let Some(node) = assigned(text) {
            self.destination = Some(node).filter(|node| node != ".");
            return Ok(());
        }
        let typed = TypedCommand::new(text);
        let Some(command) = typed.text(None) else { return Ok(()) };
        match command::select(&command).prompt_act(&NoVariables) {
            Ok(None) => {}
            Ok(Some(PromptAct::Paging(pages))) => {
                self.pages = pages;
                return Ok(());
            }
            Ok(Some(PromptAct::Watch { command, every })) => {
                watch::run(self, input, &WatchedCommand { command, every }).await;
                return Ok(());
            }
            Err(error) => {
                self.failed = true;
                show(&format!("{error}\n")).await;
                return Ok(());
            }
        }
        let destination = self.destination.as_deref().filter(|_| !typed.stays_here());
        let columns = self.is_terminal.then(|| ScreenSize::read().columns);
        let answer = self.client.run_for(&command, destination, columns).await?;
        if answer.is_empty() {
            if self.is_terminal && publishes(&command) {
                show("done\n").await;
            }
            return Ok(());
        }
        // Boxes have colours of their own, for the console of the node.
        let is_changed = self.is_terminal || answer.contains('\x1b');
        let answer = if is_changed { telemetry::clean(&answer) } else { answer.as_str().into() };
        let answer = answer.trim_end_matches(['\r', '\n']).to_owned() + "\n";
        let is_alone = matches!(input, Input::Terminal(editor) if !editor.has_pasted()) && is_last;
        self.show(&answer, is_alone).await;
        Ok(())
    }

    /// Shows an answer, page by page where it is longer than the terminal and nothing else waits to be run.
    async fn show(&mut self, answer: &str, is_alone: bool) {
        if !self.is_terminal {
            return show(answer).await;
        }
        let abilities = TerminalAbilities::read();
        let text = if abilities.colours { colour::painted(answer) } else { answer.to_owned() };
        if self.pages
            && is_alone
            && abilities.moves
            && !keys::is_waiting()
            && let Some(pages) = PagedText::of(&text, ScreenSize::read())
        {
            return pager::show(pages, self).await;
        }
        show(&text).await;
    }

    /// Tells whether the echo queue has messages; a node that does not tell has none. It is asked before each prompt, so that a
    /// node that takes requests and answers none gets as little time as for what the Tab key offers.
    async fn has_unread(&self) -> bool {
        let answer = timeout(COMPLETION_TIME, self.client.run("test echo queue", None)).await;
        matches!(answer, Ok(Ok(answer)) if answer.trim() == "true")
    }
}

#[async_trait]
impl Shell for RemoteShell {
    async fn prompt(&mut self) -> String {
        let name = if self.name == "AnyLog" { String::new() } else { format!(" {}", self.name) };
        let destination = self.destination.as_ref().map(|node| format!("{node} >> ")).unwrap_or_default();
        let unread = if self.has_unread().await { "+" } else { "" };
        format!("AL{name} {unread}> {destination}")
    }

    fn completer(&self) -> Completer {
        tab::of_client(&self.client)
    }

    /// What a command asks for unseen is asked by the prompt of the node itself alone: here it would go through a request.
    async fn run(&mut self, commands: &[String], input: &mut Input) {
        for (number, command) in (1..).zip(commands) {
            let Err(error) = self.command(command, input, number == commands.len()).await else { continue };
            self.failed = true;
            show(&format!("{error}\n")).await;
            // Each of those behind it could take as long, and no key ends them.
            if let (ClientError::NoAnswer { .. }, Input::Terminal(editor)) = (&error, &mut *input) {
                let dropped = commands.len() - number + editor.drop_pasted();
                if dropped > 0 {
                    show(&format!("{dropped} lines or commands that waited behind it were dropped\n")).await;
                }
                return;
            }
        }
    }

    async fn empty_line(&mut self) {}

    async fn refuse(&mut self, reason: &str) {
        show(&format!("{reason}\n")).await;
    }

    async fn leave(&mut self, line: Option<&str>) -> Leave {
        if line.is_none_or(|line| LEAVING.contains(&line.trim())) { Leave::Ends } else { Leave::Stays }
    }
}

#[async_trait]
impl Screen for RemoteShell {
    async fn write(&mut self, text: &str) {
        if self.is_terminal { show(text).await } else { show(&text.replace("\r\n", "\n")).await }
    }

    // Nobody else writes.
    async fn hold(&mut self, _aside: StepAside) {}

    async fn release(&mut self) {}
}

#[async_trait]
impl Watched for RemoteShell {
    /// A node that does not answer is asked again: it may come back.
    async fn answer(&mut self, command: &str, columns: Option<usize>) -> String {
        let typed = TypedCommand::new(command);
        let Some(command) = typed.text(None) else { return String::new() };
        let destination = self.destination.as_deref().filter(|_| !typed.stays_here());
        let answer = self.client.run_for(&command, destination, columns).await;
        telemetry::clean(&answer.unwrap_or_else(|error| error.to_string())).into_owned()
    }

    fn stopping(&self) -> CancellationToken {
        // The program ends with its prompt.
        CancellationToken::new()
    }
}

/// Tells whether a command that answers nothing changed policies, so that people want to know that it did.
fn publishes(command: &str) -> bool {
    let access = command::select(command).entry().map(|entry| entry.access);
    matches!(access, Some(Access::Publish | Access::ChangeOwnPolicies))
}

/// Returns the node of `run client (ip:port)` without a command, or the dot that ends the assignment.
fn assigned(text: &str) -> Option<String> {
    let node = text.trim().strip_prefix("run client ")?.trim();
    if node == "." {
        return Some(node.to_owned());
    }
    let inner = node.strip_prefix('(')?.strip_suffix(')')?.trim();
    (!inner.is_empty() && !inner.contains(')')).then(|| inner.to_owned())
}

/// Prints a text.
async fn show(text: &str) {
    let mut out = tokio::io::stdout();
    // Whoever closed the output does not want the answer.
    let _closed = out.write_all(text.as_bytes()).await;
    let _closed = out.flush().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignment_of_the_prompt_is_told_from_a_command() {
        assert_eq!(assigned("run client (127.0.0.1:32048)").as_deref(), Some("127.0.0.1:32048"));
        assert_eq!(assigned("run client .").as_deref(), Some("."));
        assert_eq!(assigned("run client (127.0.0.1:32048) get status"), None);
        assert_eq!(assigned("run client ()"), None);
    }
}
