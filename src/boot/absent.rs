//! Services whose room is not there yet: each use answers an error, none pretends.

use crate::command::{
    Answers, Code, Error, Listening, Node, PeerAnswer, Peers, Pull, Server, ServerOptions, SyncOptions, SyncStatus,
    Synchronizer,
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// A service that is not there.
pub struct Absent;

const MISSING: Error = Error::new(Code::NOT_SUPPORTED);

#[async_trait]
impl Server for Absent {
    async fn start(&self, _node: Arc<Node>, _options: ServerOptions) -> Result<Listening, Error> {
        Err(MISSING)
    }

    async fn stop(&self) {}

    fn status(&self) -> Option<Listening> {
        None
    }
}

#[async_trait]
impl Peers for Absent {
    async fn ask(&self, _node: &Node, to: &[String], _command: &str, _timeout: Duration) -> Vec<PeerAnswer> {
        to.iter().map(|d| PeerAnswer { destination: d.clone(), outcome: Err(MISSING) }).collect()
    }

    async fn send(&self, _node: &Node, _to: &[String], _command: &str, _timeout: Duration) -> Result<Answers, Error> {
        Err(MISSING)
    }

    async fn tell(&self, _node: &Node, _destination: &str, _command: &str) -> Result<(), Error> {
        Err(MISSING)
    }

    async fn pull(&self, _node: &Node, _master: &str, _what: Pull, _timeout: Duration) -> Result<Vec<u8>, Error> {
        Err(MISSING)
    }
}

#[async_trait]
impl Synchronizer for Absent {
    async fn start(&self, _node: Arc<Node>, _options: SyncOptions) -> Result<(), Error> {
        Err(MISSING)
    }

    async fn now(&self, _node: &Arc<Node>) -> Result<(), Error> {
        Err(MISSING)
    }

    fn connect_to(&self, _connection: &str) -> Result<(), Error> {
        Err(MISSING)
    }

    async fn wait(&self, _limit: Duration) -> bool {
        false
    }

    async fn stop(&self) {}

    fn status(&self) -> Option<SyncStatus> {
        None
    }
}
