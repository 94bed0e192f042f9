//! How calls of a contract are written and its answers read: the few types that the contract of policies has.

use crate::node::platforms::Fingerprint;
use sha3::{Digest, Keccak256};

/// Bytes of everything that has a fixed size.
const WORD: usize = 32;

/// An argument of a function.
#[derive(Clone, Copy, Debug)]
pub enum Argument<'a> {
    /// `string`.
    Text(&'a str),
    /// `uint256`.
    Number(u64),
}

/// Writes the call of a function, such as `insert(string,string)`.
pub fn call(signature: &str, arguments: &[Argument<'_>]) -> Vec<u8> {
    let selector = Keccak256::digest(signature);
    let mut head: Vec<u8> = selector.iter().take(4).copied().collect();
    let (mut tail, mut at) = (Vec::new(), arguments.len() * WORD);
    for argument in arguments {
        match argument {
            Argument::Number(number) => head.extend(word(*number)),
            Argument::Text(text) => {
                head.extend(word(at as u64));
                let size = text.len().next_multiple_of(WORD);
                tail.extend(word(text.len() as u64));
                tail.extend(text.as_bytes());
                tail.resize(tail.len() + size - text.len(), 0);
                at += WORD + size;
            }
        }
    }
    head.extend(tail);
    head
}

fn word(number: u64) -> [u8; WORD] {
    let mut word = [0; WORD];
    if let Some(last) = word.last_chunk_mut() {
        *last = number.to_be_bytes();
    }
    word
}

/// What a function returned: nothing is taken for granted, as any program may stand at an address.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a>(pub &'a [u8]);

impl<'a> Returned<'a> {
    /// Returns the number at a place among the values.
    pub fn number(self, place: usize) -> Option<u64> {
        let (high, low) = self.word(place * WORD)?.split_last_chunk()?;
        high.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*low))
    }

    /// Returns the 32 bytes at a place among the values.
    pub fn fingerprint(self, place: usize) -> Option<Fingerprint> {
        self.word(place * WORD).copied().map(Fingerprint)
    }

    /// Returns the text at a place among the values; what is no UTF-8 in it is replaced.
    pub fn text(self, place: usize) -> Option<String> {
        self.bytes(place).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn bytes(self, place: usize) -> Option<&'a [u8]> {
        let at = usize::try_from(self.number(place)?).ok()?;
        let inner = self.from(at)?;
        let length = usize::try_from(inner.number(0)?).ok()?;
        inner.0.get(WORD..WORD.checked_add(length)?)
    }

    /// Returns the texts of the list at a place among the values; nothing when together they are longer than the answer: a
    /// contract gives each its own bytes, and places that all name the same ones would make a short answer fill the memory.
    pub fn texts(self, place: usize) -> Option<Vec<String>> {
        let at = usize::try_from(self.number(place)?).ok()?;
        let list = self.from(at)?;
        let length = usize::try_from(list.number(0)?).ok()?;
        let items = list.from(WORD)?;
        if length > items.0.len() / WORD {
            return None;
        }
        let mut left = items.0.len();
        let mut texts = Vec::with_capacity(length);
        for item in 0..length {
            let bytes = items.bytes(item)?;
            left = left.checked_sub(bytes.len())?;
            texts.push(String::from_utf8_lossy(bytes).into_owned());
        }
        Some(texts)
    }

    fn word(self, at: usize) -> Option<&'a [u8; WORD]> {
        self.0.get(at..)?.first_chunk()
    }

    fn from(self, at: usize) -> Option<Self> {
        self.0.get(at..).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_the_selectors_of_the_reference() {
        let selector = |signature| hex::encode(&call(signature, &[])[..4]);
        assert_eq!(selector("insert(string,string)"), "06e63ff8");
        assert_eq!(selector("updatePolicy(string,string)"), "2709a3f8");
        assert_eq!(selector("deletePolicy(string)"), "a0e60c18");
        assert_eq!(selector("num_policies()"), "cb5a56c7");
        assert_eq!(selector("policies(uint256)"), "d3e89483");
        assert_eq!(selector("policy_ids(uint256)"), "b13681dc");
        assert_eq!(selector("transaction_count()"), "f7ff50e2");
    }

    #[test]
    fn call_is_the_recorded_one() {
        let text = r#"{"device": {"name": "d1", "id": "dv-1", "date": "2026-01-01T00:00:00.000000Z"}}"#;
        let data = hex::encode(call("insert(string,string)", &[Argument::Text("dv-1"), Argument::Text(text)]));
        // The transaction of relay-13 in vectors/ledger/relay_platform.json.
        assert_eq!(
            data,
            concat!(
                "06e63ff8",
                "0000000000000000000000000000000000000000000000000000000000000040",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "0000000000000000000000000000000000000000000000000000000000000004",
                "64762d3100000000000000000000000000000000000000000000000000000000",
                "000000000000000000000000000000000000000000000000000000000000004f",
                "7b22646576696365223a207b226e616d65223a20226431222c20226964223a20",
                "2264762d31222c202264617465223a2022323032362d30312d30315430303a30",
                "303a30302e3030303030305a227d7d0000000000000000000000000000000000"
            )
        );
    }

    #[test]
    fn texts_and_lists_are_read_again() {
        let written = call("f(string,uint256,string)", &[Argument::Text("é"), Argument::Number(7), Argument::Text("")]);
        let returned = Returned(&written[4..]);
        assert_eq!(
            (returned.text(0), returned.number(1), returned.text(2)),
            (Some("é".into()), Some(7), Some("".into()))
        );
        let items = call("f(string,string)", &[Argument::Text("a"), Argument::Text("b")]);
        let list = [&word(32)[..], &word(2), &items[4..]].concat();
        assert_eq!(Returned(&list).texts(0), Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn texts_are_not_longer_than_the_answer() {
        let text = [&word(3)[..], b"abc", &[0; 29]].concat();
        let items: Vec<u8> = (0..100).flat_map(|_| word(100 * WORD as u64)).chain(text).collect();
        let list = [&word(32)[..], &word(100), &items].concat();
        assert_eq!(Returned(&list).texts(0).map(|texts| texts.len()), Some(100), "300 bytes of 3264");
        let long = [&word(3000)[..], &[b'x'; 3008]].concat();
        let items: Vec<u8> = (0..100).flat_map(|_| word(100 * WORD as u64)).chain(long).collect();
        let list = [&word(32)[..], &word(100), &items].concat();
        assert_eq!(Returned(&list).texts(0), None, "300,000 bytes of 6,240");
    }

    #[test]
    fn nonsense_is_nothing() {
        let far = [&word(u64::MAX)[..], &word(u64::MAX)].concat();
        let long = [&word(32)[..], &word(u64::MAX)].concat();
        for bytes in [&far[..], &long, &word(32), &[0xff; 64], &[]] {
            let returned = Returned(bytes);
            assert_eq!((returned.text(0), returned.texts(0), returned.number(9)), (None, None, None), "{bytes:?}");
        }
    }
}
