//! Keys and signatures of the curve secp256k1.

use crate::node::platforms::{ChainAddress, NewAccount, PlatformError, PrivateKey};
use k256::ecdsa::SigningKey;
use sha3::{Digest, Keccak256};

/// A signature, and which of two keys made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// First number.
    pub r: [u8; 32],
    /// Second number, always the smaller of the two that fit.
    pub s: [u8; 32],
    /// True when the point's second coordinate is odd.
    pub is_odd: bool,
}

/// Signs a hash; the same key and hash have one signature alone (RFC 6979).
///
/// # Errors
/// [`PlatformError::WrongKey`].
pub fn sign(hash: &[u8; 32], key: &PrivateKey) -> Result<Signature, PlatformError> {
    let (signature, recovery) = signing_key(key)?.sign_prehash_recoverable(hash);
    let (r, s) = signature.split_bytes();
    Ok(Signature { r: r.into(), s: s.into(), is_odd: recovery.is_y_odd() })
}

/// Returns the account of a key: the end of the hash of its public point.
///
/// # Errors
/// [`PlatformError::WrongKey`].
pub fn account_of(key: &PrivateKey) -> Result<ChainAddress, PlatformError> {
    let point = signing_key(key)?.verifying_key().to_sec1_point(false);
    // The first byte says that both coordinates follow.
    Ok(address_in(&keccak(point.as_bytes().get(1..).unwrap_or_default())))
}

/// Makes a new account.
///
/// # Errors
/// [`PlatformError::NoRandomness`].
pub fn new_account() -> Result<NewAccount, PlatformError> {
    loop {
        let mut bytes = Box::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| PlatformError::NoRandomness(error.to_string()))?;
        let key = PrivateKey::new(bytes);
        // One number in 2^128 is no key.
        if let Ok(address) = account_of(&key) {
            return Ok(NewAccount { address, key });
        }
    }
}

/// Returns the hash by which chains of this kind name everything.
pub fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// Returns the address in the last 20 bytes of a hash.
pub fn address_in(hash: &[u8; 32]) -> ChainAddress {
    ChainAddress(hash.last_chunk().copied().unwrap_or_default())
}

fn signing_key(key: &PrivateKey) -> Result<SigningKey, PlatformError> {
    SigningKey::from_slice(key.expose()).map_err(|_| PlatformError::WrongKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_of_a_known_key_is_known() {
        // The first account of every test chain.
        let key = PrivateKey::parse("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80").unwrap();
        assert_eq!(account_of(&key).unwrap().to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    }

    #[test]
    fn numbers_outside_of_the_curve_are_no_keys() {
        for number in ["00", "ff"] {
            let key = PrivateKey::parse(&number.repeat(32)).unwrap();
            assert_eq!(account_of(&key), Err(PlatformError::WrongKey));
        }
    }

    #[test]
    fn new_accounts_differ_and_fit_their_keys() {
        let (one, other) = (new_account().unwrap(), new_account().unwrap());
        assert_ne!(one.address, other.address);
        assert_eq!(account_of(&one.key), Ok(one.address));
    }
}
