//! The block codec against every recorded block of two reference nodes, and against arbitrary bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

use anylog_block::Error;
use anylog_block::{Assembly, BLOCK, Block, CONTENT, HEADER, Header, Job, Message, Outgoing, ReturnAddress, Rule};
use proptest::prelude::*;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// Bytes that mean nothing over TCP: hash, socket, time, thread; reply flag; partition number and two times.
const UNUSED: [std::ops::Range<usize>; 3] = [0..30, 49..50, 62..72];

fn sessions() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/tcp");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.file_name().unwrap() != "index.json")
        .map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        .collect()
}

fn bytes(hex: &Value) -> [u8; BLOCK] {
    let hex = hex.as_str().unwrap();
    let all: Vec<u8> = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    all.try_into().unwrap()
}

/// Runs a check on each recorded block: session, entry, bytes.
fn each_block(mut check: impl FnMut(&Value, &Value, &[u8; BLOCK])) {
    let mut blocks = 0;
    for session in sessions() {
        for entry in session["entries"].as_array().unwrap() {
            if entry["event"] == "block" {
                check(&session, entry, &bytes(&entry["hex"]));
                blocks += 1;
            }
        }
    }
    assert!(blocks > 300, "only {blocks} recorded blocks");
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn recorded_blocks_decode_to_the_recorded_fields() {
    each_block(|session, entry, raw| {
        let name = &session["session"];
        let want = &entry["decoded"];
        let bad = ["fail_cmd_len", "fail_used_len", "fail_ip_len", "fail_bad_utf8"];
        let block = match Block::decode(raw) {
            Ok(block) => block,
            Err(error) => {
                assert!(bad.iter().any(|bad| name == bad), "{name}: {error}");
                return;
            }
        };
        let head = &block.header;
        let pairs = [
            (u64::from(head.number), "block_no"),
            (u64::from(head.structure), "data_struct"),
            (u64::from(head.info), "info_type"),
            (u64::from(head.error), "error"),
            (u64::from(head.rows), "json_count"),
            (u64::from(head.job.slot), "job_location"),
            (u64::from(head.job.id), "job_id"),
            (u64::from(head.receivers), "receivers"),
            (u64::from(head.receiver), "receiver_id"),
            (u64::from(head.partitions), "par_used"),
            (u64::from(head.source.port), "src_port"),
            (u64::from(head.flag), "generic_flag"),
        ];
        for (found, key) in pairs {
            assert_eq!(found, number(&want[key]), "{name}: {key}");
        }
        assert_eq!(head.last, number(&want["last_flag"]) == 1, "{name}");
        assert_eq!(head.source.host, want["src_ip"].as_str().unwrap(), "{name}");
        assert_eq!(block.command, want["command"].as_str().unwrap(), "{name}");
        assert_eq!(String::from_utf8_lossy(&block.data), want["data"].as_str().unwrap(), "{name}");
    });
}

#[test]
fn recorded_blocks_encode_to_the_same_bytes() {
    each_block(|session, entry, raw| {
        let Ok(block) = Block::decode(raw) else { return };
        if number(&entry["decoded"]["auth_len"]) > 0 {
            return; // This node never fills the segment.
        }
        let mut ours = Vec::new();
        block.encode(&mut ours).unwrap();
        let used = HEADER + block.command.len() + block.data.len();
        let host = 73 + block.header.source.host.len()..201;
        for at in (0..used).filter(|at| !UNUSED.iter().chain([&host]).any(|range| range.contains(at))) {
            if at == 35 && raw[at] > 1 {
                continue; // fail_last_flag_2: neither 0 nor 1.
            }
            assert_eq!(ours[at], raw[at], "{}: byte {at}", session["session"]);
        }
        assert_eq!(ours.len(), BLOCK);
        assert!(ours[used..].iter().all(|byte| *byte == 0), "padding is not zero");
    });
}

#[test]
fn recorded_messages_are_cut_at_the_same_places() {
    let mut messages = 0;
    for session in sessions() {
        let name = session["session"].as_str().unwrap();
        let mut connections: BTreeMap<&str, Vec<[u8; BLOCK]>> = BTreeMap::new();
        let mut partial = Vec::new();
        for entry in session["entries"].as_array().unwrap() {
            match entry["event"].as_str().unwrap() {
                "block" => {
                    connections.entry(entry["connection"].as_str().unwrap()).or_default().push(bytes(&entry["hex"]));
                }
                "blocks_omitted" => partial.push(entry["connection"].as_str().unwrap()),
                _ => {}
            }
        }
        for (connection, raw) in connections {
            if partial.contains(&connection) || name.starts_with("fail_") || name == "auth_segment_file" {
                continue;
            }
            let mut assembly = Assembly::new(1 << 20);
            let blocks: Vec<_> = raw.iter().map(|raw| Block::decode(raw).unwrap()).collect();
            let done: Vec<Message> = blocks.iter().filter_map(|b| assembly.push(b.clone()).unwrap()).collect();
            let [message] = done.as_slice() else { panic!("{name} {connection}: {} messages", done.len()) };
            if message.command == "job reply" {
                continue; // Rows of SQL replies follow a rule of their own.
            }
            let rule = if message.command.starts_with("file write") { Rule::File } else { Rule::Reply };
            let again = Outgoing {
                header: message.header.clone(),
                command: message.command.clone(),
                data: message.data.clone().into(),
                rule,
            };
            let cuts: Vec<usize> = again.blocks().unwrap().map(|block| block.data.len()).collect();
            assert_eq!(cuts, blocks.iter().map(|block| block.data.len()).collect::<Vec<_>>(), "{name} {connection}");
            messages += 1;
        }
    }
    assert!(messages > 120, "only {messages} recorded messages");
}

fn block_with(lengths: [u32; 3]) -> [u8; BLOCK] {
    let mut raw = [0; BLOCK];
    raw[39..41].copy_from_slice(&u16::try_from(lengths[0]).unwrap().to_be_bytes());
    raw[41..43].copy_from_slice(&u16::try_from(lengths[1]).unwrap().to_be_bytes());
    raw[43..47].copy_from_slice(&lengths[2].to_be_bytes());
    raw
}

#[test]
fn lengths_beyond_the_block_are_refused() {
    let full = u32::try_from(CONTENT).unwrap();
    for good in [[0, 0, 0], [full, 0, full], [10, 20, 30], [1, 0, full]] {
        assert!(Block::decode(&block_with(good)).is_ok(), "{good:?}");
    }
    for bad in [[full, 0, full + 1], [10, 0, 9], [10, 10, 19], [u32::from(u16::MAX), 0, full], [0, 0, u32::MAX]] {
        assert!(matches!(Block::decode(&block_with(bad)), Err(Error::Lengths { .. })), "{bad:?}");
    }
}

#[test]
fn a_full_file_block_is_followed_by_an_empty_one() {
    let command = "file write x".to_owned();
    let room = CONTENT - command.len();
    let file = |length: usize| Outgoing {
        header: Header::default(),
        command: command.clone(),
        data: vec![7; length].into(),
        rule: Rule::File,
    };
    let cuts = |length| file(length).blocks().unwrap().map(|b| (b.data.len(), b.header.last)).collect::<Vec<_>>();
    assert_eq!(cuts(0), [(0, true)]);
    assert_eq!(cuts(room - 1), [(room - 1, true)]);
    assert_eq!(cuts(room), [(room, false), (0, true)]);
    assert_eq!(cuts(2 * room + 1), [(room, false), (room, false), (1, true)]);
}

#[test]
fn an_error_reply_never_needs_a_second_block() {
    let header = Header { error: 30, ..Header::default() };
    let data = "é".repeat(2000);
    let reply = Outgoing { header, command: "echo".to_owned(), data: data.into(), rule: Rule::Reply };
    let blocks: Vec<_> = reply.blocks().unwrap().collect();
    assert_eq!(blocks.len(), 1);
    assert!(blocks[0].header.last);
    assert!(std::str::from_utf8(&blocks[0].data).is_ok());
}

fn read(raw: &[u8]) -> Result<Option<Message>, Error> {
    let mut assembly = Assembly::new(1 << 20);
    for block in raw.chunks_exact(BLOCK) {
        if let Some(message) = assembly.push(Block::decode(block.try_into().unwrap())?)? {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

proptest! {
    #[test]
    fn any_message_survives_the_wire(
        command in "[a-z !{}\"\t]{0,200}",
        text in "\\PC{0,3000}",
        file in any::<bool>(),
        job in (any::<u16>(), any::<u32>()),
        host in "[a-z0-9.]{0,128}",
        port in any::<u16>(),
        flag in any::<u16>(),
    ) {
        let header = Header {
            job: Job { slot: job.0, id: job.1 },
            source: ReturnAddress::new(host, port),
            flag,
            ..Header::default()
        };
        let rule = if file { Rule::File } else { Rule::Reply };
        let sent = Outgoing { header, command, data: text.into(), rule };
        let mut raw = Vec::new();
        sent.encode(&mut raw).unwrap();
        let message = read(&raw).unwrap().unwrap();
        prop_assert_eq!(message.header.job, sent.header.job);
        prop_assert_eq!(message.header.source, sent.header.source.clone());
        prop_assert_eq!(message.command, sent.command.clone());
        prop_assert_eq!(message.data, sent.data.to_vec());
        let texts = sent.blocks().unwrap().all(|block| std::str::from_utf8(&block.data).is_ok());
        prop_assert!(file || texts, "a character is split");
    }

    #[test]
    fn arbitrary_blocks_never_panic(raw in proptest::collection::vec(any::<u8>(), BLOCK..3 * BLOCK)) {
        let _ = read(&raw);
    }

    #[test]
    fn flipped_bytes_never_panic(at in 0..HEADER, value in any::<u8>()) {
        let mut raw = Vec::new();
        Outgoing::new(Header::default(), "get status").encode(&mut raw).unwrap();
        raw[at] = value;
        let _ = read(&raw);
    }
}
