//! The boot: builds the node, runs the built-in plan or a script, and stops the node in order.
//!
//! The plan is a list of named steps; each looks first whether its effect is there and then runs AnyLog commands
//! through the one road, so that an operator could type the same. The values of the configuration are bound to the
//! references of these commands; they are never read as text of the language.

mod addresses;
mod check;
mod decisions;
mod early_end;
mod external_ip;
mod failure;
mod first_block;
mod first_token;
mod home;
mod keys;
mod ledger_address;
mod node;
mod plan;
mod runner;
mod signals;
mod start;
mod steps;
mod stop;
#[cfg(test)]
mod unattended;
mod unusable;

pub use addresses::internal;
pub use check::{check, notes};
pub use failure::BootFailure;
pub use node::{ledger_settings, node, node_with};
pub use signals::ReloadHandler;
pub use start::{Start, run, run_plan};
pub use stop::stop;
#[cfg(test)]
pub use unattended::unattended;
