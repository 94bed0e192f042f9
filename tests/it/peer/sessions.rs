//! Recorded sessions of the reference, replayed against the master (vectors/tcp).

use super::{
    master::Master,
    member::{Member, PATIENCE, text},
};
use anylog_block::{Assembly, BLOCK, Block, Message};

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// One recorded message: who sent it, its blocks.
struct Recorded {
    from_member: bool,
    raw: Vec<u8>,
}

impl Recorded {
    fn message(&self) -> Option<Message> {
        let mut assembly = Assembly::new(1 << 24);
        let blocks = self.raw.chunks_exact(BLOCK).map(|raw| Block::decode(raw.try_into().unwrap()));
        blocks.map_while(Result::ok).find_map(|block| assembly.push(block).ok().flatten())
    }
}

fn session(name: &str) -> Vec<Recorded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/tcp/{name}.json"));
    let session: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut found: BTreeMap<String, Recorded> = BTreeMap::new();
    for entry in session["entries"].as_array().unwrap() {
        if entry["event"] == "block" || entry["event"] == "partial_block" {
            let direction = entry["direction"].as_str().unwrap();
            let from_member = direction.ends_with("->master");
            if !from_member && !direction.starts_with("master->") {
                continue; // Between two members.
            }
            let hex = entry["hex"].as_str().unwrap();
            let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            let connection = entry["connection"].as_str().unwrap().to_owned();
            found.entry(connection).or_insert(Recorded { from_member, raw: Vec::new() }).raw.extend(bytes);
        }
    }
    found.into_values().collect()
}

/// Puts the member's return address into recorded blocks.
fn readdressed(raw: &[u8], port: u16) -> Vec<u8> {
    let mut raw = raw.to_vec();
    for block in raw.chunks_mut(BLOCK).filter(|block| block.len() >= 205) {
        if block[201..205] != [0; 4] {
            block[201..205].copy_from_slice(&u32::from(port).to_be_bytes());
        }
    }
    raw
}

/// Sends what the member sent in a session.
async fn play(member: &Member, session: &[Recorded]) {
    for recorded in session.iter().filter(|recorded| recorded.from_member) {
        member.raw(&readdressed(&recorded.raw, member.port)).await;
    }
}

/// What has to be as recorded whatever the text: verb, error, kind of content, job, receiver.
fn head(message: &Message) -> (String, u16, u8, u16, u32, u16) {
    let head = &message.header;
    let command = message.command.split(": <").next().unwrap().to_owned();
    (command, head.error, head.info, head.job.slot, head.job.id, head.receiver)
}

#[tokio::test]
async fn questions_and_refusals_are_answered_as_recorded() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    member.send("blockchain push {\"device\": {\"id\": \"hold\"}}", 0).await;
    for name in [
        "cmd_get_status",
        "cmd_get_status_json",
        "cmd_get_status_nojob",
        "cmd_get_metadata_version",
        "cmd_get_node_name",
        "cmd_get_processes",
        "cmd_get_connections",
        "cmd_get_unknown",
        "cmd_get_variable",
        "cmd_unknown",
        "cmd_unknown_nojob",
        "cmd_assign",
        "cmd_blockchain_get_bad",
        "cmd_blockchain_test",
        "cmd_blockchain_unknown",
        "drop_bad_syntax",
        "drop_missing_id",
        "push_invalid_json",
        "push_list_of_two",
        "push_no_argument",
        "push_two_keys",
        "sync_bad_arguments",
        "ok_garbage_hash",
        "ok_ip_0000",
        "ok_split_segments",
        "fail_two_messages",
        "test_network_with",
    ] {
        let session = session(name);
        play(&member, &session).await;
        let want = session.iter().find(|recorded| !recorded.from_member).and_then(Recorded::message).unwrap();
        let got = member.next().await;
        assert_eq!(head(&got), head(&want), "{name}: {}", text(&got));
        if want.header.error == 0 {
            assert_eq!(got.header.flag, want.header.flag, "{name}");
        } else if !want.data.is_empty() {
            assert!(!got.data.is_empty(), "{name}: no reason");
        }
        if name.starts_with("cmd_get_") && want.header.error != 0 {
            assert_eq!(got.data, want.data, "{name}");
        }
    }
    assert_eq!(member.rest().await, []);
}

/// Sessions that ask for what is closed by default, with the switch that opens it.
const CLOSED: [(&str, &str); 3] =
    [("cmd_get_dictionary_filtered", "PEER_NODE_INFO"), ("sql_ledger", "PEER_SQL"), ("sql_unknown_dbms", "PEER_SQL")];

#[tokio::test]
async fn what_is_closed_by_default_is_answered_as_recorded_where_it_is_open() {
    let master = Master::with(&[("PEER_NODE_INFO", "on"), ("PEER_SQL", "on")]).await;
    let mut member = Member::new(master.address).await;
    member.send("blockchain push {\"device\": {\"id\": \"hold\"}}", 0).await;
    for (name, _) in CLOSED {
        let session = session(name);
        play(&member, &session).await;
        let want = session.iter().find(|recorded| !recorded.from_member).and_then(Recorded::message).unwrap();
        let got = member.next().await;
        assert_eq!(head(&got), head(&want), "{name}: {}", String::from_utf8_lossy(&got.data));
    }
}

#[tokio::test]
async fn what_is_closed_by_default_is_refused_in_words() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for (name, switch) in CLOSED {
        play(&member, &session(name)).await;
        let got = member.next().await;
        assert!(got.header.error == 224 && text(&got).contains(switch), "{name}: {} {}", got.header.error, text(&got));
    }
}

/// Recorded nodes name their transfer file instead; the vector's `better` asks for the refusal of the command in it.
#[tokio::test]
async fn a_large_message_is_refused_as_its_command() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    play(&member, &session("push_large_invalid")).await;
    let refusal = member.next().await;
    assert_eq!((refusal.command.as_str(), refusal.header.error), ("echo Blockchain message 'push' failed", 11));
    assert!(text(&refusal).contains("closing bracket"), "{}", text(&refusal));
}

#[tokio::test]
async fn sessions_without_an_answer_stay_without() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for name in [
        "cmd_echo",
        "fail_bad_utf8",
        "fail_cmd_len",
        "fail_first_block_2",
        "fail_half_header",
        "fail_ip_len",
        "fail_last_flag_2",
        "fail_no_last_flag",
        "fail_port_0",
        "fail_short_block",
        "fail_used_len",
        "insert_boundary_2048",
        "insert_escaped_text",
        "insert_large",
        "insert_large_exact",
        "insert_small",
        "operator_new_table",
        "auth_segment_file",
        "push_with_date",
    ] {
        play(&member, &session(name)).await;
        assert_eq!(member.rest().await, [], "{name}");
    }
    let ledger = String::from_utf8(member.ledger().await.unwrap()).unwrap();
    for id in ["dev-0002", "b20cc7155c39573302590d72837bca54", "dated-1"] {
        assert!(ledger.contains(&format!("\"id\": \"{id}\"")), "{id}");
    }
}

#[tokio::test]
async fn deliveries_are_the_recorded_bytes() {
    for name in
        ["sync_28_blocks", "sync_dest_with_blank", "sync_dest_without_type", "sync_hash_changed", "seed_from_master"]
    {
        let master = Master::start().await;
        let mut member = Member::new(master.address).await;
        let session = session(name);
        let want = session.iter().find(|recorded| !recorded.from_member).and_then(Recorded::message).unwrap();
        for line in text(&want).lines() {
            member.send(&format!("blockchain push {line}"), 0).await;
        }
        play(&member, &session).await;
        let got = tokio::time::timeout(PATIENCE, member.next()).await.unwrap();
        assert!(got.data == want.data, "{name}: other bytes");
        assert_eq!(head(&got).1, 0);
        assert_eq!((got.header.flag, got.header.job), (want.header.flag, want.header.job), "{name}");
        let unnumbered = |command: &str| command.replace(|c: char| c.is_ascii_digit(), "");
        assert_eq!(unnumbered(&got.command), unnumbered(&want.command), "{name}");
    }
}
