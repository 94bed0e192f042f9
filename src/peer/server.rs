//! Listens for other nodes and runs what they send (reference/tcp-protocol 4, 13).

use crate::peer::Error as PeerError;
use crate::{
    node::{JoinTrouble, Listening, Node, ServerOptions},
    peer::{
        connection::{self, Received},
        connection_limiter::ConnectionPermit,
        foreign,
        handler::MessageHandler,
        push,
        shared::{Listener, Shared},
    },
    reply::{Code, Error},
    runtime::listen::{canonical, listen},
};
use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Pause after the system refused to accept, for example without free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Starts listening. A server that listens on another port moves, as that of other nodes does: connections that are open stay.
///
/// # Errors
/// 81 when the address is taken or the server listens there already, 21 for an address that this machine does not have; a
/// server that listens elsewhere then goes on.
pub async fn start(shared: &Arc<Shared>, node: Arc<Node>, options: ServerOptions) -> Result<Listening, Error> {
    let taken =
        |by: &str| Error::with(Code::CONNECTION, format!("Host and port '{}' already in use{by}", options.internal));
    let before = shared.status().map(|running| running.bound);
    if before.is_some_and(|bound| bound.port() == options.internal.port) {
        return Err(taken(": the TCP server of this node listens there; 'exit tcp' closes it"));
    }
    let alone = options.bind.then(|| options.internal.host.to_string());
    let listener = listen(alone.as_deref(), options.internal.port).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => taken(""),
        _ => Error::with(Code::SOURCE_ADDRESS, format!("cannot listen on {}: {error}", options.internal)),
    })?;
    let bound = listener.local_addr().map_err(|error| Error::with(Code::SOURCE_ADDRESS, error.to_string()))?;
    if let Some(before) = before {
        tracing::warn!(from = %before, to = %bound, "the TCP server moves: members that know the old address do not find it");
        self::stop(shared).await;
    }
    // Whoever asks from now on is entered into the book, and would seem new to a node that has not read who asked before.
    node.restore_members().await;
    let stop = node.shutdown.token().child_token();
    let accepting = {
        let (shared, node, stop) = (Arc::clone(shared), Arc::clone(&node), stop.clone());
        node.shutdown.clone().spawn(async move { accept(&listener, &shared, &node, &stop).await })
    };
    shared.listening.store(Some(Arc::new((with_port(options, bound.port()), bound))));
    if node.config.members.member_push {
        // It ends with the server, and what it began ends with the node.
        node.shutdown.clone().spawn(push::run(Arc::clone(shared), node, stop.clone()));
    }
    let listener = Listener { stop, accepting };
    *shared.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    shared.status().ok_or_else(|| Error::new(Code::PROCESS_FAILURE))
}

/// Stops listening; messages under way are finished by the shutdown tree.
pub async fn stop(shared: &Shared) {
    let listener = shared.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
    shared.listening.store(None);
    if let Some(listener) = listener {
        listener.stop.cancel();
        // The task only ends with the token; that it panicked would have been logged.
        let _ = listener.accepting.await;
    }
}

/// Replaces ports that were left to the system.
fn with_port(mut options: ServerOptions, port: u16) -> ServerOptions {
    for address in [&mut options.internal, &mut options.external] {
        if address.port == 0 {
            address.port = port;
        }
    }
    options
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>, node: &Arc<Node>, stop: &CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => admit(stream, canonical(peer), shared, node, stop),
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                shared.limiter.make_room();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Gives a connection its task, or closes it when there is no room.
fn admit(stream: TcpStream, peer: SocketAddr, shared: &Arc<Shared>, node: &Arc<Node>, stop: &CancellationToken) {
    let Some(permit) = shared.limiter.admit(peer.ip(), || node.knows_sender(peer.ip())) else {
        return shared.complaints.say(|| tracing::warn!(peer.addr = %peer, "connection refused: no room for more"));
    };
    let (shared, node, stop) = (Arc::clone(shared), Arc::clone(node), stop.clone());
    let tree = node.shutdown.clone();
    tree.spawn(async move {
        tokio::select! {
            () = serve(stream, peer, &permit, &shared, &node) => {}
            () = idle_stop(&permit, &stop) => {}
        }
    });
}

/// Ends when the node stops while nothing has come on a connection.
async fn idle_stop(permit: &ConnectionPermit, stop: &CancellationToken) {
    stop.cancelled().await;
    if !permit.is_silent() {
        std::future::pending::<()>().await;
    }
}

async fn serve(
    mut stream: TcpStream,
    peer: SocketAddr,
    permit: &ConnectionPermit,
    shared: &Arc<Shared>,
    node: &Arc<Node>,
) {
    let awaited = |block: &anylog_block::Block<'_>| shared.most_of(block);
    match connection::receive(&mut stream, permit, &shared.memory, &awaited).await {
        Ok(Received::Message(message)) => {
            shared.calls.fetch_add(1, Ordering::Relaxed);
            MessageHandler { shared, node, peer: peer.ip(), permit }.run(message).await;
        }
        Ok(Received::TooLarge(beginning)) => {
            MessageHandler { shared, node, peer: peer.ip(), permit }.refuse(beginning).await;
        }
        Ok(Received::LargeAnswer { header, most }) => {
            shared.complaints.say(|| tracing::warn!(peer.addr = %peer, most, "answer dropped: it has too many bytes"));
            shared.refuse_answer(header, most);
        }
        Ok(Received::Nothing) => {}
        Err(error @ (PeerError::Evicted | PeerError::Slow { number: 1, .. })) => {
            tracing::debug!(peer.addr = %peer, "connection closed: {error}");
        }
        Err(PeerError::Foreign(protocol)) => foreign::answer(stream, protocol, node, peer.ip()).await,
        Err(PeerError::Block(error)) if is_of_no_message(&error) => {
            node.note_trouble(peer.ip(), JoinTrouble::NoMessage { reason: error.to_string() });
        }
        Err(error) => shared.complaints.say(|| tracing::warn!(peer.addr = %peer, "message dropped: {error}")),
    }
}

/// Tells whether what came is not even the beginning of a message: another program sent it, or a node that has other blocks.
const fn is_of_no_message(error: &anylog_block::Error) -> bool {
    use anylog_block::Error;
    matches!(
        error,
        Error::Lengths { .. } | Error::AddressLength(_) | Error::Utf8(_) | Error::Sequence { expected: 1, .. }
    )
}
