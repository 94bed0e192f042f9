//! Tokens that every change has to carry, so that no page but one of this node can ask for one.

use hyper::StatusCode;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::page_error::ConsoleError;

/// Name of the field of a form that carries the token.
pub const FIELD: &str = "csrf";
/// Name of the header line that carries it instead.
pub const HEADER: &str = "x-csrf-token";

/// What the tokens of this run of the program are made from.
#[derive(Debug)]
pub struct CsrfSecret([u8; 32]);

impl CsrfSecret {
    /// Takes a secret from the system's random source.
    ///
    /// # Errors
    /// The random source is not there.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Returns the token of somebody: of a session by its hash, of who has none by a name.
    #[must_use]
    pub fn token(&self, of: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(of);
        hex::encode(hash.finalize())
    }
}

/// Compares the token that a request carries with the one that it has to carry.
///
/// # Errors
/// It carries none, or another one.
pub fn check(expected: &str, shown: Option<&str>) -> Result<(), ConsoleError> {
    let is_right = shown.is_some_and(|shown| bool::from(shown.as_bytes().ct_eq(expected.as_bytes())));
    if is_right {
        return Ok(());
    }
    let detail =
        "the form was not made for this session, or the session has ended meanwhile: load the page again and repeat it";
    Err(ConsoleError::new(StatusCode::FORBIDDEN, "Nothing was changed", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_session_and_of_one_run() {
        let (one, other) = (CsrfSecret::generate().unwrap(), CsrfSecret::generate().unwrap());
        let token = one.token(b"session");
        assert_eq!(token, one.token(b"session"));
        assert_eq!(token.len(), 64);
        assert!(check(&token, Some(&token)).is_ok());
        for wrong in [Some(one.token(b"another")), Some(other.token(b"session")), Some(String::new()), None] {
            assert_eq!(check(&token, wrong.as_deref()).unwrap_err().status(), StatusCode::FORBIDDEN);
        }
    }
}
