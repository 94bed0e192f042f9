//! Addresses on a chain: of accounts and of contracts.

use sha3::{Digest, Keccak256};
use std::{fmt, str::FromStr};

/// The address of an account or of a contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainAddress(pub [u8; 20]);

/// Why a text is no address of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainAddressError {
    /// It has another form.
    #[error("an address of a chain is 0x and 40 hexadecimal digits")]
    Form,
    /// Its capital letters, which are its checksum, say that a digit is wrong.
    #[error("its capital letters do not fit its digits (EIP-55): a digit is wrong, or write it in small letters alone")]
    Checksum,
}

/// Writes `0x` and 40 digits whose capital letters are the checksum of EIP-55.
impl fmt::Display for ChainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex::encode(self.0);
        let hash = hex::encode(Keccak256::digest(&digits));
        f.write_str("0x")?;
        digits.chars().zip(hash.chars()).try_for_each(|(digit, check)| {
            let digit = if check >= '8' { digit.to_ascii_uppercase() } else { digit };
            write!(f, "{digit}")
        })
    }
}

impl fmt::Debug for ChainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ChainAddress {
    type Err = ChainAddressError;

    /// Reads an address with or without `0x`; small and capital letters together have to be the checksum.
    fn from_str(text: &str) -> Result<Self, ChainAddressError> {
        let text = text.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let mut address = [0; 20];
        hex::decode_to_slice(digits, &mut address).map_err(|_| ChainAddressError::Form)?;
        let address = Self(address);
        let is_mixed =
            digits.contains(|c: char| c.is_ascii_lowercase()) && digits.contains(|c: char| c.is_ascii_uppercase());
        if is_mixed && address.to_string().get(2..) != Some(digits) {
            return Err(ChainAddressError::Checksum);
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_letters_are_the_checksum() {
        // The examples of EIP-55, and the account of the recorded cases.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xc824da01F79297eA4aD022436b2C3d3a867627fB",
        ] {
            let address: ChainAddress = text.to_lowercase().parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(text.parse(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let read = |text: &str| text.parse::<ChainAddress>().unwrap_err();
        assert_eq!(read("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), ChainAddressError::Checksum);
        assert_eq!(read("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA"), ChainAddressError::Form);
        assert_eq!(read("!contract"), ChainAddressError::Form);
    }
}
