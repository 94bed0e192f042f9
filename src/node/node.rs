//! The node: everything that commands read or change.

use super::{
    boot_log::BootLog,
    calls::RestCallStats,
    dictionary::Dictionary,
    events::Events,
    figures::Figures,
    found_addresses::FoundAddresses,
    health::Health,
    joining::Joining,
    members::Members,
    monitored::Monitored,
    own_names::OwnNames,
    peer_access::PeerAccess,
    platforms::Platforms,
    poll_rhythms::PollRhythms,
    ports::{Commands, Services},
    queries::Queries,
    readiness::Readiness,
    reference_nodes::ReferenceNodes,
    session::Output,
    settings::NodeSettings,
    staged_import::StagedImport,
};
use crate::{config::Config, ledger::Ledger, runtime::shutdown::Shutdown};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// One running node, shared by every edge.
pub struct Node {
    /// Effective configuration.
    pub config: Arc<Config>,
    /// Variables of the node.
    pub dictionary: Dictionary,
    /// Policies: the ledger table, the local copy and the view of both.
    pub ledger: Ledger,
    /// Answers the queries of policies.
    pub queries: Queries,
    /// Connected databases by logical name.
    pub databases: crate::ledger::Databases,
    /// Connected contract platforms.
    pub platforms: Platforms,
    /// Runs commands for scripts, conditions and tasks.
    pub commands: Box<dyn Commands>,
    /// Servers and background services.
    pub services: Services,
    /// Event, error, query and REST logs, and the echo queue.
    pub events: Events,
    /// What `set …` switches.
    pub settings: NodeSettings,
    /// What is counted and timed at the doors, for monitoring.
    pub figures: Figures,
    /// The nodes that ask for the ledger.
    pub members: Members,
    /// What keeps members from joining, as far as it was recognised.
    pub joining: Joining,
    /// Which of them surely have what they ask for.
    pub poll_rhythms: PollRhythms,
    /// The import of policies that is under way.
    pub staged_import: StagedImport,
    /// Which of them are known to be nodes of EdgeLake or AnyLog.
    pub reference_nodes: ReferenceNodes,
    /// What other nodes reported about themselves.
    pub monitored: Monitored,
    /// Figures of the REST calls.
    pub calls: RestCallStats,
    /// What other nodes may do, and who of them is known.
    pub peer_access: PeerAccess,
    /// The names under which the node publishes itself.
    pub own_names: OwnNames,
    /// Addresses that were found to lead to it.
    pub found_addresses: FoundAddresses,
    /// Since when each check of its health has been as it is, and what only time tells.
    pub health: Health,
    /// What the boot and the stop know about readiness.
    pub readiness: Readiness,
    /// The node's console: texts of callers that have no terminal of their own.
    pub console: Arc<dyn Output>,
    /// What the boot did.
    pub boot: BootLog,
    /// Name set by `set node name`.
    pub name: ArcSwapOption<String>,
    /// The tree of tasks.
    pub shutdown: Shutdown,
}
