//! Arbitrary bytes as the blocks of one connection, the last one filled up with zeros: decoding never panics, and what
//! decodes encodes again.
#![no_main]

use anylog_block::{Outgoing, Rule, Assembly, BLOCK, Block};

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut assembly = Assembly::new(1 << 20);
    for chunk in data.chunks(BLOCK) {
        let mut raw = [0; BLOCK];
        raw[..chunk.len()].copy_from_slice(chunk);
        let Ok(block) = Block::decode(&raw) else { return };
        let Ok(done) = assembly.push(block) else { return };
        if let Some(message) = done {
            let rule = if message.verb() == "file" { Rule::File } else { Rule::Reply };
            let again = Outgoing { header: message.header, command: message.command, data: message.data.into(), rule };
            let _ = again.encode(&mut Vec::new());
            return;
        }
    }
});
