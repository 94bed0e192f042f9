//! One connection from its handshake to its end.

use super::{
    pace::{Paced, Phase},
    request::{Arrival, Certificate},
    tls::Tls,
};
use crate::runtime::limits;
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use std::{net::SocketAddr, pin::pin, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Header lines above the limit that are still read.
const SPARE_LINES: usize = 16;

/// Hands each request of one connection to the server's service: its body, and its head with what the connection knows.
struct Doorkeeper<S> {
    service: S,
    caller: SocketAddr,
    certificate: Certificate,
    phase: Phase,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Doorkeeper<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (head, body) = request.into_parts();
        let arrival = Arrival {
            caller: self.caller,
            certificate: self.certificate,
            method: head.method,
            target: head.uri,
            headers: head.headers,
            working: self.phase.work(),
        };
        let mut request = Request::new(body);
        request.extensions_mut().insert(Arc::new(arrival));
        self.service.call(request)
    }
}

/// Serves one connection; a cancelled `stop` lets the request under way finish and then closes it.
pub async fn serve<S>(stream: TcpStream, caller: SocketAddr, tls: Option<Arc<Tls>>, service: S, stop: CancellationToken)
where
    S: Service<Request<Incoming>, Response = warp::reply::Response> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return drive(stream, Certificate::NotAsked, caller, service, stop).await;
    };
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    let opened = tokio::select! {
        opened = tokio::time::timeout(limits::REST_HANDSHAKE_TIME, handshake) => opened,
        () = stop.cancelled() => return,
    };
    match opened {
        Ok(Ok(stream)) => {
            let given = stream.get_ref().1.peer_certificates().is_some_and(|chain| !chain.is_empty());
            let certificate = match (tls.asks_certificate(), given) {
                (false, _) => Certificate::NotAsked,
                (true, false) => Certificate::Missing,
                (true, true) => Certificate::Given,
            };
            drive(stream, certificate, caller, service, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(peer.addr = %caller, %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(peer.addr = %caller, "TLS handshake took too long"),
    }
}

async fn drive<T, S>(stream: T, certificate: Certificate, caller: SocketAddr, service: S, stop: CancellationToken)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = warp::reply::Response> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let phase = Phase::default();
    let io = TokioIo::new(Paced::new(stream, phase.clone()));
    let keeper = Doorkeeper { service, caller, certificate, phase };
    let mut builder = http1::Builder::new();
    // A few lines more than are allowed: what is a little too much gets our own answer.
    builder.max_buf_size(limits::REST_HEADER).max_headers(limits::REST_HEADER_LINES + SPARE_LINES).half_close(true);
    let mut connection = pin!(builder.serve_connection(io, keeper));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits::REST_DRAIN_TIME, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(peer.addr = %caller, %error, "connection ended");
    }
}
