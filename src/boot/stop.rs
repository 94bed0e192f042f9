//! The stop in order: no new work, finish what is under way, flush, close.

use crate::{node::Node, telemetry};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Stops the node; work that is not finished after `limit` is cut.
pub async fn stop(node: &Arc<Node>, limit: Duration) {
    let started = Instant::now();
    node.shutdown.begin();
    let services = async {
        tokio::join!(node.services.rest.stop(), node.services.peers.stop(), node.services.synchronizer.stop());
        node.shutdown.drain().await;
        node.keep_members().await;
    };
    let finished = tokio::time::timeout(limit, services).await.is_ok();
    telemetry::tell_left_out();
    let ms = telemetry::milliseconds(started.elapsed());
    if finished {
        tracing::info!(ms, "stopped");
    } else {
        tracing::warn!(ms, "stopped with work unfinished; SHUTDOWN_TIMEOUT was over");
    }
}
