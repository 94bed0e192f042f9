//! `healthcheck`: asks the node's own REST server whether it is ready; what a container needs instead of curl.

use crate::{
    boot,
    cli::{arguments::ConfigOptions, block_on::block_on, exit::ExitFailure, load, output::print, own_certificate},
    config::Config,
    runtime::{
        address,
        http_client::{HttpClient, HttpError, public_authorities},
    },
};
use anylog_values::ListenAddress;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Bytes};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};
use tokio::time::timeout;

/// Time to connect, and time for the answer; the image stops asking a second after it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const ANSWER: usize = 64 << 10;

/// Asks and prints what is missing, or what is to be looked at although the node is ready.
///
/// # Errors
/// When the node is not ready, with what it says is missing, or is not there.
pub fn run(options: &ConfigOptions) -> Result<(), ExitFailure> {
    let config = load::config(options)?;
    let address = self::address(&config);
    let answer = block_on(ask(&config, &address))?;
    let answer = answer.map_err(|e| ExitFailure::Failed(format!("not ready: {address} does not answer: {e}")))?;
    if answer.status() == StatusCode::OK {
        return print(&ready(answer.body()));
    }
    let (version, status, body) = (answer.version(), answer.status(), String::from_utf8_lossy(answer.body()));
    Err(ExitFailure::Failed(format!("not ready: {version:?} {status}: {}", body.trim())))
}

/// Says that the node is ready, and what an operator has to look at.
fn ready(body: &[u8]) -> String {
    let answer: Readiness = serde_json::from_slice(body).unwrap_or_default();
    match answer.concerns.as_slice() {
        [] => "ready\n".to_owned(),
        concerns => format!("ready, degraded: {}\n", concerns.join("; ")),
    }
}

/// What is read of the answer of a node that is ready.
#[derive(Debug, Default, serde::Deserialize)]
struct Readiness {
    #[serde(default)]
    concerns: Vec<String>,
}

/// Returns where the REST server of this configuration is reached from this machine.
pub fn address(config: &Config) -> String {
    let network = &config.network;
    let host = if network.rest_bind { boot::internal(network) } else { loopback().into() };
    ListenAddress::new(host, network.anylog_rest_port).to_string()
}

/// Returns the loopback address of this machine; one with IPv6 alone may have no other.
fn loopback() -> IpAddr {
    let ipv6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if !address::belongs_here(own) && address::belongs_here(ipv6) { ipv6 } else { own }
}

async fn ask(config: &Config, address: &str) -> Result<Response<Bytes>, HttpError> {
    let (scheme, tls) = match &config.security.rest_tls_cert {
        None => ("http", public_authorities()?),
        Some(certificate) => ("https", own_certificate::client(certificate).map_err(HttpError::Tls)?),
    };
    let client = HttpClient::new(tls, Some(PATIENCE), ANSWER);
    let request = Request::get(format!("{scheme}://{address}/readyz")).body(Full::default());
    let request = request.map_err(|error| HttpError::Connect(error.to_string()))?;
    let answer = timeout(PATIENCE, client.send(request)).await;
    answer.unwrap_or_else(|_| Err(HttpError::Response("it took too long".to_owned())))
}
