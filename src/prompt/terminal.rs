//! The line editor of a terminal: history, completion, Ctrl-C; it runs on a thread of its own.

use crate::{
    command::Candidate,
    config::TerminalAbilities,
    prompt::{
        console_writer::Printer,
        idle::{Drawing, Idle},
        presence::{self, Modes},
        tab::{self, Completer},
    },
    runtime::limits::HISTORY_LINES,
};
use rustyline::{
    ColorMode, CompletionType, Config, Context, Editor, ExternalPrinter, Helper,
    completion::Pair,
    error::ReadlineError,
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    history::FileHistory,
    validate::Validator,
};
use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Takes the cursor to the beginning of its line and empties that.
const ERASE_LINE: &str = "\r\x1b[K";

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
    /// Show this question and read a line that nobody sees.
    ReadUnseen(String),
    /// Add this line to the history.
    Remember(String),
}

/// A terminal whose line editor does not read yet.
pub struct Terminal {
    editor: Editor<Assistant, FileHistory>,
    modes: Modes,
    completer: Arc<Mutex<Completer>>,
    idle: Arc<Idle>,
}

/// The line editor of a terminal, which reads on a thread of its own.
pub struct LineEditor {
    requests: mpsc::Sender<EditorRequest>,
    events: mpsc::Receiver<LineEvent>,
    /// Lines that were pasted behind the one that was answered last.
    pasted: VecDeque<String>,
    modes: Modes,
    completer: Arc<Mutex<Completer>>,
}

impl Terminal {
    /// Returns the terminal when input and output are one and this process may read from it.
    #[must_use]
    pub fn open() -> Option<Self> {
        if !presence::is_ours() {
            return None;
        }
        let config = Config::builder().max_history_size(HISTORY_LINES).ok()?;
        let config = config.completion_type(CompletionType::List).history_ignore_dups(true).ok()?;
        // What is typed unseen is hidden by the way in which the line is drawn, also where nobody wants colours.
        let config = config.auto_add_history(false).color_mode(ColorMode::Forced).build();
        let mut editor = Editor::with_config(config).ok()?;
        let completer = Arc::new(Mutex::new(tab::nothing()));
        let idle = Arc::<Idle>::default();
        editor.set_helper(Some(Assistant {
            completer: Arc::clone(&completer),
            idle: Arc::clone(&idle),
            has_colours: TerminalAbilities::read().colours,
            is_unseen: false,
        }));
        Some(Self { editor, modes: Modes::read(), completer, idle })
    }

    /// Sets the terminal for somebody who is there, or for nobody.
    pub fn set(&self, attended: bool) {
        if attended { self.modes.attended() } else { self.modes.unattended() }
    }

    /// Gives the terminal back to whoever looks at it.
    pub fn restore(&self) {
        self.modes.restore();
    }

    /// Returns a way to print while a line is being edited.
    ///
    /// # Errors
    /// When the terminal cannot be shared.
    pub fn printer(&mut self) -> Result<Printer, ReadlineError> {
        let mut printer = self.editor.create_external_printer()?;
        let idle = Arc::clone(&self.idle);
        // A terminal that is gone is told nothing.
        Ok(Box::new(move |text| match idle.drawing() {
            Drawing::AbovePrompt => drop(printer.print(text)),
            Drawing::InsteadOfPrompt => drop(write_over(&text)),
            Drawing::Plain => drop(io::stdout().write_all(text.as_bytes())),
        }))
    }

    /// Begins to edit lines; the history is read from the file and added to it line by line.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn edit(self, history: Option<PathBuf>) -> io::Result<LineEditor> {
        let (requests, asked) = mpsc::channel(1);
        let (answers, events) = mpsc::channel(1);
        let Self { editor, modes, completer, idle } = self;
        let editing = std::thread::Builder::new().name("prompt".to_owned());
        editing.spawn(move || edit(editor, history, asked, &answers, &idle))?;
        Ok(LineEditor { requests, events, pasted: VecDeque::new(), modes, completer })
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
        self.event().await
    }

    /// Waits for what the editor's thread says, and keeps what was pasted behind the first line.
    async fn event(&mut self) -> LineEvent {
        match self.events.recv().await {
            Some(LineEvent::Line(text)) if text.contains('\n') => {
                self.pasted.extend(text.lines().map(str::to_owned));
                LineEvent::Line(self.pasted.pop_front().unwrap_or_default())
            }
            event => event.unwrap_or(LineEvent::Ended),
        }
    }

    /// Asks a question and waits for a line that is neither shown while it is typed nor kept. A line that was pasted behind the
    /// command is the answer, as if it were typed.
    pub async fn unseen(&mut self, question: &str) -> LineEvent {
        if let Some(line) = self.pasted.pop_front() {
            return LineEvent::Line(line);
        }
        // The terminal itself shows no key either that is pressed before the editor reads.
        self.modes.unseen();
        let event = match self.requests.send(EditorRequest::ReadUnseen(question.to_owned())).await {
            // A secret that is pasted with the commands behind it is the first line of them.
            Ok(()) => self.event().await,
            Err(_) => LineEvent::Ended,
        };
        self.modes.attended();
        event
    }

    /// Adds a line to the history.
    pub async fn remember(&self, line: &str) {
        // The editor may be gone already; then nobody looks at the history either.
        let _gone = self.requests.send(EditorRequest::Remember(line.to_owned())).await;
    }

    /// Sets what the Tab key offers.
    pub fn offer(&self, completer: Completer) {
        *self.completer.lock().unwrap_or_else(PoisonError::into_inner) = completer;
    }

    /// Tells whether lines wait that were pasted behind the one that runs.
    #[must_use]
    pub fn has_pasted(&self) -> bool {
        !self.pasted.is_empty()
    }

    /// Drops those lines and returns how many they were.
    pub fn drop_pasted(&mut self) -> usize {
        std::mem::take(&mut self.pasted).len()
    }

    /// Makes Ctrl-C a key like any other for somebody who is there, also while a command runs.
    pub fn attend(&self) {
        self.modes.attended();
    }

    /// Waits until somebody is there, without a prompt; the key that is pressed is read by the editor then.
    pub async fn somebody(&self) {
        self.modes.unattended();
        // A terminal that cannot be watched is read at once, as one where somebody sits.
        let _unwatched = presence::arrival().await;
        self.modes.attended();
    }

    /// Gives the terminal back to whoever looks at it; where somebody is there, what comes behind it does not stand behind the
    /// prompt.
    pub fn restore(&self, attended: bool) {
        self.modes.restore();
        if attended {
            drop(write_over(""));
        }
    }
}

fn edit(
    mut editor: Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
    mut asked: mpsc::Receiver<EditorRequest>,
    answers: &mpsc::Sender<LineEvent>,
    idle: &Idle,
) {
    if let Some(path) = &history {
        // There is no history before the first start.
        let _missing = editor.load_history(path);
    }
    while let Some(request) = asked.blocking_recv() {
        match request {
            EditorRequest::Remember(line) => remember(&mut editor, line, history.as_ref()),
            request @ (EditorRequest::Read(_) | EditorRequest::ReadUnseen(_)) => {
                let (is_unseen, prompt) = match request {
                    EditorRequest::ReadUnseen(question) => (true, question),
                    EditorRequest::Read(prompt) | EditorRequest::Remember(prompt) => (false, prompt),
                };
                set_unseen(&mut editor, is_unseen);
                idle.typed("");
                let event = read(&mut editor, &prompt);
                idle.typed("");
                set_unseen(&mut editor, false);
                let ended = event == LineEvent::Ended;
                if answers.blocking_send(event).is_err() || ended {
                    return;
                }
            }
        }
    }
}

fn set_unseen(editor: &mut Editor<Assistant, FileHistory>, is_unseen: bool) {
    if let Some(assistant) = editor.helper_mut() {
        assistant.is_unseen = is_unseen;
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

/// Writes a text over the prompt, which stands alone on its line.
fn write_over(text: &str) -> io::Result<()> {
    io::stdout().write_all(format!("{ERASE_LINE}{text}").as_bytes())
}

/// Completion and colours of the line editor.
struct Assistant {
    completer: Arc<Mutex<Completer>>,
    idle: Arc<Idle>,
    has_colours: bool,
    /// True while nobody may see what is typed.
    is_unseen: bool,
}

impl rustyline::completion::Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if self.is_unseen {
            return Ok((at, Vec::new()));
        }
        let completer = Arc::clone(&self.completer.lock().unwrap_or_else(PoisonError::into_inner));
        let completion = completer(line, at);
        let shown = |one: Candidate| Pair { display: tab::shown(&one), replacement: one.text };
        Ok((completion.from, completion.candidates.into_iter().map(shown).collect()))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        // The cursor goes on, so that people see that their keys arrive.
        if self.is_unseen { " ".repeat(line.chars().count()).into() } else { line.into() }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        self.idle.drawn();
        if !self.has_colours {
            return prompt.into();
        }
        Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m"))
    }

    /// Every key comes by here; a prompt that was not drawn any more is drawn again.
    fn highlight_char(&self, line: &str, _: usize, _: CmdKind) -> bool {
        // What is unseen is drawn as a whole each time: a key that is drawn alone passes by the colours.
        self.idle.typed(line) || self.is_unseen
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Validator for Assistant {}

impl Helper for Assistant {}
