//! The web console.

use crate::config::group::group;
use std::time::Duration;

group! {
    /// The web console: pages for people under `/console`.
    pub struct ConsoleOptions {
        /// Off: there is no web console.
        console: bool = CONSOLE["on"],
        /// Port of its own for the console, where nothing else answers; not set: it is at `/console` on the REST port.
        console_port: Option<u16> = CONSOLE_PORT[""],
        /// True: with AUTH=off everybody who reaches the console may change something; false: only read.
        console_write: bool = CONSOLE_WRITE["false"],
        /// Time without a request after which who signed in has to show the token again.
        console_timeout: Duration = CONSOLE_TIMEOUT["30 minutes"],
    }
}
