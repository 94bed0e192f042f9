//! A node with 10,000 policies of 490 bytes in 64 MB of memory: it starts, hands out the ledger, and writes a backup.

use crate::{
    peer::member::Member,
    program::{PATIENCE, Program, embedded, through},
};
use anylog_block::{Header, Outgoing};
use anylog_master::ledger::unpacked;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

const POLICIES: u32 = 10_000;
const LIMIT: u64 = 64 * 1024 * 1024;

/// A group of processes that may have so much memory together.
struct Group {
    path: PathBuf,
    /// The file that counts the processes that were killed for their memory.
    events: &'static str,
}

impl Group {
    /// Makes one, by the second or the first interface of Linux; nothing where this machine does not let the test.
    fn make() -> Option<Self> {
        let name = format!("anylog-master-test-{}", std::process::id());
        for (root, mark, limit, events) in [
            ("/sys/fs/cgroup", "cgroup.controllers", "memory.max", "memory.events"),
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.limit_in_bytes", "memory.oom_control"),
        ] {
            let group = Self { path: Path::new(root).join(&name), events };
            let is_there = Path::new(root).join(mark).exists() && fs::create_dir(&group.path).is_ok();
            if is_there && fs::write(group.path.join(limit), LIMIT.to_string()).is_ok() {
                // Without it the machine would swap and not refuse; where there is no swap there is no such file.
                let _ = fs::write(group.path.join("memory.swap.max"), "0");
                let _ = fs::write(group.path.join("memory.memsw.limit_in_bytes"), LIMIT.to_string());
                return Some(group);
            }
        }
        crate::support::skipped("this machine does not let the test limit the memory of a group of processes");
        None
    }

    /// Returns how many processes were killed.
    fn killed(&self) -> u64 {
        let text = fs::read_to_string(self.path.join(self.events)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        line.map_or(0, |count| count.trim().parse().unwrap())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The kernel removes it when the last process has ended.
        let begin = Instant::now();
        while self.path.exists() && fs::remove_dir(&self.path).is_err() && begin.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
}

/// Adds rows to the table of a node that does not run.
fn add_rows(database: &Path) {
    let mut file = rusqlite::Connection::open(database).unwrap();
    let rows = file.transaction().unwrap();
    for number in 0..POLICIES {
        let id = format!("{number:032x}");
        let text = format!(
            r#"{{"device": {{"name": "d{number}", "id": "{id}", "date": "2026-01-01T00:00:00.000000Z", "ledger": "global", "pad": "{}"}}}}"#,
            "x".repeat(365)
        );
        rows.execute(
            "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ('device', ?1, '2026-01-01T00:00:00.000000Z', 'h', ?2)",
            [&id, &text],
        )
        .unwrap();
    }
    rows.commit().unwrap();
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// Has a member take the ledger as a gzip file and, once it said that it cannot unpack one, as it is.
async fn is_handed_out(node: &Program) {
    let mut member = Member::new(node.tcp).await;
    member.poll().await;
    let packed = member.next().await;
    assert!(packed.command.ends_with(".new.gz"), "{}", packed.command);
    let unpacked = unpacked(&packed.data, 1 << 24).unwrap();
    assert!(lines(&unpacked) >= POLICIES as usize, "{} policies in {} bytes", lines(&unpacked), packed.data.len());
    let header = Header { error: 12, info: 4, ..member.header(0) };
    let told = "echo 'File write' operation failed: </srv/x.master_id_1.new.gz>";
    let mut raw = Vec::new();
    Outgoing::new(header, told).encode(&mut raw).unwrap();
    member.raw(&raw).await;
    member.poll().await;
    let plain = member.next().await;
    assert!(plain.command.ends_with(".new"), "{}", plain.command);
    assert!(lines(&plain.data) >= POLICIES as usize, "{} policies", lines(&plain.data));
}

#[test]
fn ten_thousand_policies_start_are_handed_out_and_backed_up_in_64_megabytes() {
    let Some(group) = Group::make() else { return };
    let directory = tempfile::tempdir().unwrap();
    drop(Program::embedded(directory.path(), &[]));
    add_rows(&directory.path().join("anylog-data/EdgeLake/data/dbms/blockchain.dbms"));
    let enter = format!(r#"echo $$ > {}/cgroup.procs && exec "$0" "$@""#, group.path.display());
    let node = Program::start(through(&["sh", "-c", &enter], &embedded(directory.path(), &[("LEDGER_GZIP", "on")])));
    assert_eq!(node.get("blockchain get device bring.count"), POLICIES.to_string());
    assert_eq!(node.ask("POST", "run blockchain sync").0, 200);
    let (copy, begin) = (node.get("get !blockchain_file"), Instant::now());
    while fs::read_to_string(&copy).map_or(0, |text| text.lines().count()) < POLICIES as usize {
        assert!(begin.elapsed() < PATIENCE, "the local copy is not written");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let list: Vec<Value> = serde_json::from_str(&node.get("blockchain get *")).unwrap();
    assert!(list.len() >= POLICIES as usize, "{} policies", list.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(is_handed_out(&node));
    let (status, body) = node.ask("POST", "blockchain pull to json");
    assert_eq!(status, 200, "{body}");
    let (status, body) = node.ask("POST", "backup ledger where file = whole.jsonl.gz");
    assert_eq!(status, 200, "{body}");
    println!("the node had {} MB at its peak", node.peak_memory());
    assert_eq!(group.killed(), 0);
    drop(node);
}
