//! Who may do what.

use crate::config::{
    group::group,
    networks::{Gateway, Networks},
    values::{Auth, List, Senders},
};
use secrecy::SecretString;
use std::path::PathBuf;

group! {
    /// Who may do what, and how callers prove who they are.
    pub struct Security {
        /// `off`, `token` (every command over REST needs one) or `mtls`; not set: reading is free and changing needs a
        /// token, and `off` when REST listens on loopback alone or the node was started with `--embedded`.
        auth: Option<Auth> = AUTH[""],
        /// Certificate chain of the REST server (PEM); set: REST speaks TLS.
        rest_tls_cert: Option<PathBuf> = REST_TLS_CERT[""],
        /// Private key of the REST server (PEM).
        rest_tls_key: Option<PathBuf> = REST_TLS_KEY[""],
        /// Authorities whose client certificates are accepted (PEM).
        rest_tls_ca: Option<PathBuf> = REST_TLS_CA[""],
        /// Commands that are off unless named here: `system`, which runs programs.
        allow_commands: List = ALLOW_COMMANDS[""],
        /// Addresses that `rest get` and `rest post` may ask, as beginnings of URLs.
        url_allow: List = URL_ALLOW[""],
        /// Who may publish, drop and replace policies over TCP: `open` (whoever reaches the port), `known` (an address of a
        /// node policy, and those of PEER_ALLOW) or `allow` (those of PEER_ALLOW alone).
        peer_write: Senders = PEER_WRITE["open"],
        /// Who may read the ledger over TCP: `open`, `known` or `allow`.
        peer_read: Senders = PEER_READ["open"],
        /// On: `sql` is for other nodes as well.
        peer_sql: bool = PEER_SQL["off"],
        /// On: other nodes may read logs, variables, the environment, databases, tasks and the report of the boot.
        peer_node_info: bool = PEER_NODE_INFO["off"],
        /// True: other nodes are answered only at the address of the sender, at that of a policy where a node was found, or
        /// at one of PEER_ALLOW.
        peer_check_return: bool = PEER_CHECK_RETURN["true"],
        /// Addresses and networks (`10.1.0.0/16`) of other nodes that are trusted: PEER_WRITE and PEER_READ let them in
        /// whatever they say, and they may be answered at.
        peer_allow: Networks = PEER_ALLOW[""],
        /// Who forwards connections of others under its own address: `bridge` in a container with published ports, or
        /// addresses. What comes from there may be answered at private addresses; not set: nobody.
        peer_gateway: Gateway = PEER_GATEWAY[""],
        /// Names under which browsers may call the node, beside its addresses, its own names and localhost; `.example.com`
        /// stands for all below it, `*` for every name.
        rest_hosts: List = REST_HOSTS[""],
        /// Origins of web pages that may change something over REST; the pages of others may only read.
        rest_cors_origins: List = REST_CORS_ORIGINS[""],
        /// What the owners of client certificates may do: `name:role` with `;` between, where the name is the common name or
        /// the whole subject (`CN=gui,O=Acme`), and `*` stands for all others; who is not named may read.
        rest_cert_roles: Option<String> = REST_CERT_ROLES[""],
        /// Token that the commands of this program which ask a node send (`exec`, `prompt`, `apply`, `backup` and the like); the node itself does not read it.
        rest_token: Option<SecretString> = REST_TOKEN[""],
        /// Who may do what over REST: `name:role:hash` as `anylog-master token` prints it, with blanks or line ends between.
        rest_tokens: Option<SecretString> = REST_TOKENS[""],
    }
}
