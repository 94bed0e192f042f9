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
    // The authentication is not written, so that what was read always fits.
    block.encode(&mut again).expect("a block that was read");
    let again: [u8; BLOCK] = again.try_into().expect("a block has its length");
    assert_eq!(Block::decode(&again).as_ref(), Ok(&block));
});
