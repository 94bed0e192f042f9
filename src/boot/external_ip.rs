//! Asks `EXTERNAL_IP_URL` for the address that others see, in the background: the boot never waits for it.

use crate::{
    boot::{Failure, runner::Runner, steps::Step},
    node::{Node, Origin, Session},
    runtime::{
        fetch::{BoxError, fetch},
        limits::EXTERNAL_IP_TIME,
    },
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Most bytes of an answer: an address and little else.
const ANSWER: usize = 4096;

/// Asks in the background, if `EXTERNAL_IP_URL` is set and `EXTERNAL_IP` is not, and publishes the answer.
pub fn look_up(node: &Arc<Node>) {
    let network = &node.config.network;
    let (Some(url), None) = (network.external_ip_url.clone(), network.external_ip.as_ref()) else { return };
    let asking = Arc::clone(node);
    node.shutdown.spawn(async move {
        let token = asking.shutdown.token();
        tokio::select! {
            result = tokio::time::timeout(EXTERNAL_IP_TIME, ask(url.as_str())) => match result {
                Ok(Ok(ip)) => adopt(&asking, ip).await,
                Ok(Err(error)) => tracing::warn!(url = url.as_str(), "external address not found: {error}"),
                Err(_) => tracing::warn!(url = url.as_str(), "external address not found: no answer in time"),
            },
            () = token.cancelled() => {}
        }
    });
}

/// Takes the address over and brings the node's own policy up to date.
async fn adopt(node: &Arc<Node>, ip: IpAddr) {
    let session = Session::local(Origin::Plan, Arc::clone(&node.console), "MainThread");
    let mut runner = Runner::new(Arc::clone(node), session);
    let started = Instant::now();
    runner.begin("external address");
    let result: Result<&str, Failure> = async {
        runner.run(&format!("external_ip = {ip}")).await?;
        Step::Policy.run(&mut runner).await
    }
    .await;
    match result {
        Ok(outcome) => {
            tracing::info!(ip = %ip, policy = outcome, "external address found");
            node.boot.end(outcome, started);
        }
        Err(error) => {
            tracing::warn!(ip = %ip, "external address not published: {error}");
            node.boot.end("failed", started);
        }
    }
}

async fn ask(url: &str) -> Result<IpAddr, BoxError> {
    Ok(fetch(url, &[], ANSWER).await?.trim().parse()?)
}
