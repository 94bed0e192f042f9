//! The line editor of a terminal: history, completion, Ctrl-C; it runs on a thread of its own.

use crate::prompt::{Printer, vocabulary::Vocabulary};
use rustyline::{
    CompletionType, Config, Context, Editor, ExternalPrinter, Helper, completion::Completer, error::ReadlineError,
    highlight::Highlighter, hint::Hinter, history::FileHistory, validate::Validator,
};
use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, IsTerminal},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// What came from the terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line, without its end.
    Line(String),
    /// Ctrl-C: what was typed is dropped.
    Interrupted,
    /// Ctrl-D on an empty line.
    Closed,
    /// The terminal is gone.
    Ended,
}

enum Request {
    Read(String),
    Keep(String),
}

/// A terminal with a line editor that waits to be opened.
pub struct Terminal {
    editor: Editor<Assistant, FileHistory>,
    saved: Option<rustix::termios::Termios>,
    words: Arc<Mutex<Vocabulary>>,
}

/// The opened terminal: asks for lines, keeps the history.
pub struct Lines {
    requests: mpsc::Sender<Request>,
    typed: mpsc::Receiver<Typed>,
    /// Lines that were pasted behind the one that was answered last.
    pasted: VecDeque<String>,
    saved: Option<rustix::termios::Termios>,
    words: Arc<Mutex<Vocabulary>>,
}

impl Terminal {
    /// Returns the terminal when input and output are one and this process may read from it.
    #[must_use]
    pub fn open() -> Option<Self> {
        if !(io::stdin().is_terminal() && io::stdout().is_terminal() && in_foreground()) {
            return None;
        }
        let config = Config::builder().max_history_size(crate::runtime::limits::HISTORY_LINES).ok()?;
        let config = config.completion_type(CompletionType::List).history_ignore_dups(true).ok()?;
        let config = config.auto_add_history(false).build();
        let mut editor = Editor::with_config(config).ok()?;
        let words = Arc::<Mutex<Vocabulary>>::default();
        editor.set_helper(Some(Assistant { words: Arc::clone(&words) }));
        let saved = rustix::termios::tcgetattr(io::stdin()).ok();
        keep_from_interrupting(saved.as_ref());
        Some(Self { editor, saved, words })
    }

    /// Returns a way to print while a line is being edited.
    ///
    /// # Errors
    /// When the terminal cannot be shared.
    pub fn printer(&mut self) -> Result<Printer, ReadlineError> {
        let mut printer = self.editor.create_external_printer()?;
        Ok(Box::new(move |text| {
            let _gone = printer.print(text);
        }))
    }

    /// Begins to edit lines; the history is read from the file and added to it line by line.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn edit(self, history: Option<PathBuf>) -> io::Result<Lines> {
        let (requests, asked) = mpsc::channel(1);
        let (answers, typed) = mpsc::channel(1);
        let Self { editor, saved, words } = self;
        let editing = std::thread::Builder::new().name("prompt".to_owned());
        editing.spawn(move || edit(editor, history, asked, &answers))?;
        Ok(Lines { requests, typed, pasted: VecDeque::new(), saved, words })
    }
}

impl Lines {
    /// Shows the prompt and waits for a line; cancel-safe, as the editor's thread keeps what was typed. Pasted lines come one
    /// by one, as if they were typed.
    pub async fn next(&mut self, prompt: &str) -> Typed {
        if let Some(line) = self.pasted.pop_front() {
            return Typed::Line(line);
        }
        if self.requests.send(Request::Read(prompt.to_owned())).await.is_err() {
            return Typed::Ended;
        }
        match self.typed.recv().await {
            Some(Typed::Line(text)) if text.contains('\n') => {
                self.pasted.extend(text.lines().map(str::to_owned));
                Typed::Line(self.pasted.pop_front().unwrap_or_default())
            }
            typed => typed.unwrap_or(Typed::Ended),
        }
    }

    /// Adds a line to the history.
    pub async fn keep(&self, line: &str) {
        // The editor may be gone already; then nobody looks at the history either.
        let _gone = self.requests.send(Request::Keep(line.to_owned())).await;
    }

    /// Sets what the Tab key offers.
    pub fn offer(&self, words: Vocabulary) {
        *self.words.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }

    /// Gives the terminal back as it was found.
    pub fn restore(&self) {
        if let Some(saved) = &self.saved {
            let _gone = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, saved);
        }
    }
}

/// Makes Ctrl-C a key like any other while a command runs: between two lines it would end the whole process.
fn keep_from_interrupting(found: Option<&rustix::termios::Termios>) {
    if let Some(mut mode) = found.cloned() {
        mode.local_modes.remove(rustix::termios::LocalModes::ISIG);
        let _gone = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &mode);
    }
}

/// Reading as a background job would stop the whole process.
fn in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

fn edit(
    mut editor: Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
    mut asked: mpsc::Receiver<Request>,
    answers: &mpsc::Sender<Typed>,
) {
    if let Some(path) = &history {
        // There is none before the first start.
        let _new = editor.load_history(path);
    }
    while let Some(request) = asked.blocking_recv() {
        match request {
            Request::Keep(line) => keep(&mut editor, line, history.as_ref()),
            Request::Read(prompt) => {
                let typed = read(&mut editor, &prompt);
                let ended = typed == Typed::Ended;
                if answers.blocking_send(typed).is_err() || ended {
                    return;
                }
            }
        }
    }
}

fn keep(editor: &mut Editor<Assistant, FileHistory>, line: String, history: Option<&PathBuf>) {
    if let (Ok(true), Some(path)) = (editor.add_history_entry(line), history) {
        // A full or read-only disk costs the history, not the prompt.
        let _lost = editor.append_history(path);
    }
}

fn read(editor: &mut Editor<Assistant, FileHistory>, prompt: &str) -> Typed {
    loop {
        match editor.readline(prompt) {
            Ok(line) => return Typed::Line(line),
            Err(ReadlineError::Interrupted) => return Typed::Interrupted,
            Err(ReadlineError::Eof) if is_there() => return Typed::Closed,
            Err(ReadlineError::Signal(_)) => {}
            Err(_) => return Typed::Ended,
        }
    }
}

/// A terminal that was hung up reads as empty for ever.
fn is_there() -> bool {
    rustix::termios::tcgetattr(io::stdin()).is_ok()
}

/// Completion and colours of the line editor.
struct Assistant {
    words: Arc<Mutex<Vocabulary>>,
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.words.lock().unwrap_or_else(PoisonError::into_inner).complete(line, at))
    }
}

impl Highlighter for Assistant {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m"))
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Validator for Assistant {}

impl Helper for Assistant {}
