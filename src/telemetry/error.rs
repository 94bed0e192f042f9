//! What can go wrong with the log.

use crate::telemetry::level::FilterError;

/// Why the log cannot be set up or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level is not understood.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// There is a log already.
    #[error("the log is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
    /// The log is gone.
    #[error("the level cannot be changed: {0}")]
    Reload(#[from] tracing_subscriber::reload::Error),
    /// This process has no log.
    #[error("this process writes no log")]
    None,
}
