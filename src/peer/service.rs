//! The service behind `run tcp server` and `run client`: this node as one peer among others.

use crate::{
    node::{Listening, Node, Peers, Pull, RemoteChange, Server, ServerOptions},
    peer::{client, server, settings::PeerSettings, shared::Shared, wire},
    reply::{Error, PeerAnswer},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// Talks with other nodes; cloning shares the same service.
#[derive(Clone, Debug)]
pub struct PeerService {
    shared: Arc<Shared>,
}

impl PeerService {
    /// Creates the service; it listens after `run tcp server`.
    #[must_use]
    pub fn new(settings: PeerSettings) -> Self {
        Self { shared: Arc::new(Shared::new(settings)) }
    }
}

#[async_trait]
impl Server for PeerService {
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
impl Peers for PeerService {
    async fn ask(&self, node: &Node, to: &[String], command: &str, timeout: Duration, most: usize) -> Vec<PeerAnswer> {
        match client::ask(&self.shared, node, to, command, timeout, most).await {
            Ok(answers) => answers,
            Err(error) => client::none(to, &error),
        }
    }

    async fn leads_here(&self, node: &Node, address: &str, timeout: Duration) -> Result<bool, Error> {
        client::leads_here(&self.shared, node, address, timeout).await
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
