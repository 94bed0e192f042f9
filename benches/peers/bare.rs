//! A bare warp server in a process of its own: what HTTP alone costs.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};
use tokio::net::TcpListener;
use warp::Filter;

/// Names the bytes of the answer to the process of the server.
pub const BODY: &str = "PEERS_BENCH_BODY";

/// The process of the server.
pub struct Bare {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Bare {
    /// Starts a server that answers everything with so many bytes.
    pub fn start(body: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut process = command.env(BODY, body.to_string()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, address: line.trim().parse().unwrap() }
    }

    /// Returns the number of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is the server.
pub async fn serve(body: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let body = Bytes::from(vec![b'x'; body]);
    let answer = warp::any().map(move || {
        let mut reply = warp::reply::Response::new(body.clone().into());
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        reply
    });
    warp::serve(answer).incoming(listener).run().await;
}
