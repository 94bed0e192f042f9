//! Arbitrary bytes as the header of a block: reading never panics, and what is read is written as the same header again.
#![no_main]

use anylog_block::{BLOCK, Block};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut raw = [0; BLOCK];
    let length = data.len().min(BLOCK);
    raw[..length].copy_from_slice(&data[..length]);
    let Ok(block) = Block::decode(&raw) else { return };
    let mut again = Vec::new();
    // A name that came in 128 bytes may be longer once it is checked, and the authentication is not written.
    if block.encode(&mut again).is_err() {
        return;
    }
    let again: [u8; BLOCK] = again.try_into().expect("a block has its length");
    assert_eq!(Block::decode(&again).as_ref(), Ok(&block));
});
