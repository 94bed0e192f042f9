//! `healthcheck`: asks the node's own REST server whether it is ready; what a container needs instead of curl.

use crate::{
    cli::{arguments::Sources, exit::Failure, load, own_certificate},
    config::Config,
};
use anylog_values::ListenAddress;
use rustls::{ClientConnection, StreamOwned};
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpStream, ToSocketAddrs},
    time::Duration,
};

/// Time for each step of the question.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const ANSWER: u64 = 64 << 10;

/// Asks and prints what is missing.
///
/// # Errors
/// When the node is not ready, with what it says is missing, or is not there.
pub fn run(options: &Sources) -> Result<(), Failure> {
    let config = load::config(options)?;
    let address = address(&config);
    let answer = ask(&config, &address);
    let answer = answer.map_err(|e| Failure::Failed(format!("not ready: {address} does not answer: {e}")))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    if head.starts_with("HTTP/1.1 200") {
        println!("ready");
        return Ok(());
    }
    let status = head.lines().next().unwrap_or("no answer");
    Err(Failure::Failed(format!("not ready: {status}: {}", body.trim())))
}

/// Returns where the REST server of this configuration listens.
pub fn address(config: &Config) -> String {
    let network = &config.network;
    let bound = network.overlay_ip.as_ref().or(network.internal_ip.as_ref()).filter(|_| network.rest_bind);
    let host = bound.cloned().unwrap_or_else(|| IpAddr::V4(Ipv4Addr::LOCALHOST).into());
    ListenAddress::new(host, network.anylog_rest_port).to_string()
}

fn ask(config: &Config, address: &str) -> io::Result<String> {
    let target = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let stream = TcpStream::connect_timeout(&target, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    match &config.security.rest_tls_cert {
        None => talk(stream, address),
        Some(certificate) => {
            let client = own_certificate::client(certificate).map_err(io::Error::other)?;
            let name = target.ip().into();
            let connection = ClientConnection::new(client, name).map_err(io::Error::other)?;
            talk(StreamOwned::new(connection, stream), address)
        }
    }
}

fn talk(mut stream: impl Read + Write, address: &str) -> io::Result<String> {
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut bytes = Vec::new();
    match stream.take(ANSWER).read_to_end(&mut bytes) {
        // Some servers end TLS without saying so; what came before counts.
        Err(error) if bytes.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}
