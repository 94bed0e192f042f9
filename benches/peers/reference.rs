//! A node of another make that runs already, named by its REST address (`REFERENCE=host:port`).

use crate::{
    http::Connection,
    load::{Client, Peer},
    node::{RestClient, held},
};
use async_trait::async_trait;
use std::{collections::HashSet, net::SocketAddr};

/// The node; its ledger keeps what is written to it.
pub struct Reference(SocketAddr);

impl Reference {
    /// Returns the node that the environment names.
    pub fn named() -> Option<Self> {
        let address = std::env::var("REFERENCE").ok().filter(|address| !address.is_empty())?;
        Some(Self(address.parse().expect("REFERENCE is the REST address of a node, such as 127.0.0.1:32149")))
    }
}

#[async_trait]
impl Peer for Reference {
    fn name(&self) -> String {
        "reference, REST".to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(RestClient(Connection::open(self.0).await.unwrap()))
    }

    async fn held(&self) -> HashSet<u64> {
        held(self.0).await
    }
}
