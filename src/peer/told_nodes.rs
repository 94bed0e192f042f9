//! Whom this node told something lately without waiting for it: what comes back has no job that it could be known by.

use moka::sync::Cache;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// Hosts that are remembered at the same time.
const HOSTS: u64 = 10_000;
/// Time in which a host answers what it was told; nodes may take long for a command.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// The hosts whose texts are shown because this node sent them something itself, whoever else may send texts.
#[derive(Debug)]
pub struct ToldNodes {
    /// Hosts are kept as sockets of the port 0: a cache of the same kind as others adds nothing to the program's size.
    hosts: Cache<SocketAddr, ()>,
}

impl Default for ToldNodes {
    fn default() -> Self {
        Self { hosts: Cache::builder().max_capacity(HOSTS).time_to_live(ANSWER_TIME).build() }
    }
}

impl ToldNodes {
    /// Takes note that something is sent to an address: one of its sockets answers.
    pub fn note(&self, sockets: &[SocketAddr]) {
        for socket in sockets {
            self.hosts.insert(key(socket.ip()), ());
        }
    }

    /// Tells whether a host may have something to say to what it was told.
    #[must_use]
    pub fn has(&self, host: IpAddr) -> bool {
        self.hosts.contains_key(&key(host))
    }
}

/// Returns as what a host is remembered.
fn key(host: IpAddr) -> SocketAddr {
    SocketAddr::new(host.to_canonical(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_told_something_is_known_by_its_host_alone() {
        let told = ToldNodes::default();
        told.note(&["[::ffff:192.0.2.1]:32148".parse().unwrap()]);
        let has = |host: &str| told.has(host.parse().unwrap());
        assert!(has("192.0.2.1") && has("::ffff:192.0.2.1") && !has("192.0.2.2"));
    }
}
