//! The loop of every prompt: it takes lines, joins those of a block, keeps the history, and hands the commands to a shell.

use crate::{
    node::secret,
    prompt::{
        input::Input,
        line_buffer::{LineBuffer, Pushed},
        tab::Completer,
        terminal::LineEvent,
    },
    runtime::limits::PROMPT_GRACE,
};
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Prompt of an open block on a terminal.
const MORE: &str = "  < ";

/// Words with which people leave a prompt.
pub const LEAVING: [&str; 2] = ["exit", "quit"];

/// What a prompt does with the commands that were typed.
#[async_trait]
pub trait Shell: Send {
    /// Returns the prompt that a terminal shows before the next line.
    async fn prompt(&mut self) -> String;

    /// Returns what the Tab key offers for the next line.
    fn completer(&self) -> Completer;

    /// Runs the commands of one line and shows what they answer; what they ask people for is typed into the same input.
    async fn run(&mut self, commands: &[String], input: &mut Input);

    /// Takes a line without a command.
    async fn empty_line(&mut self);

    /// Says why lines are dropped.
    async fn refuse(&mut self, reason: &str);

    /// Takes the wish to leave: a line such as `exit`, or Ctrl-D on an empty line, which is no line.
    async fn leave(&mut self, line: Option<&str>) -> Leave;

    /// Tells whether somebody is there; without anybody there is no prompt.
    fn is_attended(&self) -> bool {
        true
    }

    /// Notes that somebody is there.
    async fn arrive(&mut self) {}
}

/// What becomes of the prompt when somebody may want to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Nobody leaves: a line is a command like any other, and Ctrl-D is nothing.
    Stays,
    /// The prompt rests until a key is pressed.
    Rests,
    /// The prompt ends.
    Ends,
}

/// Why a prompt reads no more lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptEnd {
    /// The person left.
    Left,
    /// The input has ended.
    InputEnded,
    /// The program stops.
    Stopped,
}

/// A prompt that reads lines until it ends.
pub struct PromptLoop<S> {
    input: Input,
    lines: LineBuffer,
    shell: S,
}

impl<S: Shell> PromptLoop<S> {
    /// Creates a prompt that has read nothing yet.
    pub fn new(input: Input, shell: S) -> Self {
        Self { input, lines: LineBuffer::default(), shell }
    }

    /// Returns the shell.
    pub const fn shell(&self) -> &S {
        &self.shell
    }

    /// Reads lines and runs their commands. Until it gives the terminal back as it was found Ctrl-C is a key: pressed while a
    /// command runs, it would end the whole program. A command that runs when the program stops gets a little time to end.
    pub async fn run(&mut self, stop: &CancellationToken) -> PromptEnd {
        if let Input::Terminal(editor) = &self.input
            && self.shell.is_attended()
        {
            editor.attend();
        }
        let end = self.read(stop).await;
        if let Input::Terminal(editor) = &self.input {
            editor.restore(self.shell.is_attended());
        }
        end
    }

    async fn read(&mut self, stop: &CancellationToken) -> PromptEnd {
        loop {
            let event = tokio::select! {
                event = self.next() => event,
                () = stop.cancelled() => return PromptEnd::Stopped,
            };
            let may_leave = match &event {
                LineEvent::Line(line) if !self.lines.is_open() => Some(Some(line.as_str())),
                LineEvent::Closed => Some(None),
                _ => None,
            };
            if let Some(line) = may_leave {
                match self.shell.leave(line).await {
                    Leave::Ends => return PromptEnd::Left,
                    Leave::Rests => continue,
                    Leave::Stays => {}
                }
            }
            match event {
                LineEvent::Line(line) => tokio::select! {
                    () = self.line(&line) => {}
                    () = grace(stop) => return PromptEnd::Stopped,
                },
                LineEvent::Interrupted => self.lines.clear(),
                LineEvent::Closed => {}
                LineEvent::Ended => return PromptEnd::InputEnded,
            }
        }
    }

    async fn next(&mut self) -> LineEvent {
        match &mut self.input {
            Input::Pipe(lines) => match lines.next().await {
                Some(line) => {
                    self.shell.arrive().await;
                    LineEvent::Line(line)
                }
                None => LineEvent::Ended,
            },
            Input::Terminal(editor) => {
                if !self.shell.is_attended() {
                    editor.somebody().await;
                    self.shell.arrive().await;
                }
                editor.offer(self.shell.completer());
                let prompt = if self.lines.is_open() { MORE.to_owned() } else { self.shell.prompt().await };
                editor.next(&prompt).await
            }
        }
    }

    async fn line(&mut self, line: &str) {
        match self.lines.push(line) {
            Pushed::Nothing => self.shell.empty_line().await,
            Pushed::Open => {}
            Pushed::Dropped(reason) => self.shell.refuse(reason).await,
            Pushed::Commands(commands) => {
                self.remember(&commands).await;
                self.shell.run(&commands, &mut self.input).await;
            }
        }
    }

    /// Adds the commands to the history, unless they hold a secret.
    async fn remember(&self, commands: &[String]) {
        let text = commands.join("&").trim().to_owned();
        if let Input::Terminal(editor) = &self.input
            && secret::masked(&text) == text
            && secret::unrepeated(&text, &text) == text
        {
            editor.remember(&text).await;
        }
    }
}

/// Ends when the time of a command is over that runs while the program stops.
async fn grace(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(PROMPT_GRACE).await;
}
