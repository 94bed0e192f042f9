//! How many lines the log has had, by level.

use std::sync::atomic::{AtomicU64, Ordering};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context};

/// Levels in the order of their counters.
const LEVELS: [(Level, &str); 5] = [
    (Level::ERROR, "error"),
    (Level::WARN, "warn"),
    (Level::INFO, "info"),
    (Level::DEBUG, "debug"),
    (Level::TRACE, "trace"),
];

/// There is one log in a process, so there is one set of counters.
static LINES: [AtomicU64; LEVELS.len()] = [const { AtomicU64::new(0) }; LEVELS.len()];

/// Counts the lines that the filter in front of it lets through.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogLines;

impl<S: Subscriber> Layer<S> for LogLines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = event.metadata().level();
        let counter = LEVELS.iter().zip(&LINES).find(|((known, _), _)| known == level);
        if let Some((_, counter)) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Returns the lines since the start of the process by the name of their level.
#[must_use]
pub fn log_lines() -> Vec<(&'static str, u64)> {
    LEVELS.iter().zip(&LINES).map(|((_, name), counter)| (*name, counter.load(Ordering::Relaxed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn lines_are_counted_by_level() {
        let of = |level: &str| log_lines().into_iter().find(|(name, _)| *name == level).unwrap().1;
        let (errors, warnings) = (of("error"), of("warn"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(LogLines), || {
            tracing::error!("one");
            tracing::warn!("two");
            tracing::warn!("three");
        });
        // Other tests of this process may count as well.
        assert!(of("error") > errors && of("warn") >= warnings + 2);
    }
}
