//! Format and level of the log, and when the console speaks.

use crate::config::{
    group::group,
    values::{ConsoleOutput, LogFormat},
};

group! {
    /// Format and level of the log on standard error, and the console on standard output.
    pub struct Logging {
        /// `text` or `json`; not set: text on a terminal, else JSON.
        log_format: Option<LogFormat> = LOG_FORMAT[""],
        /// `error`, `warn`, `info`, `debug`, `trace` or `off`, and levels of rooms behind it: `info,ledger=debug,rest=warn`.
        log_level: String = LOG_LEVEL["info"],
        /// `auto`: the console writes texts and prompts when somebody is there, else they are lines of the log; `always`: it writes them in any case, as other nodes do.
        console_output: ConsoleOutput = CONSOLE_OUTPUT["auto"],
    }
}
