//! Asks `EXTERNAL_IP_URL` for the address that others see, in the background: the boot never waits for it.

use super::{Failure, runner::Runner, steps::Step};
use crate::{
    command::{Node, Origin, Session},
    runtime::{limits::EXTERNAL_IP_TIME, net},
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, Uri, body::Bytes, client::conn::http1, header};
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use std::{net::IpAddr, sync::Arc, time::Instant};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Most bytes of an answer: an address and little else.
const ANSWER: usize = 4096;

/// What went wrong, for the log.
type Wrong = Box<dyn std::error::Error + Send + Sync>;

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
    let session = Session::local(Origin::Boot, Arc::clone(&node.console), "MainThread");
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

async fn ask(url: &str) -> Result<IpAddr, Wrong> {
    let url: Uri = url.parse()?;
    let host = url.host().ok_or("the URL has no host")?.to_owned();
    let secure = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let address = net::resolve(&host).await?.into_iter().next().ok_or("the host has no address")?;
    let stream = TcpStream::connect((address, port)).await?;
    let text = if secure {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = builder.with_safe_default_protocol_versions()?.with_webpki_roots().with_no_client_auth();
        let name = ServerName::try_from(host.clone())?;
        talk(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, &url, &host).await?
    } else {
        talk(stream, &url, &host).await?
    };
    Ok(text.trim().parse()?)
}

async fn talk<S>(stream: S, url: &Uri, host: &str) -> Result<String, Wrong>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path).header(header::HOST, host).header(header::USER_AGENT, "curl/8");
    let request = request.body(Empty::<Bytes>::new())?;
    let question = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER).collect().await?.to_bytes();
        if status.is_success() { Ok(String::from_utf8(body.to_vec())?) } else { Err(Wrong::from(status.to_string())) }
    };
    tokio::select! {
        answer = question => answer,
        ended = connection => Err(ended.err().map_or_else(|| "the connection ended".into(), Wrong::from)),
    }
}
