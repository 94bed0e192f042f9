//! Transactions as bytes: EIP-1559, and EIP-155 for chains without a base fee.

use super::{
    fee::Fee,
    signature::{Signature, address_in, keccak, sign},
};
use crate::node::platforms::{Amount, ChainAccount, ChainAddress, Fingerprint, PlatformError, SignedTransaction};
use alloy_rlp::{Decodable, EMPTY_LIST_CODE, Encodable, Header};

/// First byte of a transaction of EIP-1559.
const MARKET: u8 = 2;

/// What is signed.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// The chain for which it counts.
    pub chain_id: u64,
    /// Its number among the transactions of the account.
    pub nonce: u64,
    /// What is offered for gas.
    pub fee: Fee,
    /// The most gas that it may need.
    pub gas: u64,
    /// The contract; nothing: a new one.
    pub to: Option<ChainAddress>,
    /// The call, or the code of the new contract.
    pub data: Vec<u8>,
}

impl Unsigned {
    /// Signs it.
    ///
    /// # Errors
    /// [`PlatformError::WrongKey`].
    pub fn signed(&self, account: &ChainAccount) -> Result<SignedTransaction, PlatformError> {
        let signature = sign(&keccak(&self.bytes(None)), &account.key)?;
        let raw = self.bytes(Some(&signature));
        Ok(SignedTransaction { hash: Fingerprint(keccak(&raw)), raw, nonce: self.nonce, account: account.address })
    }

    /// Returns the bytes that are signed, or those with the signature.
    fn bytes(&self, signature: Option<&Signature>) -> Vec<u8> {
        let mut fields = Vec::with_capacity(self.data.len() + 200);
        let to: &[u8] = self.to.as_ref().map_or(&[], |to| &to.0);
        match self.fee {
            Fee::Market { most, priority } => {
                (self.chain_id, self.nonce).write(&mut fields);
                (priority.0, most.0).write(&mut fields);
                self.gas.encode(&mut fields);
            }
            Fee::Fixed(price) => {
                (self.nonce, price.0).write(&mut fields);
                self.gas.encode(&mut fields);
            }
        }
        to.encode(&mut fields);
        0_u8.encode(&mut fields); // no coins go with it
        self.data.as_slice().encode(&mut fields);
        self.write_signature(signature, &mut fields);
        let mut out = Vec::with_capacity(fields.len() + 10);
        if matches!(self.fee, Fee::Market { .. }) {
            out.push(MARKET);
        }
        Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend(fields);
        out
    }

    fn write_signature(&self, signature: Option<&Signature>, out: &mut Vec<u8>) {
        let parity = signature.map(|signature| u64::from(signature.is_odd));
        match (self.fee, parity) {
            (Fee::Market { .. }, _) => {
                out.push(EMPTY_LIST_CODE); // no addresses are announced
                parity.iter().for_each(|parity| parity.encode(out));
            }
            (Fee::Fixed(_), Some(parity)) => (u128::from(self.chain_id) * 2 + 35 + u128::from(parity)).encode(out),
            // The chain is part of what is signed.
            (Fee::Fixed(_), None) => {
                self.chain_id.encode(out);
                (0_u8, 0_u8).write(out);
            }
        }
        for number in signature.iter().flat_map(|signature| [&signature.r, &signature.s]) {
            let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
            number.get(start..).unwrap_or_default().encode(out);
        }
    }
}

/// Reads what a signed transaction offers for gas, and how much gas it may need; nothing when the bytes are none.
pub fn offer_of(raw: &[u8]) -> Option<(Fee, u64)> {
    let (is_market, mut rest) = match raw.split_first()? {
        (&MARKET, rest) => (true, rest),
        _ => (false, raw),
    };
    Header::decode(&mut rest).ok().filter(|header| header.list)?;
    let mut field = || u128::decode(&mut rest).ok();
    let fee = if is_market {
        let (_chain_id, _nonce) = (field()?, field()?);
        let (priority, most) = (Amount(field()?), Amount(field()?));
        Fee::Market { most, priority }
    } else {
        let _nonce = field()?;
        Fee::Fixed(Amount(field()?))
    };
    Some((fee, field()?.try_into().ok()?))
}

/// Two fields in a row.
trait Pair {
    fn write(&self, out: &mut Vec<u8>);
}

impl<A: Encodable, B: Encodable> Pair for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }
}

/// Returns the address of the contract that an account's transaction creates.
pub fn contract_of(account: ChainAddress, nonce: u64) -> ChainAddress {
    let mut fields = Vec::new();
    account.0.as_slice().encode(&mut fields);
    nonce.encode(&mut fields);
    let mut bytes = Vec::new();
    Header { list: true, payload_length: fields.len() }.encode(&mut bytes);
    bytes.extend(fields);
    address_in(&keccak(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::platforms::PrivateKey;

    /// The key of the examples of EIP-155.
    fn account() -> ChainAccount {
        let key = PrivateKey::parse(&"46".repeat(32)).unwrap();
        ChainAccount { address: super::super::signature::account_of(&key).unwrap(), key, chain_id: None }
    }

    #[test]
    fn transaction_without_base_fee_is_the_example_of_eip_155() {
        // Its value is one Ether there and nothing here: what is signed is compared field by field up to it.
        let unsigned = Unsigned {
            chain_id: 1,
            nonce: 9,
            fee: Fee::Fixed(Amount::gwei(20)),
            gas: 21_000,
            to: Some(ChainAddress([0x35; 20])),
            data: Vec::new(),
        };
        let text = hex::encode(unsigned.bytes(None));
        assert_eq!(text, format!("e4098504a817c800825208943535{}8080018080", "35".repeat(18)));
        let signed = unsigned.signed(&account()).unwrap();
        assert_eq!(offer_of(&signed.raw), Some((unsigned.fee, unsigned.gas)));
        assert!([37, 38].contains(&signed.raw[signed.raw.len() - 67]), "{}", hex::encode(&signed.raw));
    }

    #[test]
    fn transaction_with_base_fee_has_its_fields_in_order() {
        let unsigned = Unsigned {
            chain_id: 131_277_322_940_537,
            nonce: 1,
            fee: Fee::Market { most: Amount(0x96e4_7a72), priority: Amount::gwei(1) },
            gas: 0x5_4451,
            to: Some("0x6e8937ecf40894B9c734084cc1756C87e23387C4".parse().unwrap()),
            data: vec![0x06, 0xe6],
        };
        // The beginning of the transaction of relay-13 in vectors/ledger/relay_platform.json, with another call.
        let recorded = "8677656233707901843b9aca008496e47a7283054451946e8937ecf40894b9c734084cc1756c87e23387c480";
        assert_eq!(hex::encode(unsigned.bytes(None)), format!("02f0{recorded}8206e6c0"));
        let signed = unsigned.signed(&account()).unwrap();
        assert_eq!(offer_of(&signed.raw), Some((unsigned.fee, unsigned.gas)));
        assert_eq!(offer_of(&[]), None);
    }

    #[test]
    fn new_contract_has_the_recorded_address() {
        let account = "0xc824da01F79297eA4aD022436b2C3d3a867627fB".parse().unwrap();
        assert_eq!(contract_of(account, 0).to_string(), "0x6e8937ecf40894B9c734084cc1756C87e23387C4");
    }
}
