//! The certificate that a client shows to a server that asks for one, with the key that proves it.

use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Files with a certificate and its key, both PEM.
#[derive(Clone, Debug)]
pub struct ClientIdentity {
    /// The certificate, and behind it those that lead to its authority.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
}

impl ClientIdentity {
    /// Returns TLS that shows the certificate to servers that ask for one.
    ///
    /// # Errors
    /// The file that cannot be read or holds something else, or that the key is not the one of the certificate.
    pub fn shown_by(&self, tls: &ClientConfig) -> Result<ClientConfig, String> {
        let wrong = |path: &Path, reason: &dyn ToString| format!("{}: {}", path.display(), reason.to_string());
        let certificates = CertificateDer::pem_file_iter(&self.certificate).and_then(Iterator::collect::<Result<_, _>>);
        let certificates: Vec<_> = certificates.map_err(|error| wrong(&self.certificate, &error))?;
        if certificates.is_empty() {
            return Err(wrong(&self.certificate, &"there is no certificate in it"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, &error))?;
        let certified = CertifiedKey::from_der(certificates, key, &ring::default_provider());
        let certified = certified.map_err(|error| wrong(&self.key, &error))?;
        let mut tls = tls.clone();
        tls.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        Ok(tls)
    }
}
