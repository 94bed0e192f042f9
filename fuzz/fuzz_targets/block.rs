//! Arbitrary bytes as the blocks of one connection, the last one filled up with zeros: decoding never panics, and what
//! decodes encodes again to the same message.
#![no_main]

use anylog_block::{Assembly, BLOCK, Block, CONTENT, Header, Message, Outgoing, Rule};
use libfuzzer_sys::fuzz_target;

/// Largest message.
const LIMIT: usize = 1 << 20;
/// Bytes that a command has to leave for data: those of the longest character.
const ROOM: usize = 4;

/// Joins the blocks of a message that was encoded here.
fn joined(raw: &[u8]) -> Option<Message> {
    let mut assembly = Assembly::new(LIMIT);
    raw.chunks(BLOCK).find_map(|block| {
        let block = Block::decode(block.try_into().expect("whole blocks")).expect("a block that was encoded");
        assembly.push(block).expect("blocks in their order")
    })
}

fuzz_target!(|data: &[u8]| {
    let mut assembly = Assembly::new(LIMIT);
    for chunk in data.chunks(BLOCK) {
        let mut raw = [0; BLOCK];
        raw[..chunk.len()].copy_from_slice(chunk);
        let Ok(block) = Block::decode(&raw) else { return };
        let Ok(done) = assembly.push(block) else { return };
        if let Some(message) = done {
            let rule = if message.verb() == "file" { Rule::File } else { Rule::Reply };
            let sent = Outgoing { header: message.header, command: message.command, data: message.data.into(), rule };
            let mut raw = Vec::new();
            if sent.encode(&mut raw).is_err() {
                assert!(sent.command.len() > CONTENT - ROOM, "there is room for data");
                return;
            }
            let again = joined(&raw).expect("what was encoded is a whole message");
            let header = Header { number: 1, last: again.header.last, rows: 0, ..sent.header.clone() };
            assert_eq!((&again.header, &again.command), (&header, &sent.command));
            let whole = sent.data.to_vec();
            // A reply with an error has one block, and what does not fit it is left out.
            let is_cut = sent.rule == Rule::Reply && sent.header.error != 0;
            assert!(if is_cut { whole.starts_with(&again.data) } else { whole == again.data });
            return;
        }
    }
});
