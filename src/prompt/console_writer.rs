//! The task that writes what the console says, one text after the other.

use crate::{
    prompt::screen::StepAside,
    runtime::{limits::CONSOLE_QUEUE, shutdown::Shutdown},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Longest time that a text is kept back: nobody knows whether somebody still looks at what is drawn, and the lines of the log
/// are waited for by others.
const KEPT_BACK: Duration = Duration::from_secs(60);

/// Writes a text to a terminal whose line editor may be active.
pub type Printer = Box<dyn FnMut(String) + Send>;

/// Where the console's texts go.
pub enum Sink {
    /// The standard output: plain lines, or, where programs expect that, texts with the prompt behind each.
    Pipe,
    /// A terminal; its line editor shows the prompt.
    Terminal(Printer),
}

/// What the task is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// A text, which is kept back while something else is drawn.
    Text(String),
    /// A text that is written at once.
    Drawn(String),
    /// Texts are kept back from here on; what is drawn steps aside for those that can wait no longer.
    Hold(StepAside),
    /// The texts that were kept back are written, and the following ones as they come.
    Release,
}

/// The texts that are kept back while something is drawn, and what is drawn.
struct KeptTexts {
    aside: StepAside,
    texts: Vec<String>,
    /// When the first of the texts came.
    since: Option<Instant>,
    /// What was drawn last.
    drawn: String,
}

impl KeptTexts {
    const fn new(aside: StepAside) -> Self {
        Self { aside, texts: Vec::new(), since: None, drawn: String::new() }
    }

    /// Keeps a text back. When there is no room for another one all of them are returned to be written.
    fn keep(&mut self, text: String) -> String {
        self.since.get_or_insert_with(Instant::now);
        self.texts.push(text);
        if self.texts.len() < CONSOLE_QUEUE { String::new() } else { self.step_aside() }
    }

    /// Takes the texts that can wait no longer, with what makes room for them and what is drawn again behind them.
    fn step_aside(&mut self) -> String {
        let texts = self.take();
        let StepAside { leave, back } = self.aside;
        format!("{leave}{texts}{back}{}", self.drawn)
    }

    fn take(&mut self) -> String {
        self.since = None;
        std::mem::take(&mut self.texts).concat()
    }
}

/// Writes what is said until the queue is closed, or the program stops and the queue is empty.
pub async fn write_all(said: mpsc::Receiver<Said>, sink: Sink, left_out: Arc<AtomicU64>, shutdown: Shutdown) {
    write_within(said, sink, left_out, shutdown, KEPT_BACK).await;
}

/// Writes what is said, and keeps no text back for longer than a time.
async fn write_within(
    mut said: mpsc::Receiver<Said>,
    mut sink: Sink,
    left_out: Arc<AtomicU64>,
    shutdown: Shutdown,
    longest: Duration,
) {
    let token = shutdown.token();
    let mut held: Option<KeptTexts> = None;
    loop {
        let due = held.as_ref().and_then(|held| held.since).map(|since| since + longest);
        let text = tokio::select! {
            // The queue may never be empty.
            biased;
            () = moment(due) => held.as_mut().map(KeptTexts::step_aside).unwrap_or_default(),
            next = heard(&mut said, &token) => match next {
                Some(next) => to_write(next, &mut held),
                None => break,
            },
        };
        let missing = if held.is_some() { 0 } else { left_out.swap(0, Ordering::Relaxed) };
        let text = match missing {
            0 => text,
            n => format!("\r\n[{n} texts left out: the console is read too slowly]\r\n{text}"),
        };
        if !text.is_empty() {
            sink = write_one(sink, text).await;
        }
    }
    if let Some(mut held) = held {
        write_one(sink, held.take()).await;
    }
}

/// Waits for what is said next; nothing when the queue is closed, or the program stops and the queue is empty.
async fn heard(said: &mut mpsc::Receiver<Said>, stopping: &CancellationToken) -> Option<Said> {
    tokio::select! {
        biased;
        next = said.recv() => next,
        () = stopping.cancelled() => { said.close(); said.try_recv().ok() }
    }
}

/// Comes at a moment; never when there is none.
async fn moment(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Returns what is written now because of what is said.
fn to_write(said: Said, held: &mut Option<KeptTexts>) -> String {
    match (said, held) {
        (Said::Text(text) | Said::Drawn(text), None) => text,
        (Said::Text(text), Some(held)) => held.keep(text),
        (Said::Drawn(text), Some(held)) => {
            held.drawn.clone_from(&text);
            text
        }
        (Said::Hold(aside), held) => {
            held.get_or_insert_with(|| KeptTexts::new(aside));
            String::new()
        }
        (Said::Release, held) => held.take().map(|mut held| held.take()).unwrap_or_default(),
    }
}

async fn write_one(sink: Sink, text: String) -> Sink {
    match sink {
        Sink::Pipe => {
            let mut out = tokio::io::stdout();
            // A console that nobody reads any more must not stop the node.
            let _closed = out.write_all(text.as_bytes()).await;
            let _closed = out.flush().await;
            Sink::Pipe
        }
        Sink::Terminal(mut printer) => {
            let printed = tokio::task::spawn_blocking(move || {
                printer(text);
                printer
            });
            printed.await.map_or(Sink::Pipe, Sink::Terminal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, PoisonError};

    const ASIDE: StepAside = StepAside { leave: "<", back: ">" };

    fn text(text: &str) -> Said {
        Said::Text(text.to_owned())
    }

    fn drawn(text: &str) -> Said {
        Said::Drawn(text.to_owned())
    }

    /// Returns what is written of a queue that ends.
    async fn written(all: Vec<Said>) -> Vec<String> {
        let written = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&written);
        let printer: Printer = Box::new(move |text| shared.lock().unwrap_or_else(PoisonError::into_inner).push(text));
        let (queue, said) = mpsc::channel(all.len().max(1));
        for one in all {
            queue.try_send(one).unwrap();
        }
        drop(queue);
        write_all(said, Sink::Terminal(printer), Arc::default(), Shutdown::new()).await;
        let written = written.lock().unwrap();
        written.clone()
    }

    #[tokio::test]
    async fn texts_wait_while_something_is_drawn() {
        let first = [text("a"), Said::Hold(ASIDE), text("b"), drawn("frame"), text("c"), Said::Release, text("d")];
        let all = first.into_iter().chain([Said::Hold(ASIDE), text("e")]).collect();
        assert_eq!(written(all).await, ["a", "frame", "bc", "d", "e"]);
    }

    #[tokio::test]
    async fn texts_that_find_no_room_are_written_and_none_is_dropped() {
        let mut all = vec![Said::Hold(ASIDE), drawn("old"), drawn("frame")];
        all.extend((0..CONSOLE_QUEUE).map(|_| text("x")));
        all.extend([text("y"), Said::Release]);
        let many = "x".repeat(CONSOLE_QUEUE);
        assert_eq!(written(all).await, ["old", "frame", &format!("<{many}>frame"), "y"]);
    }

    #[tokio::test]
    async fn texts_that_waited_long_enough_are_written_while_something_is_drawn() {
        let (printed, mut seen) = mpsc::channel(16);
        let printer: Printer = Box::new(move |text| printed.try_send(text).unwrap());
        let (queue, said) = mpsc::channel(16);
        for one in [Said::Hold(ASIDE), drawn("frame"), text("a")] {
            queue.send(one).await.unwrap();
        }
        let writing = write_within(said, Sink::Terminal(printer), Arc::default(), Shutdown::new(), Duration::ZERO);
        let looking = async move {
            let frame = seen.recv().await;
            let aside = seen.recv().await;
            // Only now the queue ends, and the drawing with it.
            drop(queue);
            (frame, aside)
        };
        let ((), (frame, aside)) = tokio::join!(writing, looking);
        assert_eq!((frame.as_deref(), aside.as_deref()), (Some("frame"), Some("<a>frame")));
    }
}
