//! Providers over HTTPS: authorities of their own, logins, paths that are keys, and addresses of IPv6.

use crate::support::tls_provider::TlsProvider;
use anylog_master::{
    chain::EvmMaker,
    node::platforms::{ChainOptions, PlatformError, PlatformName, Platforms, Provider},
};
use std::sync::Arc;

/// The path that a provider of the web gives a customer.
const PATH: &str = "/v3/0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn an_authority_of_its_own_is_trusted_when_it_is_named_and_the_login_is_sent_and_never_shown() {
    for (address, host) in [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")] {
        let Some(server) = TlsProvider::start(address).await else {
            crate::support::skipped(format_args!("this machine has no {address}"));
            continue;
        };
        let url = format!("https://al:s3cret@{host}:{}{PATH}", server.port);
        let platforms = Platforms::new(Arc::new(EvmMaker), ChainOptions::default());
        let provider: Provider = url.parse().unwrap();
        let error = platforms.connect(PlatformName::Ethereum, provider.clone()).await.err().unwrap();
        assert!(
            matches!(&error, PlatformError::Unavailable { reason, .. } if reason.contains("certificate")),
            "{error}"
        );
        let told = format!("{error} {error:?} {provider} {provider:?}");
        assert!(!told.contains("s3cret") && !told.contains(PATH), "{told}");
        assert!(server.heads().is_empty(), "nothing is sent to who is not trusted");

        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        std::fs::write(&file, &server.authority).unwrap();
        let provider = provider.trusting(Some(file));
        let platform = platforms.connect(PlatformName::Ethereum, provider).await.unwrap();
        assert_eq!(platform.client().client_version().await.as_deref(), Ok("double/1"));
        assert_eq!(platform.client().chain_id().await, Ok(31_337));
        for head in server.heads() {
            assert!(head.starts_with(&format!("POST {PATH} HTTP/1.1\r\n")), "{head}");
            assert!(head.lines().any(|line| line.ends_with("Basic YWw6czNjcmV0")), "{head}");
        }
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named() {
    let provider: Provider = "https://127.0.0.1:1".parse().unwrap();
    let platforms = Platforms::new(Arc::new(EvmMaker), ChainOptions::default());
    let provider = provider.trusting(Some("/no/such/authority.pem".into()));
    let error = platforms.connect(PlatformName::Ethereum, provider).await.err().unwrap();
    assert!(error.to_string().contains("/no/such/authority.pem"), "{error}");
}
