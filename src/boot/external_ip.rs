//! The address and the name that others see: `EXTERNAL_IP_URL` is asked for the first in the background, the boot never waits
//! for it; scripts may want the second.

use crate::{
    boot::{BootFailure, addresses, runner::Runner, steps::Step},
    config::without_passwords,
    node::{Node, Origin, Session},
    runtime::{
        fetch::{BoxError, fetch},
        limits::EXTERNAL_IP_TIME,
        net,
    },
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Most bytes of an answer: an address and little else.
const ANSWER: usize = 4096;

/// Gives scripts that want names instead of addresses (`ENABLE_DNS`) the one by which others reach the node, where the
/// configuration has none: the name of its external address, or the address when it has no name.
pub async fn name(node: &Node) {
    let network = &node.config.network;
    if !network.enable_dns || network.external_dns.is_some() {
        return;
    }
    let external = network.external_ip.as_ref().map(ToString::to_string).or_else(|| node.dictionary.get("external_ip"));
    let Some(external) = external else { return };
    let name = match external.parse() {
        Ok(ip) => net::name_of(ip).await,
        Err(_) => None,
    };
    if name.is_none() {
        tracing::warn!(
            "ENABLE_DNS: {external} has no name, external_dns is the address; EXTERNAL_DNS would say another"
        );
    }
    node.dictionary.set("external_dns", name.unwrap_or(external));
}

/// Asks in the background, if `EXTERNAL_IP_URL` is set and `EXTERNAL_IP` is not, and publishes the answer.
pub fn look_up(node: &Arc<Node>) {
    let network = &node.config.network;
    let (Some(url), None) = (network.external_ip_url.clone(), network.external_ip.as_ref()) else { return };
    let asking = Arc::clone(node);
    node.shutdown.spawn(async move {
        let token = asking.shutdown.token();
        let shown = without_passwords(url.as_str());
        tokio::select! {
            result = tokio::time::timeout(EXTERNAL_IP_TIME, ask(url.as_str())) => match result {
                Ok(Ok(ip)) => adopt(&asking, ip).await,
                Ok(Err(error)) => tracing::warn!(url = &*shown, "external address not found: {error}"),
                Err(_) => tracing::warn!(url = &*shown, "external address not found: no answer in time"),
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
    let result: Result<&str, BootFailure> = async {
        runner.run(&format!("external_ip = {ip}")).await?;
        Step::Policy.run(&mut runner).await
    }
    .await;
    match result {
        Ok(outcome) => {
            let join = format!("LEDGER_CONN={}", node.join_address());
            tracing::info!(ip = %ip, policy = outcome, join, "external address found");
            addresses::warn(node);
            addresses::try_from_inside(node);
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
