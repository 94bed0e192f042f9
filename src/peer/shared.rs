//! What the connections and the callers of the peer service share.

use crate::{
    node::{Listening, Node, ServerOptions},
    peer::{
        complaints::Complaints,
        confirmations::Confirmations,
        connection_limiter::{Capacity, ConnectionLimiter},
        delivery_queues::DeliveryQueues,
        pending_jobs::PendingJobs,
        pending_pulls::PendingPulls,
        settings::PeerSettings,
        told_nodes::ToldNodes,
        wire,
    },
    reply::{Code, Error},
    runtime::{files, limits},
};
use anylog_block::{Block, Header, Message, Outgoing, ReturnAddress, Rule};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A running listener.
#[derive(Debug)]
pub struct Listener {
    /// Stops it.
    pub stop: CancellationToken,
    /// Its task.
    pub accepting: JoinHandle<()>,
}

/// What every connection and every caller uses.
#[derive(Debug)]
pub struct Shared {
    /// What an operator may change about the service.
    pub settings: PeerSettings,
    /// The open connections.
    pub limiter: Arc<ConnectionLimiter>,
    /// Blocks that messages which this node waits for may have in all.
    pub memory: Semaphore,
    /// Callers of this node that wait for answers.
    pub jobs: Arc<PendingJobs>,
    /// Ledgers that this node asked for.
    pub pulls: PendingPulls,
    /// Messages of this node on their way.
    pub queues: Arc<DeliveryQueues>,
    /// Messages that came since the start.
    pub calls: AtomicU64,
    /// The running listener.
    pub listener: Mutex<Option<Listener>>,
    /// What the listener was started with, port 0 replaced by the real one, and its socket.
    pub listening: ArcSwapOption<(ServerOptions, SocketAddr)>,
    /// Where nodes were found.
    pub confirmations: Confirmations,
    /// Who may answer without a job.
    pub told: ToldNodes,
    /// What the log says about bad messages.
    pub complaints: Complaints,
    deliveries: AtomicU64,
    large: AtomicU64,
}

impl Shared {
    /// Creates the state of a service that does not listen yet.
    #[must_use]
    pub fn new(settings: PeerSettings) -> Self {
        let connections = files::peer_connections(settings.connections);
        if connections < settings.connections {
            let wished = settings.connections;
            tracing::warn!(
                wished,
                connections,
                "TCP takes fewer connections than PEER_CONNECTIONS: raise the limit of open files"
            );
        }
        let limiter = ConnectionLimiter::new(Capacity {
            connections,
            of_host: settings.connections_per_host,
            blocks: limits::PEER_BLOCKS,
            blocks_of_host: limits::PEER_BLOCKS_OF_HOST,
            slow: limits::PEER_SLOW_TIME,
            patience: limits::PEER_PLACE_TIME,
        });
        Self {
            settings,
            limiter,
            memory: Semaphore::new(limits::PEER_AWAITED_BLOCKS),
            jobs: Arc::default(),
            pulls: PendingPulls::default(),
            queues: Arc::default(),
            calls: AtomicU64::new(0),
            listener: Mutex::new(None),
            listening: ArcSwapOption::empty(),
            confirmations: Confirmations::default(),
            told: ToldNodes::default(),
            complaints: Complaints::default(),
            deliveries: AtomicU64::new(0),
            large: AtomicU64::new(0),
        }
    }

    /// Returns what is listened on, or nothing.
    #[must_use]
    pub fn status(&self) -> Option<Listening> {
        let (options, bound) = self.listening.load().as_deref()?.clone();
        let calls = self.calls.load(Ordering::Relaxed);
        Some(Listening { options, bound, connections: self.limiter.open(), calls })
    }

    /// Returns the options of the running server.
    ///
    /// # Errors
    /// 21 when the server does not run: nobody could answer.
    pub fn options(&self) -> Result<ServerOptions, Error> {
        let options = self.status().map(|status| status.options);
        options.ok_or_else(|| {
            Error::with(Code::SOURCE_ADDRESS, "no TCP server runs; start it with: run tcp server where …")
        })
    }

    /// Returns the address that a message to `host` announces (reference/tcp-protocol 5).
    ///
    /// # Errors
    /// 21 when the server does not run.
    pub fn own_address(&self, node: &Node, host: Option<IpAddr>) -> Result<ReturnAddress, Error> {
        let options = self.options()?;
        let inside = host.is_none_or(is_private);
        let own = if inside { options.internal } else { options.external };
        Ok(match node.settings.get().reply {
            Some((host, port)) => ReturnAddress::new(host.to_string(), port.unwrap_or(own.port)),
            None => ReturnAddress::new(own.host.to_string(), own.port),
        })
    }

    /// Returns by its first block how many bytes a message may have that this node asked for; nothing for another one.
    #[must_use]
    pub fn most_of(&self, block: &Block<'_>) -> Option<usize> {
        // A file answers no command, whatever job it names: a large command names that of its own caller.
        if wire::is_file(block.command) {
            return self.pulls.awaits(block.command, block.header.flag).then_some(limits::PEER_REPLY);
        }
        self.jobs.most_of(&block.header)
    }

    /// Returns the number that keeps parallel deliveries apart, 1 to 9.
    #[must_use]
    pub fn delivery_number(&self) -> u64 {
        self.deliveries.fetch_add(1, Ordering::Relaxed) % 9 + 1
    }

    /// Makes the message that carries a command: one block, or a file when it does not fit (reference/tcp-protocol 8.2). A file
    /// names its caller as well, when somebody waits, so that the answer finds him.
    #[must_use]
    pub fn request(&self, header: Header, command: &str) -> Outgoing {
        if command.len() + anylog_block::HEADER < anylog_block::BLOCK {
            return Outgoing::new(Header { info: wire::INFO_COMMAND, partitions: 1, ..header }, command);
        }
        let number = self.large.fetch_add(1, Ordering::Relaxed) % 100 + 1;
        let name = format!("cmd.{}.{number}.lmsg", header.source.host);
        let header = match header.job.id {
            0 => Header { source: header.source, ..Header::default() },
            _ => header,
        };
        let header = Header { flag: wire::FILE_COMMAND, ..header };
        let data = Bytes::copy_from_slice(command.as_bytes());
        Outgoing { header, command: wire::file_write(&name), data: data.into(), rule: Rule::File }
    }

    /// Hands a message to the caller that waits for it; gives it back when there is none.
    ///
    /// # Errors
    /// The message, when nobody waits for it.
    pub fn deliver(&self, message: Message) -> Result<(), Message> {
        self.jobs.deliver(message).or_else(|message| self.pulls.deliver(message))
    }

    /// Tells the caller that waits for an answer that it is larger than what was asked for may be.
    pub fn refuse_answer(&self, header: Header, most: usize) {
        let detail = format!("the answer has more than {most} bytes: ask for less at once");
        let header = Header { error: Code::LARGE_COMMAND.0, ..header };
        let refusal = Message { header, command: wire::PRINT.to_owned(), data: detail.into_bytes() };
        // The file of a ledger names no caller.
        let _ = self.jobs.deliver(refusal);
    }
}

/// Tells whether an address belongs to the private ranges that members know.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = Ipv4Addr::new(100, 64, 0, 0).to_bits();
            ip.is_private() || ip.is_loopback() || ip.to_bits() & (u32::MAX << 22) == shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_the_internal_one() {
        for private in
            ["10.1.2.3", "127.0.0.2", "172.16.0.1", "172.31.255.1", "192.168.1.1", "100.64.0.1", "100.127.0.1"]
        {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in ["11.0.0.1", "172.32.0.1", "100.128.0.1", "100.63.255.255", "8.8.8.8"] {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }
}
