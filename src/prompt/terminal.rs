//! The line editor of a terminal: history, completion, Ctrl-C; it runs on a thread of its own.

use crate::{
    prompt::{console::Printer, vocabulary::Vocabulary},
    runtime::limits::HISTORY_LINES,
};
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
pub enum LineEvent {
    /// A line, without its end.
    Line(String),
    /// Ctrl-C: what was typed is dropped.
    Interrupted,
    /// Ctrl-D on an empty line.
    Closed,
    /// The terminal is gone.
    Ended,
}

/// What the editor's thread is asked for.
enum EditorRequest {
    /// Show this prompt and read a line.
    Read(String),
    /// Add this line to the history.
    Remember(String),
}

/// A terminal whose line editor does not read yet.
pub struct Terminal {
    editor: Editor<Assistant, FileHistory>,
    saved: Option<rustix::termios::Termios>,
    words: Arc<Mutex<Vocabulary>>,
}

/// The line editor of a terminal, which reads on a thread of its own.
pub struct LineEditor {
    requests: mpsc::Sender<EditorRequest>,
    events: mpsc::Receiver<LineEvent>,
    /// LineEditor that were pasted behind the one that was answered last.
    pasted: VecDeque<String>,
    saved: Option<rustix::termios::Termios>,
    words: Arc<Mutex<Vocabulary>>,
}

impl Terminal {
    /// Returns the terminal when input and output are one and this process may read from it.
    #[must_use]
    pub fn open() -> Option<Self> {
        if !(io::stdin().is_terminal() && io::stdout().is_terminal() && is_in_foreground()) {
            return None;
        }
        let config = Config::builder().max_history_size(HISTORY_LINES).ok()?;
        let config = config.completion_type(CompletionType::List).history_ignore_dups(true).ok()?;
        let config = config.auto_add_history(false).build();
        let mut editor = Editor::with_config(config).ok()?;
        let words = Arc::<Mutex<Vocabulary>>::default();
        editor.set_helper(Some(Assistant { words: Arc::clone(&words) }));
        let saved = rustix::termios::tcgetattr(io::stdin()).ok();
        make_ctrl_c_a_key(saved.as_ref());
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
    pub fn edit(self, history: Option<PathBuf>) -> io::Result<LineEditor> {
        let (requests, asked) = mpsc::channel(1);
        let (answers, events) = mpsc::channel(1);
        let Self { editor, saved, words } = self;
        let editing = std::thread::Builder::new().name("prompt".to_owned());
        editing.spawn(move || edit(editor, history, asked, &answers))?;
        Ok(LineEditor { requests, events, pasted: VecDeque::new(), saved, words })
    }
}

impl LineEditor {
    /// Shows the prompt and waits for a line; cancel-safe, as the editor's thread keeps what was typed. Pasted lines come one
    /// by one, as if they were typed.
    pub async fn next(&mut self, prompt: &str) -> LineEvent {
        if let Some(line) = self.pasted.pop_front() {
            return LineEvent::Line(line);
        }
        if self.requests.send(EditorRequest::Read(prompt.to_owned())).await.is_err() {
            return LineEvent::Ended;
        }
        match self.events.recv().await {
            Some(LineEvent::Line(text)) if text.contains('\n') => {
                self.pasted.extend(text.lines().map(str::to_owned));
                LineEvent::Line(self.pasted.pop_front().unwrap_or_default())
            }
            event => event.unwrap_or(LineEvent::Ended),
        }
    }

    /// Adds a line to the history.
    pub async fn remember(&self, line: &str) {
        // The editor may be gone already; then nobody looks at the history either.
        let _gone = self.requests.send(EditorRequest::Remember(line.to_owned())).await;
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
fn make_ctrl_c_a_key(found: Option<&rustix::termios::Termios>) {
    if let Some(mut mode) = found.cloned() {
        mode.local_modes.remove(rustix::termios::LocalModes::ISIG);
        let _gone = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &mode);
    }
}

/// Tells whether this process may read from the terminal: reading as a background job would stop the whole process.
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

fn edit(
    mut editor: Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
    mut asked: mpsc::Receiver<EditorRequest>,
    answers: &mpsc::Sender<LineEvent>,
) {
    if let Some(path) = &history {
        // There is no history before the first start.
        let _missing = editor.load_history(path);
    }
    while let Some(request) = asked.blocking_recv() {
        match request {
            EditorRequest::Remember(line) => remember(&mut editor, line, history.as_ref()),
            EditorRequest::Read(prompt) => {
                let event = read(&mut editor, &prompt);
                let ended = event == LineEvent::Ended;
                if answers.blocking_send(event).is_err() || ended {
                    return;
                }
            }
        }
    }
}

fn remember(editor: &mut Editor<Assistant, FileHistory>, line: String, history: Option<&PathBuf>) {
    if let (Ok(true), Some(path)) = (editor.add_history_entry(line), history) {
        // A full or read-only disk costs the history, not the prompt.
        let _lost = editor.append_history(path);
    }
}

fn read(editor: &mut Editor<Assistant, FileHistory>, prompt: &str) -> LineEvent {
    loop {
        match editor.readline(prompt) {
            Ok(line) => return LineEvent::Line(line),
            Err(ReadlineError::Interrupted) => return LineEvent::Interrupted,
            Err(ReadlineError::Eof) if is_connected() => return LineEvent::Closed,
            Err(ReadlineError::Signal(_)) => {}
            Err(_) => return LineEvent::Ended,
        }
    }
}

/// Tells whether the terminal is still there; one that was hung up reads as empty for ever.
fn is_connected() -> bool {
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
