//! The REST server and the one of a second port that starts and ends with it.

use crate::{
    node::{Listening, Node, Server, ServerOptions},
    reply::{Code, Error},
    rest::server::RestServer,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// Two servers with the same settings: the one of the REST port, and one beside it that answers something else.
pub struct TwoPorts {
    main: RestServer,
    beside: RestServer,
    port: u16,
    variable: &'static str,
}

impl TwoPorts {
    /// Puts a server beside another one, on a port that a variable names.
    #[must_use]
    pub const fn new(main: RestServer, beside: RestServer, port: u16, variable: &'static str) -> Self {
        Self { main, beside, port, variable }
    }

    /// Returns where the second server listens.
    #[must_use]
    pub fn beside(&self) -> Option<Listening> {
        self.beside.status()
    }
}

#[async_trait]
impl Server for TwoPorts {
    async fn start(&self, node: Arc<Node>, options: ServerOptions) -> Result<Listening, Error> {
        let mut second = options.clone();
        second.external.port = self.port;
        second.internal.port = self.port;
        let listening = self.main.start(Arc::clone(&node), options).await?;
        match self.beside.start(node, second).await {
            Ok(_) => Ok(listening),
            Err(error) => {
                self.main.stop().await;
                let reason = error.detail.unwrap_or_else(|| error.code.text().to_owned());
                Err(Error::with(Code::CONNECTION, format!("{}: {reason}", self.variable)))
            }
        }
    }

    async fn stop(&self) {
        tokio::join!(self.main.stop(), self.beside.stop());
    }

    fn reload(&self) -> Result<(), String> {
        self.main.reload().and_then(|()| self.beside.reload())
    }

    fn certificate_until(&self) -> Option<Timestamp> {
        self.main.certificate_until()
    }

    fn status(&self) -> Option<Listening> {
        self.main.status()
    }
}
