//! One connection from its handshake to its end.

use crate::{
    rest::{
        connection_service::ConnectionService,
        request::Certificate,
        routes::routes,
        state::AppState,
        timeout_stream::{Phase, TimeoutStream},
        tls::Tls,
    },
    runtime::limits,
};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{net::SocketAddr, pin::pin, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Serves one connection; a cancelled `stop` lets the request under way finish and then closes it.
pub async fn serve(
    stream: TcpStream,
    (address, number): (SocketAddr, u64),
    tls: Option<Arc<Tls>>,
    state: Arc<AppState>,
    stop: CancellationToken,
) {
    // Without it small replies wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return drive(stream, Certificate::NotAsked, (address, number), state, stop).await;
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
            drive(stream, certificate, (address, number), state, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(peer.addr = %address, %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(peer.addr = %address, "TLS handshake took too long"),
    }
}

async fn drive<T>(
    stream: T,
    certificate: Certificate,
    (address, number): (SocketAddr, u64),
    state: Arc<AppState>,
    stop: CancellationToken,
) where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let phase = Phase::default();
    let io = TokioIo::new(TimeoutStream::new(stream, phase.clone()));
    let routes = warp::service(routes(&state));
    let service = ConnectionService { routes, state, address, number, certificate, phase };
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // Counted from the end of the reply before: the rest between two requests.
        .header_read_timeout(limits::REST_IDLE_TIME)
        // More than are allowed, so that a caller with a few too many reads which limit it has met.
        .max_headers(2 * limits::REST_HEADER_LINES)
        .max_buf_size(limits::REST_HEADER)
        // A caller that closes its side has left, and its query ends.
        .half_close(false);
    let mut connection = pin!(builder.serve_connection(io, service));
    let outcome = tokio::select! {
        biased;
        outcome = connection.as_mut() => outcome,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits::REST_DRAIN_TIME, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(peer.addr = %address, %error, "connection ended");
    }
}
