//! TLS: PEM files read into a configuration that is replaced when they change.

use crate::rest::settings::TlsFiles;
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    server::WebPkiClientVerifier,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};
use x509_cert::{Certificate, der::Decode};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A PEM file is not readable or holds nothing of the kind.
    #[error("{path}: {reason}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The parts do not fit together.
    #[error("certificate, key and authority do not fit together: {0}")]
    Parts(String),
}

/// The TLS side of a server.
pub struct Tls {
    files: TlsFiles,
    config: ArcSwap<ServerConfig>,
    read: ArcSwap<Vec<Option<SystemTime>>>,
    until: ArcSwapOption<Timestamp>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn open(files: TlsFiles) -> Result<Self, Error> {
        let read = times(&files);
        let (config, until) = config(&files)?;
        let (read, until) = (ArcSwap::from_pointee(read), ArcSwapOption::from_pointee(until));
        Ok(Self { files, config: ArcSwap::from(config), read, until })
    }

    /// Returns the configuration for the next connection.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }

    /// Tells whether requests need a client certificate.
    #[must_use]
    pub fn asks_certificate(&self) -> bool {
        self.files.authority.is_some()
    }

    /// Reads the files again; the old configuration stays when that fails.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn reload(&self) -> Result<(), Error> {
        self.read.store(Arc::new(times(&self.files)));
        let (config, until) = config(&self.files)?;
        self.config.store(config);
        self.until.store(until.map(Arc::new));
        Ok(())
    }

    /// Returns when the certificate of the server ends, if it says so.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.until.load().as_deref().copied()
    }

    /// Tells whether a file changed since it was read.
    #[must_use]
    pub fn changed(&self) -> bool {
        **self.read.load() != times(&self.files)
    }
}

/// Tells whether a server could use the files.
///
/// # Errors
/// The first file that cannot be used.
pub fn check(files: &TlsFiles) -> Result<(), Error> {
    config(files).map(|_| ())
}

fn times(files: &TlsFiles) -> Vec<Option<SystemTime>> {
    let paths = [Some(&files.certificate), Some(&files.key), files.authority.as_ref()];
    paths.into_iter().flatten().map(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok()).collect()
}

/// Returns the configuration that the files make, and when the certificate of the server ends.
fn config(files: &TlsFiles) -> Result<(Arc<ServerConfig>, Option<Timestamp>), Error> {
    let provider = Arc::new(ring::default_provider());
    let parts = |error: rustls::Error| Error::Parts(error.to_string());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(parts)?;
    let builder = match &files.authority {
        None => builder.with_no_client_auth(),
        Some(authority) => builder.with_client_cert_verifier(verifier(authority, provider)?),
    };
    let chain = certificates(&files.certificate)?;
    let until = chain.first().and_then(|certificate| end_of(certificate));
    let key = private_key(&files.key)?;
    let mut config = builder.with_single_cert(chain, key).map_err(parts)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), until))
}

/// Returns when a certificate ends.
fn end_of(certificate: &[u8]) -> Option<Timestamp> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Timestamp::from_second(i64::try_from(end.as_secs()).ok()?).ok()
}

/// Asks for a client certificate and checks it; a missing one passes the handshake and fails each request.
fn verifier(
    authority: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots.add(certificate).map_err(|error| Error::Parts(error.to_string()))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder.allow_unauthenticated().build().map_err(|error| Error::Parts(error.to_string()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let list: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match list {
        Ok(list) if list.is_empty() => {
            Err(Error::File { path: path.to_owned(), reason: "holds no certificate in PEM form".to_owned() })
        }
        Ok(list) => Ok(list),
        Err(error) => Err(wrong(path, &error)),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        pem::Error::NoItemsFound if is_locked(path) => {
            wrong(path, &"its key is locked with a password; write one without: openssl pkey -in OLD -out NEW")
        }
        pem::Error::NoItemsFound => wrong(path, &"holds no private key in PEM form"),
        error => wrong(path, &error),
    })
}

/// Tells whether a file holds a key that takes a password to open.
fn is_locked(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
}

fn wrong(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::File { path: path.to_owned(), reason: reason.to_string() }
}

/// Returns the reference's files: `ca-<ca>-public-key.crt`, `server-<server>-public-key.crt` and its key (reference/rest 1).
#[must_use]
pub fn files_of(directory: &Path, authority: &str, server: &str) -> TlsFiles {
    let name = |organisation: &str| organisation.trim().to_lowercase().replace(' ', "-").replace('\'', "");
    TlsFiles {
        certificate: directory.join(format!("server-{}-public-key.crt", name(server))),
        key: directory.join(format!("server-{}-private-key.key", name(server))),
        authority: Some(directory.join(format!("ca-{}-public-key.crt", name(authority)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_files_like_the_network_does() {
        let files = files_of(Path::new("/pem"), "Acme", "Node One's");
        assert_eq!(files.certificate, Path::new("/pem/server-node-ones-public-key.crt"));
        assert_eq!(files.key, Path::new("/pem/server-node-ones-private-key.key"));
        assert_eq!(files.authority.as_deref(), Some(Path::new("/pem/ca-acme-public-key.crt")));
    }

    #[test]
    fn tells_when_the_certificate_ends() {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("crt"), directory.path().join("key"));
        let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(2031, 5, 17);
        let pair = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&certificate, parameters.self_signed(&pair).unwrap().pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();
        let tls = Tls::open(TlsFiles { certificate, key, authority: None }).unwrap();
        assert_eq!(tls.until().unwrap().to_string(), "2031-05-17T00:00:00Z");
    }

    #[test]
    fn names_the_file_that_is_missing() {
        let error = Tls::open(files_of(Path::new("/nowhere"), "a", "b")).err().unwrap();
        assert!(error.to_string().starts_with("/nowhere/ca-a-public-key.crt: "), "{error}");
    }
}
