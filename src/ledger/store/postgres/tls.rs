//! How connections to a server are secured.

use crate::config::SslMode;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::path::PathBuf;

/// The security of connections, with the words of `PostgreSQL`'s own clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostgresTls {
    /// What is wanted.
    pub mode: SslMode,
    /// PEM file of the authorities that sign the server's certificate.
    pub authorities: Option<PathBuf>,
    /// PEM file of the certificate that this node shows, and of its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl PostgresTls {
    /// Tells whether the name in the certificate counts: a connection is then made to the name, not to an address of it.
    #[must_use]
    pub fn needs_name(&self) -> bool {
        self.mode == SslMode::VerifyFull
    }

    /// Returns what is tried when a server refuses the first way: `allow` and `prefer` name two.
    #[must_use]
    pub const fn second_way(&self) -> Option<PgSslMode> {
        match self.mode {
            SslMode::Allow => Some(PgSslMode::Require),
            SslMode::Prefer => Some(PgSslMode::Disable),
            SslMode::Disable | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => None,
        }
    }

    /// Adds the security to the options of a connection.
    pub(super) fn apply(&self, options: PgConnectOptions) -> PgConnectOptions {
        let options = options.ssl_mode(self.first_way());
        let options = match &self.authorities {
            Some(file) => options.ssl_root_cert(file),
            None => options,
        };
        match &self.certificate {
            Some((certificate, key)) => options.ssl_client_cert(certificate).ssl_client_key(key),
            None => options,
        }
    }

    const fn first_way(&self) -> PgSslMode {
        match self.mode {
            SslMode::Disable | SslMode::Allow => PgSslMode::Disable,
            SslMode::Prefer => PgSslMode::Prefer,
            // As with the clients of PostgreSQL, authorities that are named are asked.
            SslMode::Require if self.authorities.is_some() => PgSslMode::VerifyCa,
            SslMode::Require => PgSslMode::Require,
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::VerifyFull => PgSslMode::VerifyFull,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_is_what_the_clients_of_postgresql_do() {
        let with = |mode, authorities: Option<&str>| PostgresTls {
            mode,
            authorities: authorities.map(Into::into),
            certificate: None,
        };
        let way = |tls: &PostgresTls| format!("{:?}", tls.first_way());
        assert_eq!(way(&with(SslMode::Require, None)), "Require");
        assert_eq!(way(&with(SslMode::Require, Some("/ca.pem"))), "VerifyCa");
        assert_eq!(way(&with(SslMode::Allow, None)), "Disable");
        assert!(
            with(SslMode::Allow, None).second_way().is_some() && with(SslMode::Prefer, None).second_way().is_some()
        );
        assert!(with(SslMode::Require, None).second_way().is_none());
        assert!(with(SslMode::VerifyFull, None).needs_name() && !with(SslMode::VerifyCa, None).needs_name());
    }
}
