//! What the operator sets for the REST server.

use crate::{
    rest::{auth::Mode, certificate_roles::CertificateRoles, tokens::Tokens},
    runtime::limits,
};
use std::{path::PathBuf, time::Duration};

/// Settings of the REST server; boot fills them from the configuration.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// `AUTH`; nothing decides by the address: open on loopback, guarded elsewhere.
    pub auth: Option<Mode>,
    /// `REST_TOKENS` or `REST_TOKENS_FILE`.
    pub tokens: Tokens,
    /// `REST_CERT_ROLES`: what the owners of client certificates may do.
    pub certificate_roles: CertificateRoles,
    /// `REST_HOSTS` and the names of the configuration: what browsers may call the node.
    pub hosts: Vec<String>,
    /// `REST_CORS_ORIGINS`: web origins that may do more than read; `*` means all.
    pub origins: Vec<String>,
    /// `REST_BODY_LIMIT`: bytes of a request body.
    pub body_limit: usize,
    /// Time that a request body gets from its header on.
    pub body_time: Duration,
    /// `REST_BODY_MEMORY`: bytes of all bodies under way together.
    pub body_memory: usize,
    /// `REST_CONNECTIONS`: connections open at the same time.
    pub connections: usize,
    /// `REST_CONNECTIONS_PER_HOST`: those of one address.
    pub connections_per_host: usize,
    /// `REST_TLS_CERT`, `REST_TLS_KEY`, `REST_TLS_CA`.
    pub tls: Option<TlsFiles>,
}

/// PEM files of the TLS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate chain of the server.
    pub certificate: PathBuf,
    /// Private key of the server.
    pub key: PathBuf,
    /// Authority of client certificates; with it every request needs one.
    pub authority: Option<PathBuf>,
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            auth: None,
            tokens: Tokens::default(),
            certificate_roles: CertificateRoles::default(),
            hosts: Vec::new(),
            origins: Vec::new(),
            body_limit: limits::REST_BODY,
            body_time: limits::REST_BODY_TIME,
            body_memory: limits::REST_BODY_MEMORY,
            connections: limits::REST_CONNECTIONS,
            connections_per_host: limits::REST_CONNECTIONS_PER_HOST,
            tls: None,
        }
    }
}
