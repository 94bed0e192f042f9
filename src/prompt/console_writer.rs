//! The task that writes what the console says, one text after the other.

use crate::runtime::{limits::CONSOLE_QUEUE, shutdown::Shutdown};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{io::AsyncWriteExt, sync::mpsc};

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
    /// Texts are kept back from here on.
    Hold,
    /// The texts that were kept back are written, and the following ones as they come.
    Release,
}

/// Writes what is said until the queue is closed, or the program stops and the queue is empty.
pub async fn write_all(mut said: mpsc::Receiver<Said>, mut sink: Sink, left_out: Arc<AtomicU64>, shutdown: Shutdown) {
    let token = shutdown.token();
    let mut held: Option<Vec<String>> = None;
    loop {
        let next = tokio::select! {
            biased;
            next = said.recv() => next,
            () = token.cancelled() => { said.close(); said.try_recv().ok() }
        };
        let text = match (next, &mut held) {
            (None, _) => break,
            (Some(Said::Drawn(text)), _) | (Some(Said::Text(text)), None) => text,
            (Some(Said::Text(text)), Some(held)) => {
                if held.len() < CONSOLE_QUEUE {
                    held.push(text);
                } else {
                    left_out.fetch_add(1, Ordering::Relaxed);
                }
                continue;
            }
            (Some(Said::Hold), held) => {
                held.get_or_insert_default();
                continue;
            }
            (Some(Said::Release), held) => held.take().unwrap_or_default().concat(),
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
    if let Some(held) = held {
        write_one(sink, held.concat()).await;
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

    #[tokio::test]
    async fn texts_wait_while_something_is_drawn() {
        let written = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&written);
        let printer: Printer = Box::new(move |text| shared.lock().unwrap_or_else(PoisonError::into_inner).push(text));
        let (queue, said) = mpsc::channel(16);
        let text = |text: &str| Said::Text(text.to_owned());
        for one in
            [text("a"), Said::Hold, text("b"), Said::Drawn("frame".to_owned()), text("c"), Said::Release, text("d")]
        {
            queue.send(one).await.unwrap();
        }
        queue.send(Said::Hold).await.unwrap();
        queue.send(text("e")).await.unwrap();
        drop(queue);
        write_all(said, Sink::Terminal(printer), Arc::default(), Shutdown::new()).await;
        assert_eq!(*written.lock().unwrap(), ["a", "frame", "bc", "d", "e"]);
    }
}
