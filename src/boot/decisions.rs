//! What follows when somebody decided what the ledger is, after its table lost what the local copy has.

use crate::{
    boot::{runner::Runner, steps::Step},
    node::{Node, Origin, Session},
};
use std::{sync::Arc, time::Instant};

/// Publishes the policy of the node whenever it was decided what the ledger is: it may be among what was lost.
pub fn publish_afterwards(node: &Arc<Node>) {
    let waiting = Arc::clone(node);
    node.shutdown.spawn(async move {
        let token = waiting.shutdown.token();
        loop {
            tokio::select! {
                () = waiting.ledger.decided() => publish(&waiting).await,
                () = token.cancelled() => return,
            }
        }
    });
}

async fn publish(node: &Arc<Node>) {
    let session = Session::local(Origin::Plan, Arc::clone(&node.console), "MainThread");
    let mut runner = Runner::new(Arc::clone(node), session);
    let started = Instant::now();
    runner.begin(Step::Policy.name());
    let outcome = Step::Policy.run(&mut runner).await;
    match &outcome {
        Ok(outcome) => tracing::info!(outcome, "the policy of this node, after the decision"),
        Err(error) => tracing::warn!(%error, "the policy of this node is not published"),
    }
    node.boot.end(outcome.unwrap_or("failed"), started);
}
