//! What a node is: its configuration, variables, ledger and services, its logs, health and readiness, and who sends it commands.
//! It knows no command.

mod backup_files;
mod backups;
mod boot_log;
mod calls;
mod concerns;
mod dictionary;
pub mod events;
mod figures;
mod found_addresses;
pub mod health;
mod identity;
mod joining;
mod known_senders;
mod ledger_nodes;
mod local_copy;
mod lost_table;
mod member_ledgers;
pub mod members;
mod monitored;
#[expect(clippy::module_inception, reason = "the file is named after its one public noun")]
mod node;
mod node_addresses;
mod own_addresses;
mod own_database;
mod own_names;
mod own_policy;
mod peer_access;
mod peer_requests;
pub mod platforms;
mod poll_rhythms;
mod ports;
mod queries;
mod readiness;
mod reference_nodes;
mod relaying;
mod report;
mod scheduling;
mod scope;
pub mod secret;
mod server_options;
mod servers;
mod session;
mod settings;
mod staged_import;
mod sync_status;
pub mod variables;
pub mod work_directories;

pub use backup_files::{backup_directory, backup_prefix, is_backup_name};
pub use backups::{
    BackupCounts, BackupStatus, BackupSummary, ComparedWith, Comparison, DifferenceKind, LedgerDifference,
};
pub use boot_log::{BootCommand, BootLog, BootStep};
pub use calls::{Calls, RestCallStats};
pub use dictionary::Dictionary;
pub use figures::Figures;
pub use found_addresses::FoundAddresses;
pub use identity::{VERSION, host_name, name_and, node_name};
pub use joining::{
    JoinTrouble, JoinTroubles, Joining, NotedTrouble, concern, configured_checks, disk_check, name_checks, unreached,
};
pub use ledger_nodes::{LedgerNode, NODE_TYPES};
pub use local_copy::LEDGER_DBMS;
pub use lost_table::{UNDECIDED, tell_undecided};
pub use monitored::{Full, Monitored};
pub use node::Node;
pub use node_addresses::{NodePolicy, is_of_a_node};
pub use own_database::{own_database, own_tls};
pub use own_names::{Names, OwnNames};
pub use peer_access::{PeerAccess, PeerSwitch};
pub use peer_requests::{Pull, RemoteChange};
pub use poll_rhythms::{Poll, PollRhythms};
pub use ports::{Backups, Commands, Peers, Relay, Scheduler, Server, Services, Synchronizer};
pub use queries::{Queries, Question, caller_address};
pub use readiness::Readiness;
pub use reference_nodes::ReferenceNodes;
pub use relaying::{RelayCounters, RelayOptions, RelayStatus, RelayTrouble, SentTransaction};
pub use report::report;
pub use scheduling::{NewTask, SchedulerStatus, TaskChange, TaskKey, TaskMode, TaskStatus};
pub use scope::SessionScope;
pub use server_options::{Listening, ServerOptions};
pub use session::{Caller, Door, Origin, Output, Role, Session};
pub use settings::{Choices, Configuration, NodeSettings, QueryMode};
pub use staged_import::StagedImport;
pub use sync_status::{SyncOptions, SyncStatus};
