//! `watch`: a command runs again and again, and a terminal shows its last answer in one place.

use crate::{
    config::TerminalAbilities,
    prompt::{
        frame::{Frame, Frames},
        input::{Input, PipedLines},
        keys::{Key, Keys},
        screen::{Screen, ScreenSize, StepAside},
    },
    runtime::clock,
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Another screen, so that what stood on the first one comes back at the end.
const OTHER_SCREEN: &str = "\x1b[?1049h\x1b[2J";
const FIRST_SCREEN: &str = "\x1b[?1049l";
/// Texts that can wait no longer are written on the first screen, where they are found when the watch has ended.
const ASIDE: StepAside = StepAside { leave: FIRST_SCREEN, back: OTHER_SCREEN };

/// Who runs the command and shows what it answers.
#[async_trait]
pub trait Watched: Screen {
    /// Runs a command once and returns what it answers, for lines of so many characters; its error is an answer as well.
    async fn answer(&mut self, command: &str, columns: Option<usize>) -> String;

    /// Comes when the program stops.
    fn stopping(&self) -> CancellationToken;
}

/// What is run, and how often.
#[derive(Clone, Debug)]
pub struct WatchedCommand {
    /// The command.
    pub command: String,
    /// From the beginning of one run to the beginning of the next.
    pub every: Duration,
}

/// Runs a command until Enter, `q` or Ctrl-C; at a pipe until its next line, which is a command like any other unless it is
/// empty or `q`, or until its end.
pub async fn run(shell: &mut dyn Watched, input: &mut Input, watched: &WatchedCommand) {
    match input {
        Input::Terminal(editor) if editor.has_pasted() => once(shell, watched).await,
        Input::Terminal(_) if TerminalAbilities::read().moves => on_terminal(shell, watched).await,
        Input::Terminal(_) => {
            let keys = Keys::begin();
            below_each_other(shell, watched, End::Key(&keys)).await;
        }
        Input::Pipe(lines) => below_each_other(shell, watched, End::Line(lines)).await,
    }
}

/// Other commands wait behind this one.
async fn once(shell: &mut dyn Watched, watched: &WatchedCommand) {
    let columns = ScreenSize::read().columns;
    let text = shell.answer(&watched.command, Some(columns)).await;
    shell.write(&with_line_ends(&text)).await;
}

/// Draws each answer in the place of the one before it.
async fn on_terminal(shell: &mut dyn Watched, watched: &WatchedCommand) {
    let has_colours = TerminalAbilities::read().colours;
    let keys = Keys::begin();
    shell.hold(ASIDE).await;
    shell.write(OTHER_SCREEN).await;
    let (stopping, mut frames, mut last) = (shell.stopping(), Frames::default(), None);
    let mut end = End::Key(&keys);
    loop {
        let due = Instant::now() + watched.every;
        let columns = ScreenSize::read().columns.saturating_sub(Frame::MARK);
        let Some(text) = before(&mut end, &stopping, shell.answer(&watched.command, Some(columns))).await else {
            break;
        };
        let size = ScreenSize::read();
        let frame = frames.next(&text);
        shell.write(&frame.drawn(&title(watched, &frame), size, has_colours)).await;
        last = Some(text);
        if before(&mut end, &stopping, sleep_until(due)).await.is_none() {
            break;
        }
    }
    shell.write(FIRST_SCREEN).await;
    if let Some(text) = last {
        shell.write(&with_line_ends(&text)).await;
    }
    shell.release().await;
}

/// Writes one answer below the other, with a line between them.
async fn below_each_other(shell: &mut dyn Watched, watched: &WatchedCommand, mut end: End<'_>) {
    let (stopping, mut frames) = (shell.stopping(), Frames::default());
    let mut is_first = true;
    loop {
        let due = Instant::now() + watched.every;
        let answer = shell.answer(&watched.command, None);
        // A pipe may be at its end already: one answer is what it asked for at least.
        let text = match (std::mem::take(&mut is_first), &end) {
            (true, End::Line(_)) => Some(answer.await),
            _ => before(&mut end, &stopping, answer).await,
        };
        let Some(text) = text else { return };
        let frame = frames.next(&text);
        let title = title(watched, &frame);
        shell.write(&format!("--- {title}\r\n{}", with_line_ends(&text))).await;
        if before(&mut end, &stopping, sleep_until(due)).await.is_none() {
            return;
        }
    }
}

/// Says what is run, when it was, and what is new.
fn title(watched: &WatchedCommand, frame: &Frame) -> String {
    let time = clock::seconds(clock::now());
    format!("{}: every {:?}, {time}, {}", watched.command, watched.every, frame.news())
}

fn with_line_ends(text: &str) -> String {
    text.trim_matches(['\r', '\n']).lines().map(|line| format!("{}\r\n", line.trim_end_matches('\r'))).collect()
}

/// What ends a watch.
enum End<'a> {
    Key(&'a Keys),
    Line(&'a mut PipedLines),
}

impl End<'_> {
    async fn comes(&mut self) {
        match self {
            Self::Key(keys) => while !matches!(keys.next().await, Key::Enter | Key::End | Key::Gone) {},
            Self::Line(lines) => {
                if let Some(line) = lines.next().await
                    && !["", "q"].contains(&line.trim())
                {
                    lines.give_back(line);
                }
            }
        }
    }
}

/// Waits for something; nothing when the watch ends before.
async fn before<T>(end: &mut End<'_>, stopping: &CancellationToken, wanted: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = stopping.cancelled() => None,
        value = wanted => Some(value),
        () = end.comes() => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_no_empty_lines_around_it() {
        assert_eq!(with_line_ends("\r\nName \r\n----|\r\na   |\r\n"), "Name \r\n----|\r\na   |\r\n");
        assert_eq!(with_line_ends(""), "");
    }
}
