//! REST: requests become the text of one command, replies become HTTP (docs/rest.md).
//!
//! One warp filter takes every request ([`service`]); an own accept loop drives it ([`server`]), so that time-outs,
//! limits, TLS handshakes and the drain belong to each connection alone.

mod agent;
mod answer;
mod answering;
mod attempts;
mod auth;
mod basic;
mod body;
mod call;
mod carrier;
mod connection;
mod grafana;
mod lines;
mod listing;
mod method;
mod pace;
mod printed;
mod probe;
mod remote;
mod request;
mod request_ids;
mod server;
mod service;
mod settings;
mod tls;
mod tokens;
mod url;

pub use auth::Mode;
pub use server::RestServer;
pub use settings::{Settings, TlsFiles};
pub use tls::Error;
pub use tokens::{NewToken, Tokens, WrongToken, role_of};
