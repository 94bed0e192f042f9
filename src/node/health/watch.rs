//! Looks at the node: when somebody asks, and from time to time.

use super::report::{CheckName, Report};
use crate::{
    node::{Node, events::Echoed},
    reply::Notice,
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
        let report = Report { checks: checks.collect() };
        self.tell_of_deliveries();
        report
    }

    /// Tells people at the prompt once that members get nothing until somebody decides, and once that they do again. The log and
    /// the checks tell it as well; whoever works at the prompt looks at neither.
    fn tell_of_deliveries(&self) {
        let held = self.held_deliveries();
        if !self.health.is_news(held.is_some()) {
            return;
        }
        let text = held.unwrap_or_else(|| "members get the ledger again".to_owned());
        match self.events.echo(&text) {
            Echoed::Off => self.console.notice(&Notice::Paragraph(text)),
            Echoed::First => self.console.notice(&Notice::EchoQueue),
            Echoed::Queued => {}
        }
    }

    /// Looks at the disk, on a thread that may wait for it, and waits no longer than a moment.
    pub async fn look_at_the_disk(&self) {
        let path = self.config.paths.anylog_path.clone();
        self.health.disk_look.look(move || Space::read(&path), limits::DISK_LOOK).await;
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
