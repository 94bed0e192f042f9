//! A backup of the ledger as a file that the browser saves: packed, sealed, and as of one moment.

use crate::{
    command::{self, BACKUP_LEDGER, may_run},
    console::{
        answer::PageAnswer,
        page_error::ConsoleError,
        page_request::ConsoleRequest,
        stream::{self, StreamPart},
    },
    node::{Node, Session, backup_prefix},
    runtime::{clock, limits},
};
use bytes::Bytes;
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use std::{
    io::{self, Write},
    sync::Arc,
};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

/// How many are written at the same time.
static PLACES: Semaphore = Semaphore::const_new(limits::CONSOLE_BACKUPS);

/// Answers with a backup. The answer begins when the ledger has given the first part; one that breaks off later ends without its end,
/// which browsers show, and without its seal.
///
/// # Errors
/// The caller may not; the ledger gives none.
pub async fn download(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let ConsoleRequest { context, session, head, .. } = request;
    let node = Arc::clone(context.node);
    may_run(BACKUP_LEDGER, &node, &session)?;
    let place = PLACES.try_acquire().map_err(|_| {
        let detail = "other backups are on their way: take this one when they are there";
        ConsoleError::new(StatusCode::SERVICE_UNAVAILABLE, "Too many backups at the same time", detail)
    })?;
    let time = clock::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = format!("{}-{time}.jsonl.gz", backup_prefix(&node.config));
    let (sender, mut receiver) = stream::parts();
    node.shutdown.spawn(write(Arc::clone(&node), session, sender, place));
    let first = match receiver.recv().await {
        Some(part) => part?,
        None => {
            let detail = "the backup ended before it began: the log of the node says why";
            return Err(ConsoleError::new(StatusCode::INTERNAL_SERVER_ERROR, "The node failed", detail));
        }
    };
    let mut response = stream::answer(head.client.activity.clone(), "application/gzip", Some(first), receiver);
    if let Ok(line) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, line);
    }
    Ok(PageAnswer::Written(response))
}

async fn write(node: Arc<Node>, session: Session, sender: mpsc::Sender<StreamPart>, _place: SemaphorePermit<'static>) {
    let writer = PartWriter(sender.clone());
    let written = tokio::select! {
        written = command::backup_to(&node, &session, Box::new(writer)) => written,
        () = sender.closed() => return,
    };
    if let Err(error) = written {
        // Whoever does not take it any more does not want to know why.
        let _gone = sender.send(Err(error)).await;
    }
}

/// Hands what is written on; the thread that writes waits until it is taken.
struct PartWriter(mpsc::Sender<StreamPart>);

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Ok(Bytes::copy_from_slice(bytes));
        self.0.blocking_send(part).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
