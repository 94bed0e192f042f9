//! The HTTP client of the program: one request, one connection, no redirects, a limited body. The caller limits the time.

use crate::runtime::net;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, body::Bytes};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
    client::WantsClientCert,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    error::Error as StdError,
    future::Future,
    io,
    net::SocketAddr,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};
use tower_service::Service;

/// Why there is no response; the text is the reason alone, without the address.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Nobody took the connection, or the host has no address.
    #[error("{0}")]
    Connect(String),
    /// The two sides do not agree on TLS, or the server's certificate is not trusted.
    #[error("{0}")]
    Tls(String),
    /// The connection ended, or the response is longer than the limit or not HTTP.
    #[error("{0}")]
    Response(String),
}

/// Sends requests; cloning shares the certificates that are trusted.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    body_limit: usize,
}

impl HttpClient {
    /// Creates a client that trusts the servers that `tls` trusts and takes bodies of `body_limit` bytes at most.
    #[must_use]
    pub fn new(tls: impl Into<Arc<ClientConfig>>, connect_time: Option<Duration>, body_limit: usize) -> Self {
        // A kept connection may be closed by the server just when the next request goes out, and a request that changes
        // something must not be sent twice.
        Self::keeping(0, tls, connect_time, body_limit)
    }

    /// The same for requests that may be sent twice: so many connections per host are kept for those that follow.
    #[must_use]
    pub fn keeping(
        connections: usize,
        tls: impl Into<Arc<ClientConfig>>,
        connect_time: Option<Duration>,
        body_limit: usize,
    ) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver);
        connector.enforce_http(false);
        connector.set_connect_timeout(connect_time);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_max_idle_per_host(connections);
        Self { client: builder.build(HttpsConnector::from((connector, tls))), body_limit }
    }

    /// Sends a request to the absolute URL that it names and returns the whole response, whatever its status.
    ///
    /// # Errors
    /// When nobody answers or the body is too long.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, HttpError> {
        let response = self.client.request(request).await.map_err(|error| {
            let reason = reason(&error);
            let is_tls = chain(&error).any(|error| error.is::<rustls::Error>());
            match (is_tls, error.is_connect()) {
                (true, _) => HttpError::Tls(reason),
                (false, true) => HttpError::Connect(reason),
                (false, false) => HttpError::Response(reason),
            }
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.body_limit).collect().await;
        let body = body.map_err(|error| HttpError::Response(reason(&*error)))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

/// Returns TLS that trusts the authorities that browsers trust.
///
/// # Errors
/// When the protocol versions cannot be set up.
pub fn public_authorities() -> Result<ClientConfig, HttpError> {
    Ok(tls_versions()?.with_webpki_roots().with_no_client_auth())
}

/// Returns TLS that trusts the authorities of a PEM file alone.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub fn authorities_of(path: &Path) -> Result<ClientConfig, HttpError> {
    let unreadable = |error: rustls::pki_types::pem::Error| HttpError::Tls(format!("{}: {error}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        let certificate = certificate.map_err(unreadable)?;
        roots.add(certificate).map_err(|error| HttpError::Tls(error.to_string()))?;
    }
    let builder: ConfigBuilder<ClientConfig, WantsClientCert> = tls_versions()?.with_root_certificates(roots);
    Ok(builder.with_no_client_auth())
}

fn tls_versions() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, HttpError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|error| HttpError::Tls(error.to_string()))
}

/// Finds the addresses of hosts without the system's own resolver, which a static binary does not have.
#[derive(Clone, Debug)]
struct Resolver;

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            // The connector puts the port of the URL in place of this one.
            let addresses: Vec<_> =
                net::resolve(name.as_str()).await?.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(addresses.into_iter())
        })
    }
}

/// Returns what happened, without the layers that it went through.
fn reason(error: &(dyn StdError + 'static)) -> String {
    let timed_out = |error: &(dyn StdError + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    };
    if chain(error).any(timed_out) {
        return "nobody took the connection".to_owned();
    }
    chain(error).last().unwrap_or(error).to_string()
}

/// Returns an error and what it comes from, down to its first cause.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| cause(error))
}

/// Returns what an error comes from; `io::Error` hides the error that it carries.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(carried) => Some(carried),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::StatusCode;
    use std::io::{Read, Write};

    fn client(body_limit: usize) -> HttpClient {
        HttpClient::new(public_authorities().unwrap(), None, body_limit)
    }

    /// Answers one connection with these bytes and returns its address.
    fn answering(bytes: &'static str) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _request = stream.read(&mut [0; 1024]);
            stream.write_all(bytes.as_bytes()).unwrap();
        });
        address
    }

    fn get(url: String) -> Request<Full<Bytes>> {
        Request::get(url).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn status_and_body_are_returned_whatever_they_are() {
        let address = answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nwhy?");
        let response = client(4).send(get(format!("http://{address}/"))).await.unwrap();
        assert_eq!((response.status(), response.body().as_ref()), (StatusCode::SERVICE_UNAVAILABLE, b"why?".as_ref()));
    }

    #[tokio::test]
    async fn long_body_is_refused() {
        let address = answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlong");
        let error = client(3).send(get(format!("http://{address}/"))).await.unwrap_err();
        assert!(matches!(error, HttpError::Response(_)), "{error:?}");
    }

    #[tokio::test]
    async fn closed_port_is_the_reason() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = client(0).send(get(format!("http://{address}/"))).await.unwrap_err();
        assert!(matches!(&error, HttpError::Connect(reason) if reason.starts_with("Connection refused")), "{error:?}");
    }

    #[tokio::test]
    async fn server_that_speaks_no_tls_is_told_from_one_that_is_not_there() {
        let address = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
        let error = client(0).send(get(format!("https://{address}/"))).await.unwrap_err();
        assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    }
}
