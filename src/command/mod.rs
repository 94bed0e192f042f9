//! Commands: the only code that reads or changes the node.
//!
//! [`run`] takes the text of a command from any edge, [`table`] finds its parser, the parser gives a
//! typed [`Command`], and executing it gives a typed [`Reply`] or an [`Error`].

mod boot_log;
mod calls;
mod code;
mod dictionary;
mod engine;
mod error;
pub mod events;
mod line;
mod node;
mod readiness;
mod reply;
pub mod scheduler;
mod scheduling;
pub mod secret;
mod services;
mod session;
mod settings;
pub mod table;

pub use boot_log::{BootCommand, BootLog, BootStep};
pub use calls::{CallBook, Calls};
pub use code::Code;
pub use dictionary::Dictionary;
pub use engine::run;
pub use error::Error;
pub use line::Line;
pub use node::Node;
pub use readiness::Readiness;
pub use reply::{Control, LedgerCopy, OnError, Reply, Table};
pub use scheduling::{NewTask, Scheduler, SchedulerStatus, TaskChange, TaskKey, TaskMode, TaskStatus};
pub use services::{
    Answers, Listening, PeerAnswer, PeerText, Peers, Pull, Server, ServerOptions, Services, SyncOptions, SyncStatus,
    Synchronizer,
};
pub use session::{Origin, Output, Role, Session};
pub use settings::{Choices, Configuration, QueryMode, Settings};
pub use table::{Command, Entry, Help, Network};
