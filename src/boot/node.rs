//! Builds the node: configuration, keys, empty ledger, services that do not run yet.

use super::{absent::Absent, keys};
use crate::{
    command::{CallBook, Dictionary, Node, Output, Readiness, Services, Settings, events::Events},
    config::Config,
    ledger::{Databases, Ledger, Options},
    runtime::shutdown::Shutdown,
    scheduler::Schedulers,
};
use std::sync::{Arc, RwLock};

/// Builds a node that nothing runs on yet; what has no caller of its own prints to `console`.
#[must_use]
pub fn node(config: Config, console: Arc<dyn Output>, shutdown: Shutdown) -> Arc<Node> {
    let dictionary = Dictionary::new(config.environment().clone());
    keys::set(&dictionary, &config);
    Arc::new(Node {
        dictionary,
        ledger: Ledger::start(Options { tombstone_days: config.ledger.tombstone_days }, &shutdown),
        databases: Databases::default(),
        services: Services {
            peers: Box::new(Absent),
            rest: Box::new(Absent),
            synchronizer: Box::new(Absent),
            scheduler: Box::new(Schedulers::new()),
        },
        events: Events::default(),
        settings: Settings::default(),
        calls: CallBook::default(),
        readiness: Readiness::default(),
        boot: crate::command::BootLog::default(),
        console,
        name: RwLock::default(),
        shutdown,
        config: Arc::new(config),
    })
}
