//! The stop in order: no new work, finish what is under way, flush, close.

use crate::{node::Node, runtime::limits, telemetry};
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
    };
    let finished = tokio::time::timeout(limit, services).await.is_ok();
    // Behind what was finished or cut, so that a slow receiver does not cost the node its book, nor a disk that hangs its end.
    if tokio::time::timeout(limits::MEMBERS_KEPT_AT_STOP, node.keep_members()).await.is_err() {
        tracing::warn!("the disk takes too long: after a restart this node may not know all its members");
    }
    telemetry::tell_left_out();
    let ms = telemetry::milliseconds(started.elapsed());
    if finished {
        tracing::info!(ms, "stopped");
    } else {
        tracing::warn!(ms, "stopped with work unfinished; SHUTDOWN_TIMEOUT was over");
    }
}
