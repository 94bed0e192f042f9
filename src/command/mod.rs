//! Commands: the only code that reads or changes the node.
//!
//! [`run`] takes the text of a command from any edge, [`table`] finds its parser, the parser gives a
//! typed [`Command`], and executing it gives a typed [`Reply`] or an [`Error`].

mod absent;
mod announce;
pub mod assign;
mod blockchain;
mod boot;
mod boot_log;
mod calls;
mod code;
pub mod config_policy;
mod connect_dbms;
mod create_policy;
mod dictionary;
pub mod directories;
mod engine;
mod error;
mod event;
pub mod events;
mod exit;
mod file_get;
mod files;
pub mod flow;
pub mod help;
mod host;
mod identity;
pub mod incr;
mod internal_ip;
mod jobs;
pub mod json;
mod known_commands;
mod line;
mod logs;
mod lookup;
mod modes;
mod network_data;
mod node;
mod options;
mod parse;
mod policies_diff;
mod policy_history;
mod pools;
pub mod print;
pub mod process;
mod processes;
pub mod python;
mod readiness;
pub mod remote;
mod reply;
pub mod rest_get;
mod rights;
mod run_client;
mod run_servers;
mod run_sync;
pub mod scheduler;
mod scheduling;
mod scope;
pub mod secret;
mod services;
mod session;
pub mod set_policy;
mod settings;
mod sql;
mod synchronizer;
pub mod system;
pub mod table;
mod tables;
mod test_network;
mod test_node;
mod unsupported;
mod unused_port;
mod variables;
pub mod wait;

pub use boot_log::{BootCommand, BootLog, BootStep};
pub use calls::{CallBook, Calls};
pub use code::Code;
pub use dictionary::Dictionary;
pub use engine::{report, run, show};
pub use error::Error;
pub use identity::{VERSION, host_name, node_name};
pub use known_commands::KnownCommands;
pub use line::Line;
pub use lookup::{entries, nearest};
pub use node::Node;
pub use parse::parse;
pub use readiness::Readiness;
pub use reply::{Control, LedgerCopy, OnError, Reply, Table};
pub use scheduling::{NewTask, Scheduler, SchedulerStatus, TaskChange, TaskKey, TaskMode, TaskStatus};
pub use services::{
    Listening, PeerAnswer, PeerText, Peers, Pull, Server, ServerOptions, Services, SyncOptions, SyncStatus,
    Synchronizer,
};
pub use session::{Origin, Output, Role, Session};
pub use settings::{Choices, Configuration, QueryMode, Settings};
pub use table::{Command, Entry, Help, Network};
