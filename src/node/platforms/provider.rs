//! Where a chain is reached.

use crate::config::without_url_keys;
use hyper::{
    Uri,
    http::uri::{PathAndQuery, Scheme},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The URL of a node of the chain that takes JSON-RPC calls over HTTP or HTTPS. What it shows has no password in it, and no
/// key in its path: providers of the web give each customer a path of its own (`/v3/<key>`).
#[derive(Clone)]
pub struct Provider {
    url: Uri,
    login: Option<SecretString>,
    shown: String,
    /// File with the authorities that its certificate is trusted by; nothing: those that browsers trust.
    authority: Option<PathBuf>,
}

/// Why a text is no address of a provider; the text is not told, as it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It is no URL.
    #[error("a provider is a URL such as http://10.0.0.5:8545 or https://user:password@host/path")]
    Url,
    /// Its scheme is another one.
    #[error("a provider is asked over http:// or https://")]
    Scheme,
}

impl Provider {
    /// Returns the URL to which requests go, without the login.
    #[must_use]
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// Returns the login of the URL, `user:password`, if it has one.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.login.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Trusts the authorities of a PEM file alone, in place of those that browsers trust.
    #[must_use]
    pub fn trusting(self, authority: Option<PathBuf>) -> Self {
        Self { authority, ..self }
    }

    /// Returns the file with the authorities that are trusted, if it is not those that browsers trust.
    #[must_use]
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }
}

impl FromStr for Provider {
    type Err = ProviderError;

    fn from_str(text: &str) -> Result<Self, ProviderError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(ProviderError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return Err(ProviderError::Scheme),
        };
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(authority_end);
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(decoded(login)?), place),
            None => (None, authority),
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let path: PathAndQuery = path.parse().map_err(|_| ProviderError::Url)?;
        let url = Uri::builder().scheme(scheme).authority(place).path_and_query(path);
        let url = url.build().map_err(|_| ProviderError::Url)?;
        if url.host().is_none_or(str::is_empty) {
            return Err(ProviderError::Url);
        }
        Ok(Self {
            url,
            login: login.map(SecretString::from),
            shown: without_url_keys(text).into_owned(),
            authority: None,
        })
    }
}

/// Returns a login with its `%XX` read.
fn decoded(login: &str) -> Result<String, ProviderError> {
    percent_encoding::percent_decode_str(login).decode_utf8().map(String::from).map_err(|_| ProviderError::Url)
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_is_taken_out_of_the_url_and_masked() {
        let provider: Provider = "https://al:p%40ss@[::1]:8545/rpc?x=1".parse().unwrap();
        assert_eq!(provider.url(), "https://[::1]:8545/rpc?x=1");
        assert_eq!(provider.login(), Some("al:p@ss"));
        assert_eq!(provider.to_string(), "https://al:********@[::1]:8545/rpc?x=1");
        assert!(!format!("{provider:?}").contains("p%40ss"));
    }

    #[test]
    fn path_that_is_a_key_is_masked_and_asked() {
        let provider: Provider = "https://mainnet.example/v3/0123456789abcdef0123456789abcdef".parse().unwrap();
        assert_eq!(provider.url().path(), "/v3/0123456789abcdef0123456789abcdef");
        assert_eq!(provider.to_string(), "https://mainnet.example/v3/********");
    }

    #[test]
    fn host_alone_is_asked_at_its_root() {
        let provider: Provider = "http://127.0.0.1:8545".parse().unwrap();
        assert_eq!(provider.url(), "http://127.0.0.1:8545/");
        assert_eq!(provider.to_string(), "http://127.0.0.1:8545");
    }

    #[test]
    fn other_schemes_are_refused() {
        assert_eq!("ws://host".parse::<Provider>().unwrap_err(), ProviderError::Scheme);
        assert_eq!("127.0.0.1:8545".parse::<Provider>().unwrap_err(), ProviderError::Scheme);
        assert_eq!("http:///path".parse::<Provider>().unwrap_err(), ProviderError::Url);
    }
}
