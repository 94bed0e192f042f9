//! The log as it is written: the last lines at first, then every new one, as server-sent events.

use crate::{
    api::StreamEnd,
    command::{GET_LOG, may_run},
    console::{
        answer::PageAnswer,
        form::PageForm,
        page_error::ConsoleError,
        page_request::ConsoleRequest,
        stream::{self, StreamPart},
        view::live::end_of_stream,
    },
    runtime::{clock, limits},
    telemetry::{self, LineFilter, LineLevel, RecentLine},
};
use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, mpsc},
    time::sleep,
};

/// Lines that are sent together.
const LINES: usize = 200;
/// Time between two of these: more lines than a page can show are not sent at the speed at which they are written.
const PAUSE: Duration = Duration::from_millis(100);
/// What a stream says while there is nothing to say, so that a lost connection is found.
const STILL_HERE: &[u8] = b": still here\n\n";

/// Places of streams.
static PLACES: Semaphore = Semaphore::const_new(limits::CONSOLE_LOG_STREAMS);
/// What tells the numbers of the lines of this run of the program from those of others.
static RUN: LazyLock<String> = LazyLock::new(|| format!("{:x}", clock::now().as_microsecond()));

/// A line as a page has it.
#[derive(Debug, Serialize)]
pub struct LogLineView {
    /// When it was written.
    pub time: String,
    /// How loud it is.
    pub level: &'static str,
    /// Which part of the program says it.
    pub room: String,
    /// What it says.
    pub text: String,
}

impl LogLineView {
    fn of(line: &RecentLine) -> Self {
        let (time, level) = (format!("{:.3}", line.time), line.level.as_str());
        Self { time, level, room: line.room.clone(), text: line.text.clone() }
    }
}

/// Reads the filter of a page: a level that is none stands for all.
#[must_use]
pub fn filter(fields: &PageForm) -> LineFilter {
    let level = fields.filled("level").and_then(LineLevel::named);
    LineFilter::new(level, fields.text("text").unwrap_or_default())
}

/// Returns the last lines that a filter takes.
#[must_use]
pub fn last(filter: &LineFilter) -> Vec<LogLineView> {
    telemetry::recent().last(filter, limits::CONSOLE_LOG_LINES).iter().map(|line| LogLineView::of(line)).collect()
}

/// Follows the log.
///
/// # Errors
/// The caller may not read it; too many pages follow it already.
pub async fn follow(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    may_run(GET_LOG, request.node(), &request.session)?;
    let place = PLACES.try_acquire().map_err(|_| {
        let detail = format!("{} pages follow the log already: close one of them", limits::CONSOLE_LOG_STREAMS);
        ConsoleError::new(StatusCode::SERVICE_UNAVAILABLE, "The log has no place for this page", detail)
    })?;
    let last = request.head.headers.get("Last-Event-ID").and_then(|line| line.to_str().ok());
    let at = last.and_then(|id| number_of(id, &RUN));
    let (sender, receiver) = stream::parts();
    let task = LogTask { filter: filter(&request.query), at, sender, end: end_of_stream(&request), _place: place };
    request.node().shutdown.spawn(task.run());
    let activity = request.head.client.activity.clone();
    Ok(PageAnswer::Written(stream::answer(activity, "text/event-stream", None, receiver)))
}

/// Returns the number in the id of a line of this run.
fn number_of(id: &str, run: &str) -> Option<u64> {
    id.trim().strip_prefix(run)?.strip_prefix('-')?.parse().ok()
}

/// What writes one stream.
struct LogTask {
    filter: LineFilter,
    /// The number of the last line that was looked at; nothing at the beginning.
    at: Option<u64>,
    sender: mpsc::Sender<StreamPart>,
    end: StreamEnd,
    _place: SemaphorePermit<'static>,
}

impl LogTask {
    async fn run(mut self) {
        let mut news = telemetry::recent().news();
        let mut bytes = if self.at.is_none() { self.begin() } else { Vec::new() };
        loop {
            if !bytes.is_empty() && !self.send(std::mem::take(&mut bytes)).await {
                return;
            }
            news.borrow_and_update();
            if let Some(lines) = self.next() {
                bytes = lines;
                // Lines that the filter takes none of come without end, too.
                tokio::select! {
                    () = self.end.reached() => return,
                    () = self.sender.closed() => return,
                    () = sleep(PAUSE) => continue,
                }
            }
            tokio::select! {
                () = self.end.reached() => return,
                () = self.sender.closed() => return,
                // The log lasts as long as the program.
                _ = news.changed() => {}
                () = sleep(limits::API_SILENCE) => bytes.extend_from_slice(STILL_HERE),
            }
        }
    }

    /// Writes the last lines, behind the event that empties the list of the page.
    fn begin(&mut self) -> Vec<u8> {
        let log = telemetry::recent();
        let newest = log.newest();
        let lines = log.last(&self.filter, limits::CONSOLE_LOG_LINES);
        self.at = Some(lines.last().map_or(newest, |line| line.number.max(newest)));
        let mut bytes = b"event: begin\ndata: {}\n\n".to_vec();
        lines.iter().for_each(|line| write(&mut bytes, line));
        bytes
    }

    /// Returns the lines behind the last ones, which may be none of those that the page wants; nothing when there is none at all.
    fn next(&mut self) -> Option<Vec<u8>> {
        let at = self.at.unwrap_or_default();
        let lines = telemetry::recent().after(at, LINES);
        let (first, last) = (lines.first()?.number, lines.last()?.number);
        let mut bytes = Vec::new();
        if first > at + 1 {
            let left_out = first - at - 1;
            bytes.extend_from_slice(format!("event: gap\ndata: {left_out}\n\n").as_bytes());
        }
        lines.iter().filter(|line| self.filter.takes(line)).for_each(|line| write(&mut bytes, line));
        self.at = Some(last);
        Some(bytes)
    }

    async fn send(&self, bytes: Vec<u8>) -> bool {
        tokio::select! {
            () = self.end.reached() => false,
            sent = self.sender.send(Ok(Bytes::from(bytes))) => sent.is_ok(),
        }
    }
}

/// Writes a line as an event: JSON has no line breaks, so that no text ends it.
fn write(bytes: &mut Vec<u8>, line: &Arc<RecentLine>) {
    let data = serde_json::to_string(&LogLineView::of(line)).unwrap_or_default();
    bytes.extend_from_slice(format!("id: {}-{}\nevent: line\ndata: {data}\n\n", *RUN, line.number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_goes_on_behind_the_last_line_of_this_run_alone() {
        assert_eq!(number_of("ab-12", "ab"), Some(12));
        for other in ["abc-12", "12", "ab-", "ab12", "-12", "ab--1"] {
            assert_eq!(number_of(other, "ab"), None, "{other}");
        }
    }

    #[test]
    fn a_filter_is_read_as_far_as_it_is_one() {
        let form = PageForm::url_encoded(b"level=WARN&text=%20Disk").unwrap();
        let read = filter(&form);
        assert_eq!((read.level.map(LineLevel::as_str), read.part.as_str()), (Some("warn"), "disk"));
        assert_eq!(filter(&PageForm::url_encoded(b"level=loud").unwrap()), LineFilter::default());
    }
}
