//! Services whose room is not there yet: each use answers an error, none pretends.

use crate::command::{Code, Error, Listening, Node, Server, ServerOptions, SyncOptions, SyncStatus, Synchronizer};
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
