//! The node's console: the one writer for everything that commands, scripts and services print.

use crate::{
    config::TerminalAbilities,
    node::{Node, Output},
    prompt::{
        colour, console_log,
        console_writer::{self, Said, Sink},
        screen::{ScreenSize, StepAside},
    },
    render,
    reply::{Notice, Reply},
    runtime::{limits::CONSOLE_QUEUE, shutdown::Shutdown},
    telemetry,
};
use std::{
    io::{IsTerminal, stderr},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::mpsc;

/// Console of the node (reference/command-language 7 and 15).
///
/// Texts from all sides are written one after the other by one task; nobody who prints ever waits.
/// When the reader of the standard output is so slow that [`CONSOLE_QUEUE`] texts wait, further ones
/// are left out and counted.
///
/// While nobody is there its texts are lines of the log, and there is no prompt. On a terminal that somebody sits at, it
/// writes the log as well, so that its lines do not break the line that is being typed.
pub struct Console {
    queue: mpsc::Sender<Said>,
    left_out: Arc<AtomicU64>,
    medium: Medium,
    /// True while somebody is there.
    attended: AtomicBool,
    node: OnceLock<Weak<Node>>,
    state: Mutex<PromptState>,
}

/// What the texts are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Medium {
    /// A terminal, whose line editor shows the prompt.
    Terminal,
    /// Lines for who sends commands through a pipe: no prompt, no colours, plain line ends.
    Lines,
    /// What other nodes of the network write, whether somebody is there or not: a prompt behind every text.
    Prompts,
}

#[derive(Default)]
struct PromptState {
    /// The node that the prompt is assigned to.
    destination: Option<String>,
    /// The prompt that stands at the end of what was printed, until a line is read.
    shown: Option<String>,
}

impl Console {
    /// Starts the console's writer as a task of the shutdown tree; it ends when all texts are out. With `always` its texts
    /// are written from the beginning, whether somebody is there or not.
    #[must_use]
    pub fn start(shutdown: &Shutdown, sink: Sink, always: bool) -> Arc<Self> {
        let (queue, texts) = mpsc::channel(CONSOLE_QUEUE);
        let left_out = Arc::new(AtomicU64::new(0));
        let medium = match sink {
            Sink::Terminal(_) => Medium::Terminal,
            Sink::Pipe if always => Medium::Prompts,
            Sink::Pipe => Medium::Lines,
        };
        shutdown.spawn(console_writer::write_all(texts, sink, Arc::clone(&left_out), shutdown.clone()));
        let (attended, node, state) = (AtomicBool::new(false), OnceLock::new(), Mutex::default());
        let console = Self { queue, left_out, medium, attended, node, state };
        if always {
            console.arrive();
        }
        Arc::new(console)
    }

    /// Notes that somebody is there: from here on texts are written, and a terminal shows the log between them.
    pub fn arrive(&self) {
        if self.attended.swap(true, Ordering::AcqRel) || self.medium != Medium::Terminal || !stderr().is_terminal() {
            return;
        }
        let (queue, left_out) = (self.queue.clone(), Arc::clone(&self.left_out));
        telemetry::set_colours(TerminalAbilities::read().colours);
        telemetry::divert(Some(Box::new(move |lines| match queue.try_send(Said::Text(lines.to_owned())) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                left_out.fetch_add(1, Ordering::Relaxed);
                true
            }
        })));
    }

    /// Notes that nobody is there any more: texts become lines of the log.
    pub fn depart(&self) {
        if self.medium != Medium::Prompts && self.attended.swap(false, Ordering::AcqRel) {
            telemetry::set_colours(false);
            telemetry::divert(None);
        }
    }

    /// Tells whether somebody is there.
    #[must_use]
    pub fn is_attended(&self) -> bool {
        self.attended.load(Ordering::Acquire)
    }

    /// Tells whether texts are followed by the prompt.
    fn prompts(&self) -> bool {
        self.medium == Medium::Prompts
    }

    /// Tells the console which node's name and echo queue its prompt shows; the first call counts.
    pub fn attach(&self, node: &Arc<Node>) {
        let _first = self.node.set(Arc::downgrade(node));
    }

    /// Notes the node that the prompt is assigned to.
    pub fn assign(&self, destination: Option<&str>) {
        self.state().destination = destination.map(str::to_owned);
    }

    /// Notes that a line was read, so that the command's end needs a prompt again.
    pub fn begin(&self) {
        self.state().shown = None;
    }

    /// Ends a command: prints the prompt unless the current one stands there already.
    pub fn finish(&self) {
        let mut state = self.state();
        let prompt = self.prompt_of(&state);
        if self.prompts() && state.shown.is_none() {
            self.send(prompt.clone());
            state.shown = Some(prompt);
        }
    }

    /// Prints the prompt again when it says something else than the one shown last.
    pub fn refresh(&self) {
        let mut state = self.state();
        let prompt = self.prompt_of(&state);
        if self.prompts() && state.shown.as_ref() != Some(&prompt) {
            self.send(prompt.clone());
            state.shown = Some(prompt);
        }
    }

    /// Returns the prompt: `AL [name] > `, with `+` while echo messages are unread, then `ip:port >> `.
    #[must_use]
    pub fn prompt(&self) -> String {
        self.prompt_of(&self.state())
    }

    fn prompt_of(&self, state: &PromptState) -> String {
        let node = self.node.get().and_then(Weak::upgrade);
        let name = node.as_ref().and_then(|n| n.name.load_full());
        let unread = node.is_some_and(|n| n.events.has_unread());
        prompt_text(name.as_ref().map(|name| name.as_str()), unread, state.destination.as_deref())
    }

    fn state(&self) -> MutexGuard<'_, PromptState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, text: String) {
        if self.queue.try_send(Said::Text(text)).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Says what must not be left out, as a screen would stay half drawn without it: it waits for its place.
    async fn say(&self, said: Said) {
        // The queue closes when the program ends, and nobody looks at the screen then.
        let _closed = self.queue.send(said).await;
    }

    /// Keeps texts back until [`Console::release`], or until they can wait no longer: something else is drawn on the terminal,
    /// and steps aside for them then.
    pub async fn hold(&self, aside: StepAside) {
        self.say(Said::Hold(aside)).await;
    }

    /// Writes the texts that were kept back, and the following ones as they come.
    pub async fn release(&self) {
        self.say(Said::Release).await;
    }

    /// Writes a text as it is, also while others are kept back.
    pub async fn draw(&self, text: &str) {
        self.say(Said::Drawn(text.to_owned())).await;
    }

    /// Tells whether it is a terminal that somebody sits at.
    #[must_use]
    pub fn is_screen(&self) -> bool {
        self.medium == Medium::Terminal && self.is_attended()
    }

    /// Renders a reply as the console shows it: on a terminal tables fit and their titles are bold.
    #[must_use]
    pub fn rendered(&self, reply: &Reply) -> String {
        match (self.medium, reply) {
            (Medium::Terminal, Reply::Table(_) | Reply::Sections(_)) => {
                let text = render::console(&reply.clone().fitted(ScreenSize::read().columns));
                if TerminalAbilities::read().colours { colour::painted(&text) } else { text }
            }
            _ => render::console(reply),
        }
    }

    /// Prints a text and, where prompts are written, the prompt behind it; an empty text prints the prompt alone.
    pub fn text(&self, text: &str) {
        match self.medium {
            // The boxes of notices have colours of their own.
            Medium::Terminal if text.contains('\x1b') && !TerminalAbilities::read().colours => {
                self.send(telemetry::clean(text).replace('\n', "\r\n"));
            }
            Medium::Terminal => self.send(text.to_owned()),
            Medium::Lines => {
                let lines = telemetry::clean(text).trim_matches('\n').to_owned();
                if !lines.is_empty() {
                    self.send(lines + "\n");
                }
            }
            Medium::Prompts => {
                let mut state = self.state();
                let prompt = self.prompt_of(&state);
                self.send(format!("{text}{prompt}"));
                state.shown = Some(prompt);
            }
        }
    }
}

impl Output for Console {
    fn show(&self, reply: &Reply) {
        if !self.is_attended() {
            return console_log::show(reply);
        }
        let text = self.rendered(reply);
        if !text.is_empty() {
            self.text(&text);
        }
    }

    fn notice(&self, notice: &Notice) {
        if !self.is_attended() && !matches!(notice, Notice::Secret(_)) {
            return console_log::notice(notice);
        }
        for text in render::notice(notice) {
            self.text(&text);
        }
    }

    /// A prompt that is still due comes before what the background says.
    fn background(&self, notice: &Notice) {
        self.finish();
        self.notice(notice);
    }

    /// Other nodes show refusals to who sits at their console, who can do nothing about them; here `get error log` has them.
    fn refused(&self, notice: &Notice) {
        if self.prompts() {
            self.notice(notice);
        }
    }

    /// Other nodes say nothing when a command went well, and programs at a pipe expect nothing.
    fn done(&self, notice: &Notice) {
        if self.is_attended() && self.medium == Medium::Terminal {
            self.notice(notice);
        }
    }
}

fn prompt_text(name: Option<&str>, unread: bool, destination: Option<&str>) -> String {
    let name = name.map(|n| format!(" {n}")).unwrap_or_default();
    let sign = if unread { "+>" } else { ">" };
    let destination = destination.map(|d| format!("{d} >> ")).unwrap_or_default();
    format!("\rAL{name} {sign} {destination}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console() -> (Console, mpsc::Receiver<Said>) {
        let (queue, texts) = mpsc::channel(CONSOLE_QUEUE);
        let left_out = Arc::default();
        let (attended, node) = (AtomicBool::new(true), OnceLock::new());
        (Console { queue, left_out, medium: Medium::Prompts, attended, node, state: Mutex::default() }, texts)
    }

    fn all(mut texts: mpsc::Receiver<Said>) -> String {
        let said = std::iter::from_fn(|| texts.try_recv().ok());
        said.filter_map(|said| if let Said::Text(text) = said { Some(text) } else { None }).collect()
    }

    #[test]
    fn prompt_shows_name_unread_messages_and_destination() {
        assert_eq!(prompt_text(None, false, None), "\rAL > ");
        assert_eq!(prompt_text(Some("anylog-master"), true, None), "\rAL anylog-master +> ");
        assert_eq!(prompt_text(None, false, Some("127.0.0.1:32048")), "\rAL > 127.0.0.1:32048 >> ");
    }

    #[test]
    fn command_that_printed_gets_no_second_prompt() {
        let (console, texts) = console();
        console.begin();
        console.text("a\r\n");
        console.text("b\r\n");
        console.finish();
        assert_eq!(all(texts), "a\r\n\rAL > b\r\n\rAL > ");
    }

    #[test]
    fn silent_command_gets_one_prompt() {
        let (console, texts) = console();
        console.begin();
        console.finish();
        console.finish();
        assert_eq!(all(texts), "\rAL > ");
    }

    #[test]
    fn empty_text_prints_the_prompt_alone() {
        let (console, texts) = console();
        console.begin();
        console.text("true\r\n");
        console.text("");
        console.finish();
        assert_eq!(all(texts), "true\r\n\rAL > \rAL > ");
    }

    #[test]
    fn text_of_the_background_comes_behind_the_prompt() {
        let (console, texts) = console();
        console.begin();
        console.background(&Notice::Line("late".to_owned()));
        console.finish();
        assert_eq!(all(texts), "\rAL > late\r\n\rAL > ");
    }

    #[test]
    fn refresh_prints_a_changed_prompt_only() {
        let (console, texts) = console();
        console.text("x\r\n");
        console.refresh();
        console.assign(Some("10.0.0.1:32048"));
        console.refresh();
        assert_eq!(all(texts), "x\r\n\rAL > \rAL > 10.0.0.1:32048 >> ");
    }

    #[test]
    fn nobody_is_shown_texts_or_prompts() {
        let (console, texts) = console();
        let console = Console { medium: Medium::Lines, ..console };
        console.depart();
        console.notice(&Notice::Line("a".to_owned()));
        console.show(&Reply::Text("b".to_owned()));
        console.finish();
        console.refresh();
        console.arrive();
        console.notice(&Notice::Failure("c".to_owned()));
        console.finish();
        assert_eq!(all(texts), "|=|\n|c|\n|=|\n");
    }

    #[test]
    fn refusals_are_shown_at_a_pipe_and_what_went_well_is_not() {
        let (console, texts) = console();
        console.refused(&Notice::Line("no".to_owned()));
        console.done(&Notice::Line("done".to_owned()));
        assert_eq!(all(texts), "no\r\n\rAL > ");
    }

    #[tokio::test]
    async fn full_queue_leaves_texts_out_and_counts_them() {
        let (console, _texts) = console();
        for _ in 0..CONSOLE_QUEUE + 3 {
            console.text("x");
        }
        assert_eq!(console.left_out.load(Ordering::Relaxed), 3);
    }
}
