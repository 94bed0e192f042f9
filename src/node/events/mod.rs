//! What happened lately: event, error, query, streaming and file log, and the echo queue
//! (reference/rest 10 "Logs", reference/command-language 7.7).

mod echo;
mod log;
mod ring;

pub use echo::{EchoMessage, Echoed};
pub use log::{Log, LogKind, LogRecord};

use crate::runtime::limits::{EVENT_LOG_ENTRIES, LOG_ENTRIES, LOG_TEXT};
use crate::{node::secret, reply::Error};
use echo::EchoQueue;
use ring::Ring;
use std::{
    borrow::Cow,
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// What stands before a command that went well.
const OK: &str = "(ok) ";

/// The logs of one node: bounded, counted, shared by every edge.
#[derive(Debug, Default)]
pub struct Events {
    /// Entries so far, of all logs.
    entries: AtomicU64,
    /// Apart from the other logs, because every command enters it.
    event: Mutex<Ring>,
    rings: Mutex<Rings>,
    echo: Mutex<EchoQueue>,
    every_call: AtomicBool,
    queries: Mutex<Option<Duration>>,
}

#[derive(Debug)]
struct Rings {
    error: Ring,
    query: Ring,
    streaming: Ring,
    file: Ring,
}

impl Default for Rings {
    fn default() -> Self {
        let short = || Ring::new(LOG_ENTRIES);
        Self { error: short(), query: short(), streaming: short(), file: short() }
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new(EVENT_LOG_ENTRIES)
    }
}

impl Events {
    /// Logs something that happened.
    pub fn event(&self, thread: &str, text: &str) {
        self.add_event(self.next_id(), thread, LogKind::Event, &[&shortened(text.into())]);
    }

    /// Logs something that an operator should look at.
    pub fn warning(&self, thread: &str, text: &str) {
        self.add_event(self.next_id(), thread, LogKind::Warning, &[&shortened(text.into())]);
    }

    /// Logs an error; it enters the event log as well.
    pub fn error(&self, thread: &str, text: &str) {
        let (id, text) = (self.next_id(), shortened(text.into()));
        self.add_event(id, thread, LogKind::Error, &[&text]);
        self.rings().error.push(id, thread, LogKind::Error, &[&text]);
    }

    /// Logs a command that went well.
    pub fn succeeded(&self, thread: &str, command: &str) {
        if OK.len() + command.len() > LOG_TEXT || secret::mentions_secret(command) {
            return self.event(thread, &[OK, command].concat());
        }
        self.add_event(self.next_id(), thread, LogKind::Event, &[OK, command]);
    }

    /// Logs a command that failed: the detail first, then the text of the code and the command.
    pub fn failed(&self, thread: &str, command: &str, error: &Error) {
        if let Some(detail) = &error.detail {
            self.error(thread, detail);
        }
        self.error(thread, &format!("(Failed: {}) {command}", error.code.text()));
    }

    /// Logs an SQL query that took so long, if such queries are asked for.
    pub fn query(&self, thread: &str, text: &str, took: Duration) {
        let slower = *self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if slower.is_none_or(|slower| took < slower) {
            return;
        }
        self.rings().query.push(self.next_id(), thread, LogKind::Query, &[&shortened(text.into())]);
    }

    /// Logs a file that was written or delivered.
    pub fn file(&self, thread: &str, text: &str) {
        self.rings().file.push(self.next_id(), thread, LogKind::File, &[&shortened(text.into())]);
    }

    /// Logs a REST call: failed ones always, others while `set rest log on` holds.
    pub fn call(&self, thread: &str, caller: IpAddr, command: &str, outcome: Result<(), &Error>) {
        let (number, text) = match outcome {
            Ok(()) if !self.logs_every_call() => return,
            Ok(()) => (0, "Success"),
            Err(error) => (error.code.0, error.code.text()),
        };
        let text = format!("{caller} [Command: {command}] [({number}) {text}]");
        self.rings().streaming.push(self.next_id(), thread, LogKind::Streaming, &[&shortened(text.into())]);
    }

    /// Chooses how long a query takes at least that is logged; nothing logs none.
    pub fn log_queries(&self, slower: Option<Duration>) {
        *self.queries.lock().unwrap_or_else(PoisonError::into_inner) = slower;
    }

    /// Switches the log of REST calls that went well.
    pub fn log_every_call(&self, on: bool) {
        self.every_call.store(on, Ordering::Relaxed);
    }

    /// Tells whether REST calls that went well are logged.
    #[must_use]
    pub fn logs_every_call(&self) -> bool {
        self.every_call.load(Ordering::Relaxed)
    }

    /// Returns the entries of a log, oldest first; with words only those that contain one of them.
    #[must_use]
    pub fn records(&self, log: Log, words: &[String]) -> Vec<LogRecord> {
        let mut found = self.all(log);
        found.retain(|record| record.matches(words));
        found
    }

    /// Returns all entries of a log, oldest first.
    fn all(&self, log: Log) -> Vec<LogRecord> {
        let rings = self.rings();
        let ring = match log {
            Log::Event => return self.event_ring().records().cloned().collect(),
            Log::Error => &rings.error,
            Log::Query => &rings.query,
            Log::Streaming => &rings.streaming,
            Log::File => &rings.file,
        };
        ring.records().cloned().collect()
    }

    /// Empties a log.
    pub fn reset(&self, log: Log) {
        let mut rings = self.rings();
        match log {
            Log::Event => self.event_ring().clear(),
            Log::Error => rings.error.clear(),
            Log::Query => rings.query.clear(),
            Log::Streaming => rings.streaming.clear(),
            Log::File => rings.file.clear(),
        }
    }

    /// Puts a message into the echo queue and tells what came of it.
    pub fn echo(&self, text: &str) -> Echoed {
        self.queue().push(&shortened(text.into()))
    }

    /// Switches the echo queue; switched off it forgets its messages.
    pub fn switch_echo(&self, on: bool) {
        self.queue().switch(on);
    }

    /// Begins an empty echo queue, also when it was off, and with a size changes how many messages it keeps.
    pub fn reset_echo(&self, size: Option<usize>) {
        self.queue().reset(size);
    }

    /// Tells whether messages go to the echo queue.
    #[must_use]
    pub fn echo_is_on(&self) -> bool {
        self.queue().is_on()
    }

    /// Tells whether the echo queue has messages that nobody has looked at.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        self.queue().has_unread()
    }

    /// Returns the messages and marks them as read; nothing when the queue is off.
    #[must_use]
    pub fn read_echo(&self) -> Option<Vec<EchoMessage>> {
        self.queue().read()
    }

    /// Returns the number of a new entry.
    fn next_id(&self) -> u64 {
        self.entries.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn add_event(&self, id: u64, thread: &str, kind: LogKind, text: &[&str]) {
        self.event_ring().push(id, thread, kind, text);
    }

    fn event_ring(&self) -> MutexGuard<'_, Ring> {
        self.event.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, EchoQueue> {
        self.echo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the text without secrets and not longer than a log takes.
fn shortened(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text.floor_char_boundary(LOG_TEXT);
    if end < text.len() {
        return (secret::masked(text.get(..end).unwrap_or_default()).into_owned() + " ...").into();
    }
    match secret::masked(&text) {
        Cow::Owned(masked) => masked.into(),
        Cow::Borrowed(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Code;

    fn texts(events: &Events, log: Log) -> Vec<String> {
        events.records(log, &[]).into_iter().map(|record| record.text).collect()
    }

    #[test]
    fn failures_enter_both_logs_with_their_detail_first() {
        let events = Events::default();
        events.succeeded("main", "get status");
        events.failed("main", "get foo", &Error::with(Code::STRUCTURE, "no such member: foo"));
        let failed = ["no such member: foo", "(Failed: Error Command Structure) get foo"];
        assert_eq!(texts(&events, Log::Error), failed);
        assert_eq!(texts(&events, Log::Event), ["(ok) get status", failed[0], failed[1]]);
        events.reset(Log::Error);
        assert!(texts(&events, Log::Error).is_empty());
        assert_eq!(texts(&events, Log::Event).len(), 3);
    }

    #[test]
    fn the_event_log_holds_the_newest_entries_of_all_threads_in_order() {
        let events = Events::default();
        for number in 0..EVENT_LOG_ENTRIES + 20 {
            let log = || events.succeeded("main", &format!("get {number}"));
            if number % 3 == 0 { std::thread::scope(|scope| drop(scope.spawn(log).join())) } else { log() }
        }
        let expected: Vec<String> = (20..EVENT_LOG_ENTRIES + 20).map(|number| format!("(ok) get {number}")).collect();
        assert_eq!(texts(&events, Log::Event), expected);
    }

    #[test]
    fn what_another_thread_logged_stands_between_equal_entries() {
        let events = Events::default();
        let other = || std::thread::scope(|scope| drop(scope.spawn(|| events.event("other", "y")).join()));
        for _ in 0..2 {
            events.event("main", "x");
            events.event("main", "x");
            other();
        }
        let counts: Vec<u64> = events.records(Log::Event, &[]).iter().map(|record| record.count).collect();
        assert_eq!(counts, [2, 1, 2, 1]);
    }

    #[test]
    fn calls_that_went_well_are_logged_on_request_only() {
        let events = Events::default();
        let caller = IpAddr::from([127, 0, 0, 1]);
        events.call("rest", caller, "get status", Ok(()));
        events.log_every_call(true);
        events.call("rest", caller, "get status", Ok(()));
        events.call("rest", caller, "get foo", Err(&Error::new(Code::STRUCTURE)));
        assert_eq!(
            texts(&events, Log::Streaming),
            [
                "127.0.0.1 [Command: get status] [(0) Success]",
                "127.0.0.1 [Command: get foo] [(2) Error Command Structure]"
            ]
        );
    }

    #[test]
    fn queries_are_logged_on_request_only() {
        let events = Events::default();
        let query = |text: &str, seconds| events.query("rest", text, Duration::from_secs(seconds));
        query("first", 9);
        events.log_queries(Some(Duration::from_secs(2)));
        query("quick", 1);
        query("slow", 2);
        events.log_queries(None);
        query("last", 9);
        assert_eq!(texts(&events, Log::Query), ["slow"]);
    }

    #[test]
    fn secrets_never_reach_a_log() {
        let events = Events::default();
        events.succeeded("main", "connect dbms blockchain where password = hunter2 and ip = 10.0.0.1");
        assert!(!texts(&events, Log::Event).concat().contains("hunter2"));
    }
}
