//! `anylog-master prompt`: the prompt of a running node, over REST.

use crate::{
    command::{self, Access},
    prompt::{
        client::{Client, ClientError},
        colour,
        input::Input,
        prompt_loop::{LEAVING, Leave, PromptLoop, Shell},
        terminal::Terminal,
        typed_command::TypedCommand,
        vocabulary::{self, Vocabulary},
    },
    render,
};
use async_trait::async_trait;
use std::{io, path::PathBuf};
use tokio::io::AsyncWriteExt;
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
        let mut words = Vocabulary { commands: vocabulary::commands(), ..Vocabulary::default() };
        if is_terminal {
            words.types = policy_types(&client).await;
        }
        let shell = RemoteShell { client, is_terminal, destination: None, words, name, failed: false };
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
    words: Vocabulary,
    name: String,
    /// True once a command failed.
    failed: bool,
}

impl RemoteShell {
    async fn command(&mut self, text: &str) {
        if let Some(node) = assigned(text) {
            self.destination = Some(node).filter(|node| node != ".");
            return;
        }
        let typed = TypedCommand::new(text);
        let Some(command) = typed.text(None) else { return };
        let destination = self.destination.as_deref().filter(|_| !typed.stays_here());
        match self.client.run(&command, destination).await {
            Ok(answer) if answer.is_empty() => {
                if self.is_terminal && publishes(&command) {
                    show("done\n").await;
                }
            }
            Ok(answer) => {
                let answer = answer.trim_end_matches(['\r', '\n']);
                let answer =
                    if self.is_terminal { colour::painted(&render::visible(answer)) } else { answer.to_owned() };
                show(&format!("{answer}\n")).await;
            }
            Err(error) => {
                self.failed = true;
                show(&format!("{error}\n")).await;
            }
        }
    }

    /// Tells whether the echo queue has messages; a node that does not tell has none.
    async fn has_unread(&self) -> bool {
        self.client.run("test echo queue", None).await.is_ok_and(|answer| answer.trim() == "true")
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

    /// Asks for the keys of the dictionary each time; a node that does not tell them still has its prompt.
    async fn vocabulary(&mut self) -> Vocabulary {
        if let Ok(serde_json::Value::Object(keys)) = self.client.json("get dictionary").await {
            self.words.keys = keys.into_iter().map(|(key, _)| key).collect();
        }
        self.words.clone()
    }

    /// What a command asks for unseen is asked by the prompt of the node itself alone: here it would go through a request.
    async fn run(&mut self, commands: &[String], _input: &mut Input) {
        for command in commands {
            self.command(command).await;
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

/// Tells whether a command that answers nothing changed policies, so that people want to know that it did.
fn publishes(command: &str) -> bool {
    let access = command::select(command).entry().map(|entry| entry.access);
    matches!(access, Some(Access::Publish | Access::ChangeOwnPolicies))
}

/// Returns the types of the policies in the ledger; none when the node does not tell.
async fn policy_types(client: &Client) -> Vec<String> {
    let types = client.run("blockchain get * bring.unique [*] separator = ,", None).await.unwrap_or_default();
    types.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
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
