//! Tokens of REST callers: a name, a role, and the hash of 32 random bytes.

use crate::node::Role;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// How every token begins, so that people and scanners recognise one.
pub const PREFIX: &str = "alm_";

/// Why a list of tokens cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "token line {line}: {what}: write name:role:hash with role read, publish or admin and the hash that `anylog-master token` printed"
)]
pub struct WrongToken {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// A fresh token: the secret for its owner, the line for `REST_TOKENS`.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What the caller sends as `Authorization: Bearer …`; shown once, stored nowhere.
    pub secret: String,
    /// `name:role:hash`, what the node keeps.
    pub line: String,
}

impl NewToken {
    /// Creates a token from the system's random source.
    ///
    /// # Errors
    /// The random source is not there.
    pub fn generate(name: &str, role: Role) -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        let secret = format!("{PREFIX}{}", hex::encode(bytes));
        let line = format!("{name}:{}:{}", role_name(role), hex::encode(hash(&secret)));
        Ok(Self { secret, line })
    }
}

/// The hash of a token: what is kept of one that was shown.
pub type TokenHash = [u8; 32];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    name: String,
    role: Role,
    hash: TokenHash,
}

/// The known tokens; holds hashes alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    list: Arc<[Token]>,
}

impl Tokens {
    /// Reads `name:role:hash` items, one a line or separated by commas or blanks; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is not of this form.
    pub fn parse(text: &str) -> Result<Self, WrongToken> {
        let mut list = Vec::new();
        for (line, written) in (1..).zip(text.lines()) {
            let items = written.split('#').next().unwrap_or_default();
            for item in items.split([',', ' ', '\t']).filter(|item| !item.is_empty()) {
                list.push(token(item).map_err(|what| WrongToken { line, what })?);
            }
        }
        Ok(Self { list: list.into() })
    }

    /// Returns name and role of a token.
    #[must_use]
    pub fn find(&self, shown: &str) -> Option<(String, Role)> {
        self.find_by_hash(&hash(shown))
    }

    /// Returns name and role of the token with a hash; every known token is compared, whichever fits.
    #[must_use]
    pub fn find_by_hash(&self, hash: &TokenHash) -> Option<(String, Role)> {
        let mut found = 0_u64;
        for (number, token) in (1_u64..).zip(self.list.iter()) {
            let same: Choice = token.hash.ct_eq(hash);
            found.conditional_assign(&number, same);
        }
        let at = usize::try_from(found).ok()?.checked_sub(1)?;
        self.list.get(at).map(|token| (token.name.clone(), token.role))
    }

    /// Tells whether no token is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

fn token(item: &str) -> Result<Token, &'static str> {
    let mut parts = item.split(':');
    let (Some(name), Some(role), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("not of three parts");
    };
    let mut digest = [0; 32];
    hex::decode_to_slice(hash, &mut digest).map_err(|_| "the hash is not of 64 hexadecimal digits")?;
    if name.is_empty() {
        return Err("no name");
    }
    Ok(Token { name: name.to_owned(), role: role_of(role).ok_or("no such role")?, hash: digest })
}

/// Reads the name of a role that a token may have.
#[must_use]
pub fn role_of(name: &str) -> Option<Role> {
    match name {
        "read" => Some(Role::Read),
        "publish" => Some(Role::Publish),
        "admin" => Some(Role::Admin),
        _ => None,
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Read => "read",
        Role::Publish => "publish",
        Role::Admin | Role::Local => "admin",
    }
}

/// Returns the hash of a token.
#[must_use]
pub fn hash(secret: &str) -> TokenHash {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_token_by_its_secret_alone() {
        let one = NewToken::generate("gui", Role::Publish).unwrap();
        let two = NewToken::generate("ops", Role::Admin).unwrap();
        let tokens = Tokens::parse(&format!("# ours\n{}\n{} # both\n", one.line, two.line)).unwrap();
        assert_eq!(tokens.find(&one.secret), Some(("gui".to_owned(), Role::Publish)));
        assert_eq!(tokens.find(&two.secret), Some(("ops".to_owned(), Role::Admin)));
        assert_eq!(tokens.find("alm_wrong"), None);
        assert_eq!(tokens.find(""), None);
        assert!(!one.line.contains(one.secret.trim_start_matches(PREFIX)), "the secret is not kept");
    }

    #[test]
    fn names_the_wrong_line() {
        let wrong = Tokens::parse("\na:read:00").unwrap_err();
        assert_eq!(wrong, WrongToken { line: 2, what: "the hash is not of 64 hexadecimal digits" });
        assert_eq!(Tokens::parse("a:root:00").unwrap_err().what, "the hash is not of 64 hexadecimal digits");
        assert_eq!(Tokens::parse("a:b").unwrap_err().what, "not of three parts");
        assert!(Tokens::parse("").unwrap().is_empty());
    }
}
