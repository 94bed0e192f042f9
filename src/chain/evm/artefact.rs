//! The contract as it was compiled: `contracts/build` writes the file.

use serde::Deserialize;

const ARTEFACT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/AnyLog2.json"));

#[derive(Deserialize)]
struct Artefact<'a> {
    bytecode: &'a str,
}

/// Returns the code that creates the contract; nothing when the file is not what the script writes, which a test holds.
pub fn bytecode() -> Option<Vec<u8>> {
    let artefact: Artefact<'_> = serde_json::from_str(ARTEFACT).ok()?;
    hex::decode(artefact.bytecode.strip_prefix("0x")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_there_and_small_enough_for_every_chain() {
        let code = bytecode().unwrap();
        assert!((1000..24_576).contains(&code.len()), "{}", code.len());
    }
}
