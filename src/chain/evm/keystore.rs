//! Keystore files of version 3: a private key that a password closes, as geth, foundry and wallets write it.

use super::signature::keccak;
use crate::node::platforms::{PlatformError, PrivateKey};
use aes::{
    Aes128,
    cipher::{KeyIvInit, StreamCipher},
};
use ctr::Ctr128BE;
use pbkdf2::pbkdf2_hmac;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Memory that the stretching of a password may take: the files of geth take 256 MB.
const MEMORY: u64 = 1024 * 1024 * 1024;
/// Rounds that the other way of stretching may take.
const ROUNDS: u32 = 10_000_000;

#[derive(Deserialize)]
struct Keystore {
    version: u64,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Deserialize)]
struct Crypto {
    cipher: String,
    ciphertext: String,
    cipherparams: CipherParams,
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: String,
}

/// How the password is stretched.
#[derive(Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { n: u64, r: u32, p: u32, salt: String },
    Pbkdf2 { c: u32, prf: String, salt: String },
}

/// Opens a keystore.
///
/// # Errors
/// [`PlatformError::Keystore`] when the text is none, is of a kind that is not known, or the password is another one.
pub fn open(text: &str, password: &SecretString) -> Result<PrivateKey, PlatformError> {
    let store: Keystore = serde_json::from_str(text).map_err(|_| refused("it is no keystore of version 3"))?;
    let crypto = store.crypto;
    if store.version != 3 || crypto.cipher != "aes-128-ctr" {
        return Err(refused("version 3 with aes-128-ctr is read alone"));
    }
    let closed = bytes(&crypto.ciphertext)?;
    let stretched = stretched(&crypto.kdf, password)?;
    let (key, check) = stretched.split_at(16);
    let mac = keccak(&[check, &closed].concat());
    if !bool::from(mac.ct_eq(&bytes(&crypto.mac)?)) {
        return Err(refused("the password is another one"));
    }
    let iv = bytes(&crypto.cipherparams.iv)?;
    let mut cipher = Ctr128BE::<Aes128>::new_from_slices(key, &iv).map_err(|_| refused("its iv has not 16 bytes"))?;
    let mut opened = Box::new([0; 32]);
    let closed: &[u8; 32] = closed.as_slice().try_into().map_err(|_| refused("its key has not 32 bytes"))?;
    opened.copy_from_slice(closed);
    cipher.apply_keystream(opened.as_mut_slice());
    Ok(PrivateKey::new(opened))
}

fn stretched(kdf: &Kdf, password: &SecretString) -> Result<Zeroizing<[u8; 32]>, PlatformError> {
    let (mut out, password) = (Zeroizing::new([0; 32]), password.expose_secret().as_bytes());
    match kdf {
        Kdf::Scrypt { n, r, p, salt } => {
            let memory = n.saturating_mul(128).saturating_mul(u64::from(*r));
            if !n.is_power_of_two() || memory > MEMORY || *p > 16 {
                return Err(refused("its password is stretched with more memory than this node gives"));
            }
            let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
            let params = scrypt::Params::new(log_n, *r, *p).map_err(|error| refused(&error.to_string()))?;
            scrypt::scrypt(password, &bytes(salt)?, &params, out.as_mut_slice())
                .map_err(|error| refused(&error.to_string()))?;
        }
        Kdf::Pbkdf2 { c, prf, salt } if prf == "hmac-sha256" && *c <= ROUNDS => {
            pbkdf2_hmac::<Sha256>(password, &bytes(salt)?, *c, out.as_mut_slice());
        }
        Kdf::Pbkdf2 { .. } => return Err(refused("hmac-sha256 with at most 10,000,000 rounds is read alone")),
    }
    Ok(out)
}

fn bytes(digits: &str) -> Result<Vec<u8>, PlatformError> {
    hex::decode(digits.strip_prefix("0x").unwrap_or(digits)).map_err(|_| refused("a part of it is not hexadecimal"))
}

fn refused(why: &str) -> PlatformError {
    PlatformError::Keystore(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of the definition of the format; both hold the same key.
    const SCRYPT: &str = r#"{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c", "kdf": "scrypt",
        "kdfparams": {"dklen": 32, "n": 262144, "p": 8, "r": 1,
        "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}"#;
    const PBKDF2: &str = r#"{"crypto": {"cipher": "aes-128-ctr", "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46", "kdf": "pbkdf2",
        "kdfparams": {"c": 262144, "dklen": 32, "prf": "hmac-sha256",
        "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}"#;

    #[test]
    fn examples_of_the_format_open_with_their_password() {
        for store in [SCRYPT, PBKDF2] {
            let key = open(store, &"testpassword".to_owned().into()).unwrap();
            assert_eq!(hex::encode(key.expose()), "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
        }
    }

    #[test]
    fn what_does_not_open_says_why() {
        let why = |text: &str| open(text, &"another".to_owned().into()).unwrap_err().to_string();
        assert!(why(PBKDF2).ends_with("the password is another one"));
        assert!(why("{}").ends_with("no keystore of version 3"));
        assert!(why(&SCRYPT.replace("262144", "1073741824")).ends_with("more memory than this node gives"));
    }
}
