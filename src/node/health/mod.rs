//! How the node is: one list of checks that probes, commands, monitoring and the log read.

mod checks;
mod disk_look;
mod report;
mod state;
mod watch;

pub use report::{Check, CheckName, CheckStatus, Overall, Report};
pub use state::Health;
pub use watch::watch;
