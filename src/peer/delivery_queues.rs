//! Messages of this node to others: one queue per destination, limited retries (reference/tcp-protocol 15.8).

use crate::{
    peer::{Error, connection, resolve, wire},
    runtime::{limits, shutdown::Shutdown},
};
use anylog_block::{Outgoing, ReturnAddress};
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The queues of all destinations.
#[derive(Debug, Default)]
pub struct DeliveryQueues {
    all: Mutex<HashMap<ReturnAddress, DeliveryQueue>>,
}

#[derive(Debug, Default)]
struct DeliveryQueue {
    /// Messages that wait.
    messages: VecDeque<Outgoing>,
    /// Tasks that send them.
    senders: usize,
    /// True while a ledger is on its way: a second one would only hold the destination up.
    is_delivering_ledger: bool,
}

impl DeliveryQueues {
    /// Puts a message into the queue of its destination; a newer ledger takes the place of a waiting older one.
    pub fn push(self: &Arc<Self>, shutdown: &Shutdown, to: &ReturnAddress, message: Outgoing) {
        let mut all = self.all();
        if all.len() >= limits::PEER_QUEUES && !all.contains_key(to) {
            tracing::warn!(peer.addr = %to, "message dropped: too many destinations have waiting messages");
            return;
        }
        let queue = all.entry(to.clone()).or_default();
        if is_ledger(&message) {
            queue.messages.retain(|earlier| !is_ledger(earlier));
        }
        if queue.messages.len() >= limits::PEER_QUEUE {
            tracing::warn!(peer.addr = %to, "message dropped: the queue of this destination is full");
            return;
        }
        queue.messages.push_back(message);
        if queue.senders < limits::PEER_LANES {
            queue.senders += 1;
            drop(all);
            let (queues, to, stop) = (Arc::clone(self), to.clone(), shutdown.clone());
            shutdown.spawn(async move { queues.send_all(&to, &stop).await });
        }
    }

    /// Sends what waits for a destination, one after the other, until nothing is left.
    async fn send_all(&self, to: &ReturnAddress, shutdown: &Shutdown) {
        while let Some(message) = self.next_message(to) {
            let outcome = send_with_retries(to, &message, shutdown).await;
            if is_ledger(&message) {
                self.all().entry(to.clone()).and_modify(|queue| queue.is_delivering_ledger = false);
            }
            if let Err(error) = outcome {
                let lost = self.drop_waiting(to);
                let command = message.command;
                tracing::warn!(peer.addr = %to, command.name = command, also_dropped = lost, "message not delivered: {error}");
            }
        }
    }

    /// Takes the next message; without one the task that asks ends.
    fn next_message(&self, to: &ReturnAddress) -> Option<Outgoing> {
        let mut all = self.all();
        let queue = all.get_mut(to)?;
        let free = |message: &Outgoing| !(queue.is_delivering_ledger && is_ledger(message));
        if let Some(message) = queue.messages.iter().position(free).and_then(|at| queue.messages.remove(at)) {
            queue.is_delivering_ledger |= is_ledger(&message);
            return Some(message);
        }
        queue.senders = queue.senders.saturating_sub(1);
        if queue.senders == 0 {
            all.remove(to);
        }
        None
    }

    /// Drops what waits for a destination that cannot be reached, and tells how much.
    fn drop_waiting(&self, to: &ReturnAddress) -> usize {
        self.all().get_mut(to).map_or(0, |queue| std::mem::take(&mut queue.messages).len())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ReturnAddress, DeliveryQueue>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_ledger(message: &Outgoing) -> bool {
    message.header.flag == wire::FILE_LEDGER && wire::is_file(&message.command)
}

/// Tries to send a message, with pauses; a stop of the node ends the pauses.
async fn send_with_retries(to: &ReturnAddress, message: &Outgoing, shutdown: &Shutdown) -> Result<(), Error> {
    let mut outcome = send_once(to, message).await;
    for pause in limits::PEER_RETRIES {
        let Err(Error::Refused { .. } | Error::Resolve { .. }) = outcome else { return outcome };
        tokio::select! {
            () = tokio::time::sleep(pause) => outcome = send_once(to, message).await,
            () = shutdown.token().cancelled_owned() => return outcome,
        }
    }
    outcome
}

/// Connects and sends, once.
///
/// # Errors
/// What keeps the message from its destination.
pub async fn send_once(to: &ReturnAddress, message: &Outgoing) -> Result<(), Error> {
    let addresses: Vec<SocketAddr> = resolve::addresses(to).await?;
    connection::send(connection::connect(to, &addresses).await?, message).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use anylog_block::{BLOCK, Block, Header, Rule};
    use tokio::{io::AsyncReadExt, net::TcpListener};

    fn ledger(bytes: &'static [u8]) -> Outgoing {
        let header = Header { flag: wire::FILE_LEDGER, ..Header::default() };
        Outgoing { header, command: wire::file_write("x"), data: bytes.into(), rule: Rule::File }
    }

    #[tokio::test]
    async fn a_newer_ledger_replaces_one_that_waits_and_a_late_listener_still_gets_it() {
        let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = place.local_addr().unwrap();
        drop(place);
        let (queues, shutdown) = (Arc::new(DeliveryQueues::default()), Shutdown::new());
        let to = ReturnAddress::new("127.0.0.1", address.port());
        // The first is under way (and refused) when the others come.
        for bytes in [b"1".as_slice(), b"2", b"3"] {
            queues.push(&shutdown, &to, ledger(bytes));
            tokio::task::yield_now().await;
        }
        let listener = TcpListener::bind(address).await.unwrap();
        let mut found = Vec::new();
        while found.last() != Some(&b"3".to_vec()) {
            let mut raw = [0; BLOCK];
            listener.accept().await.unwrap().0.read_exact(&mut raw).await.unwrap();
            found.push(Block::decode(&raw).unwrap().data.to_vec());
        }
        assert!(!found.contains(&b"2".to_vec()), "{found:?}");
        shutdown.drain().await;
        assert!(queues.all().is_empty());
    }
}
