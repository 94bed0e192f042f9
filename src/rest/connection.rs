//! One connection from its handshake to its end.

use crate::{
    node::Output,
    reply::{Notice, Reply},
    rest::{
        pace::{Paced, Phase},
        request::{Arrival, Certificate, RequestNumber, Tray},
        service::{self, Desk},
        tls::Tls,
    },
    runtime::limits,
};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Hands each request of one connection to its filter, with what the connection knows.
struct Doorkeeper<S> {
    filter: S,
    tray: Arc<Tray>,
    caller: SocketAddr,
    certificate: Certificate,
    phase: Phase,
    /// Number of the connection.
    number: u64,
    requests: AtomicU64,
}

/// The console of one connection: requests count the users of their console, and those of other connections count apart.
struct Console(Arc<dyn Output>);

impl Output for Console {
    fn show(&self, reply: &Reply) {
        self.0.show(reply);
    }

    fn notice(&self, notice: &Notice) {
        self.0.notice(notice);
    }

    fn background(&self, notice: &Notice) {
        self.0.background(notice);
    }
}

impl<S> Service<Request<Incoming>> for Doorkeeper<S>
where
    S: tower_service::Service<Request<Empty<Bytes>>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (head, body) = request.into_parts();
        let arrival = Arrival {
            caller: self.caller,
            number: RequestNumber { connection: self.number, request: self.requests.fetch_add(1, Ordering::Relaxed) },
            certificate: self.certificate,
            method: head.method,
            target: head.uri,
            headers: head.headers,
            working: self.phase.work(),
        };
        self.tray.put(arrival, body);
        // A filter is always ready, and its clones are one.
        self.filter.clone().call(Request::new(Empty::new()))
    }
}

/// Serves one connection; a cancelled `stop` lets the request under way finish and then closes it.
pub async fn serve(
    stream: TcpStream,
    (caller, number): (SocketAddr, u64),
    tls: Option<Arc<Tls>>,
    desk: Arc<Desk>,
    stop: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return drive(stream, Certificate::NotAsked, (caller, number), desk, stop).await;
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
            drive(stream, certificate, (caller, number), desk, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(peer.addr = %caller, %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(peer.addr = %caller, "TLS handshake took too long"),
    }
}

async fn drive<T>(
    stream: T,
    certificate: Certificate,
    (caller, number): (SocketAddr, u64),
    desk: Arc<Desk>,
    stop: CancellationToken,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let phase = Phase::default();
    let io = TokioIo::new(Paced::new(stream, phase.clone()));
    let tray = Arc::new(Tray::default());
    let console = Arc::new(Console(Arc::clone(&desk.node.console)));
    let filter = warp::service(service::filter(desk, Arc::clone(&tray), console));
    let requests = AtomicU64::new(0);
    let keeper = Doorkeeper { filter, tray, caller, certificate, phase, number, requests };
    let mut builder = http1::Builder::new();
    // Without a limit of its own hyper takes as many header lines as we want, from a table that costs nothing.
    builder.max_buf_size(limits::REST_HEADER).half_close(true);
    let mut connection = pin!(builder.serve_connection(io, keeper));
    let outcome = tokio::select! {
        biased;
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
