//! One GET over HTTP or HTTPS: no redirects, a limited body; the caller limits the time.

use crate::runtime::net;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, Uri, body::Bytes, client::conn::http1, header};
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, crypto::ring, pki_types::ServerName};
use std::sync::Arc;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// What went wrong, in words.
pub type Wrong = Box<dyn std::error::Error + Send + Sync>;

/// Returns the text behind an address; `headers` are sent with the request.
///
/// # Errors
/// When nobody answers, the status is no success, or the body is longer than `limit` bytes or no UTF-8.
pub async fn fetch(url: &str, headers: &[(String, String)], limit: usize) -> Result<String, Wrong> {
    let url: Uri = url.parse()?;
    let host = url.host().ok_or("the URL has no host")?.to_owned();
    let secure = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let address = net::resolve(&host).await?.into_iter().next().ok_or("the host has no address")?;
    let stream = TcpStream::connect((address, port)).await?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::get(path).header(header::HOST, &host).header(header::USER_AGENT, "curl/8");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Empty::new())?;
    if !secure {
        return talk(stream, request, limit).await;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = builder.with_safe_default_protocol_versions()?.with_webpki_roots().with_no_client_auth();
    let name = ServerName::try_from(host)?;
    talk(TlsConnector::from(Arc::new(config)).connect(name, stream).await?, request, limit).await
}

async fn talk<S>(stream: S, request: Request<Empty<Bytes>>, limit: usize) -> Result<String, Wrong>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let question = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), limit).collect().await?.to_bytes();
        if status.is_success() { Ok(String::from_utf8(body.to_vec())?) } else { Err(Wrong::from(status.to_string())) }
    };
    // The connection ends once the question has its answer and drops the sender.
    let (answer, _ended) = tokio::join!(question, connection);
    answer
}
