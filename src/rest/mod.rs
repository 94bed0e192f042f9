//! REST: requests become the text of one command, replies become HTTP (docs/rest.md).
//!
//! Warp filters by concern are joined in [`routes`]; [`server`] accepts connections, and [`connection`] serves each with
//! hyper. What surrounds every request, whichever route answers it, is in [`connection_service`].

mod activity;
mod agent;
mod attempts;
mod auth;
mod body_commands;
mod bounded_list;
mod byte_budget;
mod captured_output;
mod certificate_roles;
mod command;
mod connection;
mod connection_service;
mod destination;
pub mod execute;
mod farewell;
#[cfg(fuzzing)]
pub mod fuzzed;
mod grafana;
mod grafana_table;
mod hardening;
pub mod headers;
mod health;
mod json_fields;
mod latin;
mod metrics;
mod mount;
mod own_hosts;
pub mod page;
mod parse;
mod places;
mod preflight;
mod probe_query;
mod refusals;
pub mod request;
pub mod request_body;
mod request_ids;
mod response_cache;
pub mod rest_reply;
mod routes;
mod server;
mod settings;
mod state;
mod stray_message;
mod timeout_stream;
mod tls;
mod tokens;
mod two_ports;
mod unread_request;
mod url_items;
mod verb;
mod wrong_path;

pub use activity::Activity;
pub use auth::{Mode, Rights};
pub use certificate_roles::{CertificateRoles, WrongCertificateRole};
pub use command::authorized;
pub use mount::Mount;
pub use server::RestServer;
pub use settings::{RestSettings, TlsFiles};
pub use state::AppState;
pub use tls::{Error, check as check_tls};
pub use tokens::{NewToken, TokenHash, Tokens, WrongToken, role_of};
pub use two_ports::TwoPorts;
