//! Queries of policies: short ones are answered where they are asked, long ones by workers of their own, each with a budget.

use crate::{
    config,
    node::session::{Origin, Session},
    policy::Known,
    query::{self, Budget, Exhausted, Limits, Output, Own, Query},
    reply::{Code, Error, ErrorKind},
    runtime::{
        byte_share::ByteShare,
        limits::{
            LARGE_ANSWERS, QUERY_BYTES_AT_ONCE, QUERY_JOINS, QUERY_ROWS_AT_ONCE, QUERY_STEPS_AT_ONCE,
            QUERY_STEPS_UNWATCHED, QUERY_TIME_AT_ONCE,
        },
        shutdown::Shutdown,
        workers::{Refused, Workers},
    },
};
use bytes::Bytes;
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// What a query may use where it is asked. That is so little that it holds nobody up, and enough for what members and clients
/// ask all the time.
const AT_ONCE: Limits = Limits { steps: QUERY_STEPS_AT_ONCE, rows: QUERY_ROWS_AT_ONCE, bytes: QUERY_BYTES_AT_ONCE };

/// Answers the queries of the node.
#[derive(Debug)]
pub struct Queries {
    workers: Workers,
    limits: Limits,
    time: Duration,
    stopping: CancellationToken,
    answers: Arc<ByteShare>,
}

/// One question to a set of policies.
pub struct Question {
    /// What is asked.
    pub query: Query,
    /// Who is asked.
    pub policies: Arc<dyn Known + Send + Sync>,
    /// The addresses of this node.
    pub own: Own,
    /// True: `anmp` policies are laid over the others.
    pub overlaid: bool,
}

impl Queries {
    /// Creates workers with the limits of the configuration.
    #[must_use]
    pub fn new(limits: &config::Limits, shutdown: &Shutdown) -> Self {
        let count = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        Self {
            workers: Workers::new("query"),
            limits: Limits { steps: u64::MAX, rows: count(limits.query_rows), bytes: count(limits.query_bytes.0) },
            time: limits.query_time,
            stopping: shutdown.token(),
            answers: Arc::new(ByteShare::new(LARGE_ANSWERS)),
        }
    }

    /// Returns the bytes of memory that one query may take.
    #[must_use]
    pub const fn most_bytes(&self) -> u64 {
        self.limits.bytes
    }

    /// Returns how many queries the workers compute at the moment.
    #[must_use]
    pub fn running(&self) -> usize {
        self.workers.busy()
    }

    /// Answers a query with what a function makes of its output.
    ///
    /// # Errors
    /// The query's own; when it uses up its budget, or too many queries wait.
    pub async fn ask<T: Send + 'static>(
        &self,
        session: &Session,
        question: Question,
        make: impl Fn(Output) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let joins = question.query.joins();
        if session.origin.is_from_network() && joins > QUERY_JOINS {
            let detail =
                format!("{joins} queries are joined inside each other; over the network at most {QUERY_JOINS} may be");
            return Err(Error::with(Code::STRUCTURE, detail));
        }
        self.answer(session, move |budget| {
            let Question { query, policies, own, overlaid } = &question;
            let policies: &dyn Known = &**policies;
            let output = if *overlaid { query.run(policies, own, budget) } else { query.read(policies, own, budget) };
            output.map(&make)
        })
        .await
    }

    /// Answers what a function makes of a budget. It may be called twice: at once, and with more to spend by the workers.
    ///
    /// # Errors
    /// Like [`Queries::ask`].
    pub async fn answer<T, F>(&self, session: &Session, function: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&Budget<'_>) -> Result<T, query::Error> + Send + 'static,
    {
        let until = Instant::now() + QUERY_TIME_AT_ONCE;
        let watch = || (Instant::now() >= until).then_some(Exhausted::Time(QUERY_TIME_AT_ONCE.as_millis()));
        // On a machine with much to do the clock runs on while this thread waits for a processor. What takes few steps is
        // answered all the same: the workers may have no room for it.
        match function(&Budget::watched_from(QUERY_STEPS_UNWATCHED, AT_ONCE, &watch)) {
            Err(query::Error::Exhausted(_)) => {}
            answer => return answer.map_err(Error::from),
        }
        self.compute(session, function).await
    }

    /// Has the workers do what takes long although no query is left in it: a large answer is written.
    ///
    /// # Errors
    /// When too much waits.
    pub async fn apart<T: Send + 'static>(
        &self,
        caller: Option<IpAddr>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.workers.run(caller, move |_| work()).await.map_err(refused)
    }

    /// Counts a large answer that was written for an address, until the last of its bytes has gone.
    ///
    /// # Errors
    /// When too many answers are on their way already.
    pub fn counted(&self, caller: IpAddr, answer: Bytes) -> Result<Bytes, Error> {
        self.answers.hold(caller, answer).ok_or_else(|| {
            let detail = "large answers are on their way already: take them first, or ask for less";
            Error { kind: ErrorKind::Unavailable, ..Error::with(Code::QUERY_VOLUME, detail) }
        })
    }

    /// Has the workers compute what a function makes of a budget.
    ///
    /// # Errors
    /// Like [`Queries::ask`].
    pub async fn compute<T, F>(&self, session: &Session, function: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Budget<'_>) -> Result<T, query::Error> + Send + 'static,
    {
        let (limits, time, stopping) = (self.limits, self.time, self.stopping.clone());
        let work = self.workers.run(caller_address(session), move |waited| {
            let until = Instant::now() + time;
            let watch = || {
                if waited.is_over() || stopping.is_cancelled() {
                    return Some(Exhausted::GivenUp);
                }
                (Instant::now() >= until).then_some(Exhausted::Time(time.as_millis()))
            };
            function(&Budget::new(limits, &watch))
        });
        let answer = work.await.map_err(refused)?;
        Ok(answer?)
    }
}

/// Returns the address whose questions are counted together; nothing for the node itself and the people at it.
#[must_use]
pub fn caller_address(session: &Session) -> Option<IpAddr> {
    match session.origin.source() {
        Origin::Rest { caller, .. } | Origin::Peer { caller, .. } => Some(*caller),
        Origin::Plan | Origin::Boot | Origin::Prompt | Origin::Scheduler { .. } => None,
    }
}

fn refused(refused: Refused) -> Error {
    let told = Error::with(Code::QUERY_TIME, refused.to_string());
    let kind = if refused == Refused::Busy { ErrorKind::Unavailable } else { ErrorKind::Failed };
    Error { kind, ..told }
}
