//! Ports that stay free: below those that the kernel gives to outgoing connections, so that a server finds its own again
//! after a restart.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

/// Number of ports that this process tried.
static TRIED: AtomicU16 = AtomicU16::new(0);

/// Returns a port on which nobody listens, each time another.
pub fn free() -> u16 {
    let own = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap();
    (0..COUNT)
        .map(|_| FIRST + (own + TRIED.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT)
        .find(|port| TcpListener::bind(("0.0.0.0", *port)).is_ok())
        .unwrap()
}
