//! An arbitrary message of this node: cut into blocks by each rule and joined again, it is the same, and joining blocks in a wrong
//! order never panics.
#![no_main]

use anylog_block::{Assembly, BLOCK, Block, Header, Job, Message, Outgoing, ReturnAddress, Rule, cut};
use libfuzzer_sys::fuzz_target;

/// Bytes of the longest body: several blocks by each rule. A longer one has more of the same blocks and takes as much longer.
const LONGEST: usize = 6 * BLOCK;

/// Takes so many bytes from the front.
fn taken<const N: usize>(data: &mut &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    let length = data.len().min(N);
    bytes[..length].copy_from_slice(&data[..length]);
    *data = &data[length..];
    bytes
}

fn joined(blocks: &[[u8; BLOCK]]) -> Option<Message> {
    let mut assembly = Assembly::new(1 << 20);
    for raw in blocks {
        if let Some(message) = assembly.push(Block::decode(raw).ok()?).ok()? {
            return Some(message);
        }
    }
    None
}

fuzz_target!(|data: &[u8]| {
    let mut data = data;
    let [rule, length, info, flag, slot, id, order, repeat] = taken::<8>(&mut data);
    let command = String::from_utf8_lossy(&data[..data.len().min(length.into())]).into_owned();
    let body: Vec<u8> = data.iter().copied().cycle().take(data.len() * usize::from(repeat)).take(LONGEST).collect();
    let (rule, body) = match rule % 3 {
        0 => (Rule::File, body),
        1 => (Rule::Reply, String::from_utf8_lossy(&body).into_owned().into_bytes()),
        _ => {
            let rows: Vec<String> =
                body.split(|byte| *byte == b'\n').map(|row| String::from_utf8_lossy(row).into()).collect();
            let (bytes, blocks) = cut(&rows, command.len());
            (Rule::Rows(blocks), bytes)
        }
    };
    let header = Header {
        info,
        flag: flag.into(),
        job: Job { slot: slot.into(), id: id.into() },
        receivers: 1,
        partitions: 1,
        source: ReturnAddress::new("127.0.0.1", 32_048),
        ..Header::default()
    };
    let message = Outgoing { header, command, data: body.into(), rule };
    let mut raw = Vec::new();
    if message.encode(&mut raw).is_err() {
        return;
    }
    let mut blocks: Vec<[u8; BLOCK]> = raw.chunks(BLOCK).map(|block| block.try_into().expect("whole blocks")).collect();
    let whole = joined(&blocks).expect("the blocks of a message in their order");
    assert_eq!((whole.command, whole.data), (message.command, message.data.to_vec()));
    let count = blocks.len();
    blocks.swap(usize::from(order) % count, count - 1);
    let _ = joined(&blocks);
});
