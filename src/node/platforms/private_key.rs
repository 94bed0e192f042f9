//! The secret key of an account on a chain.

use secrecy::{ExposeSecret, SecretBox, SecretString, zeroize::Zeroize};
use std::fmt;

/// The private key of an account: it is never printed, and its memory is cleared when it is dropped.
pub struct PrivateKey(SecretBox<[u8; 32]>);

/// A text is no private key; it is not told, as it may be nearly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a private key is 64 hexadecimal digits, with or without 0x before them")]
pub struct PrivateKeyError;

impl PrivateKey {
    /// Takes the bytes of a key.
    #[must_use]
    pub fn new(bytes: Box<[u8; 32]>) -> Self {
        Self(SecretBox::new(bytes))
    }

    /// Reads a key from its digits, with or without `0x`.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, PrivateKeyError> {
        let text = text.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let mut bytes = Box::new([0; 32]);
        if hex::decode_to_slice(digits, bytes.as_mut_slice()).is_err() {
            bytes.zeroize();
            return Err(PrivateKeyError);
        }
        Ok(Self::new(bytes))
    }

    /// Returns the bytes, for who signs with them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// Returns the digits with `0x` before them, for `create account`, the one place that shows a key, and only a new one.
    #[must_use]
    pub fn expose_digits(&self) -> SecretString {
        format!("0x{}", hex::encode(self.expose())).into()
    }
}

impl Clone for PrivateKey {
    fn clone(&self) -> Self {
        Self::new(Box::new(*self.expose()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_read_with_and_without_its_prefix_and_never_printed() {
        let digits = "4c".repeat(32);
        let (with, without) = (PrivateKey::parse(&format!("0x{digits}")).unwrap(), PrivateKey::parse(&digits).unwrap());
        assert_eq!(with.expose(), without.expose());
        assert_eq!(format!("{with:?}"), "PrivateKey(********)");
        assert_eq!(with.expose_digits().expose_secret(), format!("0x{digits}"));
    }

    #[test]
    fn mistake_does_not_tell_the_text() {
        let error = PrivateKey::parse(&"4c".repeat(31)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("4c"));
    }
}
