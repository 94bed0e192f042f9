//! Starting the servers of the node, and what that changes of it.

use super::{node::Node, server_options::ServerOptions};
use crate::reply::Error;
use std::sync::Arc;

impl Node {
    /// Starts the TCP server; `!anylog_server_port` is the port that it got.
    ///
    /// # Errors
    /// Code 81 when the address is taken, also by the server itself.
    pub async fn start_tcp(self: &Arc<Self>, options: ServerOptions) -> Result<(), Error> {
        let listening = self.services.peers.start(Arc::clone(self), options).await?;
        self.dictionary.set("anylog_server_port", listening.options.internal.port.to_string());
        Ok(())
    }

    /// Starts the REST server.
    ///
    /// # Errors
    /// Code 136 when it runs already, 81 when the address is taken, and what is wrong with its certificates.
    pub async fn start_rest(self: &Arc<Self>, options: ServerOptions) -> Result<(), Error> {
        self.services.rest.start(Arc::clone(self), options).await?;
        Ok(())
    }
}
