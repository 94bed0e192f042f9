//! The log itself: it takes events, leaves out floods and writes lines.

use crate::telemetry::{
    error::Error,
    floods::Floods,
    json::json,
    level::{self, LogLevel, filter},
    line::Line,
    log_lines::LogLines,
    output,
    recent::recent,
    text::text,
};
use std::{
    io::{IsTerminal, stderr},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    reload,
    util::SubscriberInitExt,
};

static LOG: OnceLock<Log> = OnceLock::new();

/// How the lines of the log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLayout {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

/// The log of this process.
#[derive(Debug)]
struct Log {
    layout: LogLayout,
    floods: Mutex<Floods>,
    /// Told when a first line is left out.
    flooded: Notify,
}

/// Hands events to the log.
struct LogLayer;

/// Starts the log of this process; without a layout it is text on a terminal and JSON elsewhere.
///
/// # Errors
/// When the level is not understood, or a log was started before.
pub fn start(level: &str, layout: Option<LogLayout>) -> Result<&'static LogLevel, Error> {
    let (filter, handle) = reload::Layer::new(filter(level)?);
    let usual = || if stderr().is_terminal() { LogLayout::Text } else { LogLayout::Json };
    let layout = layout.unwrap_or_else(usual);
    tracing_subscriber::registry().with(filter).with(LogLines).with(LogLayer).try_init()?;
    LOG.get_or_init(|| Log { layout, floods: Mutex::default(), flooded: Notify::new() });
    Ok(level::keep(handle, level))
}

/// Returns how the lines are written; text before there is a log.
#[must_use]
pub fn layout() -> LogLayout {
    LOG.get().map_or(LogLayout::Text, |log| log.layout)
}

/// Tells how many lines of floods were left out when it is time to; ends with the token.
pub async fn sum_up(stop: CancellationToken) {
    let Some(log) = LOG.get() else { return };
    loop {
        let due = log.floods().due();
        tokio::select! {
            () = stop.cancelled() => return,
            () = log.flooded.notified(), if due.is_none() => {}
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => log.tell(false),
        }
    }
}

/// Tells now how many lines of floods were left out, for the end of the process.
pub fn tell_left_out() {
    if let Some(log) = LOG.get() {
        log.tell(true);
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if let Some(log) = LOG.get() {
            log.take(event);
        }
    }
}

impl Log {
    fn take(&self, event: &Event<'_>) {
        let line = Line::of(event);
        let (taken, flooded) = {
            let mut floods = self.floods();
            let quiet = floods.due().is_none();
            let taken = floods.take(Instant::now(), event.metadata().callsite(), line);
            (taken, quiet && floods.due().is_some())
        };
        if flooded {
            self.flooded.notify_one();
        }
        if let Some(line) = taken {
            self.write(&line);
        }
    }

    fn tell(&self, all: bool) {
        let counts = self.floods().counts(Instant::now(), all);
        for line in counts {
            self.write(&line);
        }
    }

    fn write(&self, line: &Line) {
        recent().keep(line);
        let written = match self.layout {
            LogLayout::Text => text(line, output::colours()),
            LogLayout::Json => json(line),
        };
        output::write(&written);
    }

    fn floods(&self) -> MutexGuard<'_, Floods> {
        self.floods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
