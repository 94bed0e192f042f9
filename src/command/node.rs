//! The node: everything that commands read or change.

use super::{Dictionary, Services, events::Events};
use crate::{config::Config, ledger::Ledger, runtime::shutdown::Shutdown};
use std::sync::{Arc, RwLock};

/// One running node, shared by every edge.
pub struct Node {
    /// Effective configuration.
    pub config: Arc<Config>,
    /// Variables of the node.
    pub dictionary: Dictionary,
    /// Policies: the ledger table, the local copy and the view of both.
    pub ledger: Ledger,
    /// Connected databases by logical name.
    pub databases: crate::ledger::Databases,
    /// Servers and background services.
    pub services: Services,
    /// Event, error, query and REST logs, and the echo queue.
    pub events: Events,
    /// Name set by `set node name`.
    pub name: RwLock<Option<String>>,
    /// The tree of tasks.
    pub shutdown: Shutdown,
}
