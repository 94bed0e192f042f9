//! A member that pushes policies: a connection for each message, and one back for each answer, as the protocol has it.

use crate::{load::Client, payload};
use anylog_block::{Assembly, BLOCK, Block, Header, Job, Message, Outgoing, ReturnAddress};
use async_trait::async_trait;
use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, timeout},
};

/// Longest wait for an answer.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Largest answer.
const ANSWER: usize = 1 << 20;

/// A member with a port of its own.
pub struct TcpClient {
    node: SocketAddr,
    listener: TcpListener,
    port: u16,
    job: u32,
}

impl TcpClient {
    /// Listens.
    pub async fn new(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { node, listener, port, job: 0 }
    }

    /// Sends a command and waits for its answer.
    pub async fn ask(&mut self, command: &str) -> io::Result<Message> {
        self.job += 1;
        let header = Header {
            info: 6,
            job: Job { slot: 1, id: self.job },
            receivers: 1,
            partitions: 1,
            source: ReturnAddress::new("127.0.0.1", self.port),
            ..Header::default()
        };
        let mut raw = Vec::with_capacity(BLOCK);
        Outgoing::new(header, command).encode(&mut raw).map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(self.node).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&raw).await?;
        loop {
            let answer = receive(self.listener.accept().await?.0).await?;
            if answer.header.job.id == self.job {
                return Ok(answer);
            }
        }
    }
}

async fn receive(mut stream: TcpStream) -> io::Result<Message> {
    let (mut assembly, mut raw) = (Assembly::new(ANSWER), [0; BLOCK]);
    loop {
        stream.read_exact(&mut raw).await?;
        let block = Block::decode(&raw).map_err(io::Error::other)?;
        if let Some(message) = assembly.push(block).map_err(io::Error::other)? {
            return Ok(message);
        }
    }
}

#[async_trait]
impl Client for TcpClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let command = format!("blockchain push {}", payload::policy(number));
        match timeout(PATIENCE, self.ask(&command)).await {
            Ok(Ok(answer)) if answer.header.error == 0 => Ok(()),
            Ok(Ok(answer)) => Err(format!("error {}", answer.header.error)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    }
}
