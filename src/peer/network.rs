//! The service behind `run tcp server` and `run client`: this node as one peer among others.

use crate::{
    node::{Listening, Node, Peers, Pull, RemoteChange, Server, ServerOptions},
    peer::{
        client,
        door::Door,
        jobs::Jobs,
        pulls::Pulls,
        queues::Queues,
        server::{self, Listener},
        settings::Settings,
        wire,
    },
    reply::{Code, Error, PeerAnswer},
    runtime::{limits, net},
};
use anylog_block::{Block, Header, Message, Outgoing, ReturnAddress, Rule};
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Talks with other nodes; cloning shares the same service.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) shared: Arc<Shared>,
}

/// What every connection and every caller uses.
#[derive(Debug)]
pub(super) struct Shared {
    pub settings: Settings,
    pub door: Arc<Door>,
    pub memory: Semaphore,
    pub jobs: Arc<Jobs>,
    pub pulls: Pulls,
    pub queues: Arc<Queues>,
    pub calls: AtomicU64,
    pub listener: Mutex<Option<Listener>>,
    /// What the listener was started with, port 0 replaced by the real one, and its socket.
    pub listening: ArcSwapOption<(ServerOptions, SocketAddr)>,
    /// The machine around this container: what it forwards has lost the address of its sender.
    pub gateway: Option<IpAddr>,
    deliveries: AtomicU64,
    large: AtomicU64,
}

impl Network {
    /// Creates the service; it listens after `run tcp server`.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let door = Door::new(settings.connections, settings.connections_per_host);
        Self {
            shared: Arc::new(Shared {
                settings,
                door,
                memory: Semaphore::new(limits::PEER_BLOCKS),
                jobs: Arc::default(),
                pulls: Pulls::default(),
                queues: Arc::default(),
                calls: AtomicU64::new(0),
                listener: Mutex::new(None),
                listening: ArcSwapOption::empty(),
                gateway: net::gateway(),
                deliveries: AtomicU64::new(0),
                large: AtomicU64::new(0),
            }),
        }
    }
}

#[async_trait]
impl Server for Network {
    async fn start(&self, node: Arc<Node>, options: ServerOptions) -> Result<Listening, Error> {
        server::start(&self.shared, node, options).await
    }

    async fn stop(&self) {
        server::stop(&self.shared).await;
    }

    fn status(&self) -> Option<Listening> {
        self.shared.status()
    }
}

#[async_trait]
impl Peers for Network {
    async fn ask(&self, node: &Node, to: &[String], command: &str, timeout: Duration) -> Vec<PeerAnswer> {
        match client::ask(&self.shared, node, to, command, timeout).await {
            Ok(answers) => answers,
            Err(error) => client::none(to, &error),
        }
    }

    async fn tell(&self, node: &Node, destination: &str, command: &str) -> Result<(), Error> {
        client::tell(&self.shared, node, destination, command).await
    }

    async fn request_change(&self, node: &Node, master: &str, change: &RemoteChange) -> Result<(), Error> {
        client::tell(&self.shared, node, master, &wire::change_request(change)).await
    }

    async fn pull(&self, node: &Node, master: &str, what: Pull, timeout: Duration) -> Result<Vec<u8>, Error> {
        client::pull(&self.shared, node, master, what, timeout).await
    }
}

impl Shared {
    /// Returns what is listened on, or nothing.
    pub fn status(&self) -> Option<Listening> {
        let (options, bound) = self.listening.load().as_deref()?.clone();
        let calls = self.calls.load(Ordering::Relaxed);
        Some(Listening { options, bound, connections: self.door.open(), calls })
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

    /// Tells by its first block whether this node asked for a message.
    pub fn awaits(&self, block: &Block<'_>) -> bool {
        self.jobs.awaits(block.header.job) || self.pulls.awaits(block.command, block.header.flag)
    }

    /// Returns the number that keeps parallel deliveries apart, 1 to 9.
    pub fn delivery_number(&self) -> u64 {
        self.deliveries.fetch_add(1, Ordering::Relaxed) % 9 + 1
    }

    /// Makes the message that carries a command: one block, or a file when it does not fit (reference/tcp-protocol 8.2).
    pub fn request(&self, header: Header, command: &str) -> Outgoing {
        if command.len() + anylog_block::HEADER < anylog_block::BLOCK {
            return Outgoing::new(Header { info: wire::INFO_COMMAND, partitions: 1, ..header }, command);
        }
        let number = self.large.fetch_add(1, Ordering::Relaxed) % 100 + 1;
        let name = format!("cmd.{}.{number}.lmsg", header.source.host);
        let header = Header { flag: wire::FILE_COMMAND, source: header.source, ..Header::default() };
        let data = Bytes::copy_from_slice(command.as_bytes());
        Outgoing { header, command: wire::file_write(&name), data, rule: Rule::File }
    }

    /// Hands a message to the caller that waits for it; gives it back when there is none.
    pub fn deliver(&self, message: Message) -> Result<(), Message> {
        let message = if message.is_reply() { self.jobs.deliver(message) } else { Err(message) };
        message.or_else(|message| self.pulls.deliver(message))
    }
}

/// Tells whether an address belongs to the private ranges that members know.
pub(super) fn is_private(address: IpAddr) -> bool {
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
