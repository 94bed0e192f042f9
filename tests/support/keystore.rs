//! Keystore files of version 3, as wallets write them, with passwords that are stretched only a little.

use aes::{
    Aes128,
    cipher::{KeyIvInit, StreamCipher},
};
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};

/// How a password is stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretching {
    Scrypt,
    Pbkdf2,
}

/// Returns the text of a file that holds a key, given by its digits.
pub fn keystore(digits: &str, password: &str, stretching: Stretching) -> String {
    let (salt, iv, mut stretched) = ([7; 32], [9; 16], [0; 32]);
    let (kdf, parameters): (&str, Value) = match stretching {
        Stretching::Scrypt => {
            let parameters = scrypt::Params::new(10, 8, 1).unwrap();
            scrypt::scrypt(password.as_bytes(), &salt, &parameters, &mut stretched).unwrap();
            ("scrypt", json!({ "dklen": 32, "n": 1024, "r": 8, "p": 1, "salt": hex::encode(salt) }))
        }
        Stretching::Pbkdf2 => {
            pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password.as_bytes(), &salt, 1_000, &mut stretched);
            ("pbkdf2", json!({ "dklen": 32, "c": 1000, "prf": "hmac-sha256", "salt": hex::encode(salt) }))
        }
    };
    let mut text = hex::decode(digits).unwrap();
    let mut cipher = ctr::Ctr128BE::<Aes128>::new_from_slices(&stretched[..16], &iv).unwrap();
    cipher.apply_keystream(&mut text);
    let mac = Keccak256::digest([&stretched[16..], &text[..]].concat());
    json!({
        "version": 3,
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": hex::encode(iv) },
            "ciphertext": hex::encode(&text),
            "kdf": kdf,
            "kdfparams": parameters,
            "mac": hex::encode(mac),
        },
    })
    .to_string()
}
