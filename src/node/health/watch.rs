//! Looks at the node: when somebody asks, and from time to time.

use super::report::{CheckName, Report};
use crate::{
    node::Node,
    runtime::{disk::Space, limits, shutdown::Shutdown},
};
use std::sync::{Arc, Weak};

impl Node {
    /// Looks at the node as it is now.
    #[must_use]
    pub fn health_report(&self) -> Report {
        let checks = CheckName::ALL.into_iter().filter_map(|name| {
            let (status, detail) = self.look(name)?;
            Some(self.health.note(name, status, detail))
        });
        Report { checks: checks.collect() }
    }

    /// Looks at the disk, on a thread that may wait for it, and waits no longer than a moment.
    pub async fn look_at_the_disk(&self) {
        let path = self.config.paths.anylog_path.clone();
        let look = tokio::task::spawn_blocking(move || Space::read(&path));
        if let Ok(Ok(Ok(space))) = tokio::time::timeout(limits::DISK_LOOK, look).await {
            self.health.set_space(space);
        }
    }
}

/// Looks at the node from time to time, so that what nobody asks for has its time and its line in the log.
pub fn watch(node: &Arc<Node>, shutdown: &Shutdown) {
    let (node, stop) = (Arc::downgrade(node), shutdown.token());
    shutdown.spawn(async move {
        loop {
            if !look(&node).await {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(limits::HEALTH_LOOK) => {}
                () = stop.cancelled() => return,
            }
        }
    });
}

/// Looks once; false when the node is gone.
async fn look(node: &Weak<Node>) -> bool {
    let Some(node) = node.upgrade() else { return false };
    node.look_at_the_disk().await;
    let _told = node.health_report();
    true
}
