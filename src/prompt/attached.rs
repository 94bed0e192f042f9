//! `anylog-master prompt`: the prompt of a running node, over REST.

use crate::prompt::route::Typed as Command;
use crate::{
    node::secret,
    prompt::{
        Client, ClientError,
        blocks::{Blocks, Step},
        colour, input,
        terminal::{Lines, Terminal, Typed},
        vocabulary::{self, Vocabulary},
    },
};
use std::{io, path::PathBuf};
use tokio::{io::AsyncWriteExt, sync::mpsc};

/// Prompt of an open block on a terminal.
const MORE: &str = "  < ";

/// A prompt that runs its commands on another process's node.
pub struct Attached {
    client: Client,
    input: Input,
    blocks: Blocks,
    destination: Option<String>,
    words: Vocabulary,
    name: String,
    unread: bool,
    failed: bool,
}

enum Input {
    Pipe(mpsc::Receiver<String>),
    Terminal(Lines),
}

impl Attached {
    /// Asks the node who it is and opens the terminal, or the standard input when there is none.
    ///
    /// # Errors
    /// When the node does not answer, or the system gives no thread to read on.
    pub async fn open(client: Client, history: Option<PathBuf>) -> Result<Self, ClientError> {
        let name = client.run("get node name", None).await?;
        let name = name.split('@').next().unwrap_or_default().trim().to_owned();
        let no_input =
            |error: io::Error| ClientError::NoAnswer { address: "the input".to_owned(), reason: error.to_string() };
        let input = match Terminal::open() {
            Some(terminal) => Input::Terminal(terminal.edit(history).map_err(no_input)?),
            None => Input::Pipe(input::lines(io::stdin()).map_err(no_input)?),
        };
        let words = Vocabulary { commands: vocabulary::commands(), ..Vocabulary::default() };
        Ok(Self {
            client,
            input,
            blocks: Blocks::default(),
            destination: None,
            words,
            name,
            unread: false,
            failed: false,
        })
    }

    /// Runs lines until the input ends or `exit` is typed; false when a command failed and nobody was there to see it.
    pub async fn run(mut self) -> bool {
        self.learn_types().await;
        loop {
            match self.next().await {
                Typed::Line(line) if !self.blocks.is_open() && ["exit", "quit"].contains(&line.trim()) => break,
                Typed::Line(line) => self.line(&line).await,
                Typed::Interrupted => self.blocks.clear(),
                Typed::Closed | Typed::Ended => break,
            }
        }
        match &self.input {
            Input::Terminal(lines) => {
                lines.restore();
                true
            }
            Input::Pipe(_) => !self.failed,
        }
    }

    async fn next(&mut self) -> Typed {
        if matches!(self.input, Input::Terminal(_)) {
            self.learn_keys().await;
            self.learn_unread().await;
        }
        let prompt = self.prompt();
        match &mut self.input {
            Input::Pipe(lines) => lines.recv().await.map_or(Typed::Ended, Typed::Line),
            Input::Terminal(lines) => {
                lines.offer(self.words.clone());
                lines.next(&prompt).await
            }
        }
    }

    fn prompt(&self) -> String {
        if self.blocks.is_open() {
            return MORE.to_owned();
        }
        let name = if self.name == "AnyLog" { String::new() } else { format!(" {}", self.name) };
        let destination = self.destination.as_ref().map(|node| format!("{node} >> ")).unwrap_or_default();
        let unread = if self.unread { "+" } else { "" };
        format!("AL{name} {unread}> {destination}")
    }

    async fn line(&mut self, line: &str) {
        match self.blocks.push(line) {
            Step::Empty | Step::More => {}
            Step::Dropped(why) => show(why).await,
            Step::Run(commands) => {
                self.keep(&commands).await;
                for command in commands {
                    self.command(&command).await;
                }
            }
        }
    }

    async fn command(&mut self, text: &str) {
        if let Some(node) = assigned(text) {
            self.destination = Some(node).filter(|node| node != ".");
            return;
        }
        let typed = Command::new(text);
        let Some(command) = typed.text(None) else { return };
        let destination = self.destination.as_deref().filter(|_| !typed.stays_here());
        match self.client.run(&command, destination).await {
            Ok(answer) if answer.is_empty() => {}
            Ok(answer) => {
                let answer = answer.trim_end_matches(['\r', '\n']);
                let painted = matches!(self.input, Input::Terminal(_));
                let answer = if painted { colour::painted(answer) } else { answer.to_owned() };
                show(&format!("{answer}\n")).await;
            }
            Err(error) => {
                self.failed = true;
                show(&format!("{error}\n")).await;
            }
        }
    }

    async fn keep(&self, commands: &[String]) {
        let text = commands.join("&").trim().to_owned();
        if let Input::Terminal(lines) = &self.input
            && secret::masked(&text) == text
        {
            lines.keep(&text).await;
        }
    }

    /// What the Tab key offers is a help; a node that does not tell still has its prompt.
    async fn learn_keys(&mut self) {
        if let Ok(serde_json::Value::Object(keys)) = self.client.json("get dictionary where format = json").await {
            self.words.keys = keys.into_iter().map(|(key, _)| key).collect();
        }
    }

    /// A node that does not tell has nothing to read.
    async fn learn_unread(&mut self) {
        self.unread = self.client.run("test echo queue", None).await.is_ok_and(|answer| answer.trim() == "true");
    }

    async fn learn_types(&mut self) {
        if let Ok(types) = self.client.run("blockchain get * bring.unique [*] separator = ,", None).await {
            self.words.types =
                types.split(',').filter(|name| !name.is_empty()).map(|name| name.trim().to_owned()).collect();
        }
    }
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
