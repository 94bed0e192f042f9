//! One connection from its handshake to its end.

use crate::{
    rest::{
        activity::Activity,
        connection_service::{ConnectionCaller, ConnectionService},
        places::Admission,
        request::Certificate,
        routes::routes,
        state::AppState,
        stray_message,
        timeout_stream::{HeaderMemory, TimeoutStream},
        tls::Tls,
        unread_request::UnreadRequest,
    },
    runtime::limits,
};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
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
    (activity, admission): (Activity, Admission),
    tls: Option<Arc<Tls>>,
    state: Arc<AppState>,
    stop: CancellationToken,
) {
    // Without it small replies wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let caller = ConnectionCaller { address, number, certificate: Certificate::NotAsked, activity, admission };
    // hyper makes the buffers of a connection before anything comes: a silent one costs a tenth without them.
    let patience = if tls.is_some() { limits::REST_HANDSHAKE_TIME } else { limits::REST_IDLE_TIME };
    let is_stray = tokio::select! {
        came = tokio::time::timeout(patience, stray_message::begins(&stream)) => came,
        () = stop.cancelled() => return,
    };
    match is_stray {
        Ok(Ok(true)) => return stray_message::turn_away(stream, address, &state.node).await,
        Ok(Ok(false)) => {}
        Ok(Err(_)) | Err(_) => return,
    }
    let Some(tls) = tls else { return drive(stream, caller, state, stop).await };
    // Boxed: it is larger than all of a plain connection, and would be a part of each.
    Box::pin(encrypted(stream, &tls, caller, state, stop)).await;
}

/// Serves one connection over TLS.
async fn encrypted(
    stream: TcpStream,
    tls: &Tls,
    caller: ConnectionCaller,
    state: Arc<AppState>,
    stop: CancellationToken,
) {
    let address = caller.address;
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    let opened = tokio::select! {
        opened = tokio::time::timeout(limits::REST_HANDSHAKE_TIME, handshake) => opened,
        () = stop.cancelled() => return,
    };
    match opened {
        Ok(Ok(stream)) => {
            let given = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let certificate = match (tls.asks_certificate(), given) {
                (false, _) => Certificate::NotAsked,
                (true, None) => Certificate::Missing,
                (true, Some(given)) => Certificate::Given(Arc::new(state.certificate_roles.owner(given))),
            };
            drive(stream, ConnectionCaller { certificate, ..caller }, state, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(peer.addr = %address, %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(peer.addr = %address, "TLS handshake took too long"),
    }
}

async fn drive<T>(stream: T, caller: ConnectionCaller, state: Arc<AppState>, stop: CancellationToken)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let address = caller.address;
    let memory = HeaderMemory::new(Arc::clone(&state.budget), address.ip());
    let request = UnreadRequest::new(Some(Arc::clone(&state)));
    let io = TokioIo::new(TimeoutStream::new(stream, caller.activity.clone(), memory, request));
    let routes = warp::service(routes(&state));
    let service = ConnectionService { routes, state, caller };
    let mut builder = http1::Builder::new();
    builder
        // The stream has the time-outs: hyper's would set a timer for each request and count the rest before its first byte.
        .header_read_timeout(None)
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
