//! Who may do what.

use crate::config::{
    group::group,
    values::{Auth, List},
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
        /// True: other nodes are answered only at addresses of the sender, of a policy, or of PEER_ALLOW.
        peer_check_return: bool = PEER_CHECK_RETURN["true"],
        /// More addresses that other nodes may be answered at.
        peer_allow: List = PEER_ALLOW[""],
        /// Origins of web pages that may change something over REST; the pages of others may only read.
        rest_cors_origins: List = REST_CORS_ORIGINS[""],
        /// Who may do what over REST: `name:role:hash` as `anylog-master token` prints it, with blanks or line ends between.
        rest_tokens: Option<SecretString> = REST_TOKENS[""],
    }
}
