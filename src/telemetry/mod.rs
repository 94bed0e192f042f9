//! The log of this process: text for people, JSON for machines, a level by room that can be changed while the node runs,
//! the id of the request on every line of it, and floods told with a count.

mod clean;
mod error;
mod floods;
mod json;
mod layer;
mod level;
mod line;
mod log_lines;
#[cfg(feature = "otlp")]
pub mod otlp;
mod output;
mod recent;
mod request;
mod text;
pub mod traces;

pub use clean::clean;
pub use error::Error;
pub use layer::{LogLayout, layout, start, sum_up, tell_left_out};
pub use level::{FilterError, LogLevel, check, level};
pub use log_lines::log_lines;
pub use output::{divert, set_colours};
pub use recent::{LineFilter, LineLevel, RECENT_LINES, RecentLine, RecentLog, recent};
pub use request::{RequestId, within};

use std::time::Duration;

/// Returns a time as every line of the log tells times: milliseconds with one decimal, a number in JSON.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}
