//! Format and level of the log.

use crate::config::{group::group, values::LogFormat};

group! {
    /// Format and level of the log on standard error.
    pub struct Logging {
        /// `text` or `json`; not set: text on a terminal, else JSON.
        log_format: Option<LogFormat> = LOG_FORMAT[""],
        /// `error`, `warn`, `info`, `debug`, `trace`, or a filter per module such as `info,anylog_master::peer=debug`.
        log_level: String = LOG_LEVEL["info"],
    }
}
