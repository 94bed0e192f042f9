//! Values that commands, configuration and messages share. Each has one type, one parser and one text; no I/O.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

mod address;
mod comparison;
mod database_hosts;
mod host;
mod time_span;

pub use address::{Address, AddressError, ListenAddress, host_and_port};
pub use comparison::{Comparison, UnknownComparison};
pub use database_hosts::{DatabaseHost, DatabaseHosts, DatabaseHostsError};
pub use host::{Host, HostError};
pub use time_span::{TimeSpan, TimeSpanError, TimeUnit};
