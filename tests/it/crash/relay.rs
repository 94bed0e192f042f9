//! A relay that is killed while its outbox sends: every policy reaches the contract, once.

use super::{Home, Store, fewer_cycles, moment};
use crate::{
    program::{PATIENCE, Program, try_ask},
    support::anvil::{Anvil, KEYS},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Writers, and the pause between two policies of each: a chain takes far fewer than a ledger.
const WRITERS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(40);

#[test]
fn the_outbox_of_a_relay_that_is_killed_sends_everything_once() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let url = anvil.url();
    let without = [
        ("BLOCKCHAIN_SOURCE", "ethereum"),
        ("PROVIDER", url.as_str()),
        ("BLOCKCHAIN_PRIVATE_KEY", KEYS[0]),
        ("BLOCKCHAIN_SYNC", "1 second"),
    ];
    for store in [Store::Sqlite, Store::Postgres] {
        let home = Home::new(store);
        let program = home.start(&without);
        let (status, body) = program.ask("POST", "contract = blockchain deploy contract where platform = ethereum");
        assert_eq!(status, 200, "{body}");
        let contract = program.get("get !contract");
        drop(program);
        let with: Vec<_> = without.into_iter().chain([("CONTRACT", contract.as_str())]).collect();
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        for cycle in 0..fewer_cycles() {
            let program = home.start(&with);
            let (stop, threads) = write(program.rest, cycle, &acknowledged);
            std::thread::sleep(moment(cycle));
            drop(program);
            stop.store(true, Ordering::Relaxed);
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
        let program = home.start(&with);
        let ledger = names(&program.get("blockchain get *"));
        let acknowledged = acknowledged.lock().unwrap();
        let lost: Vec<_> = acknowledged.iter().filter(|name| !ledger.contains(*name)).collect();
        assert!(lost.is_empty(), "{lost:?} are lost");
        assert!(!acknowledged.is_empty(), "nothing was acknowledged");
        empty(&program);
        // The contract counts its changes: one that came twice would be one more.
        assert_eq!(program.ask("POST", "n = blockchain state where platform = ethereum").0, 200);
        assert_eq!(program.get("get !n"), ledger.len().to_string(), "{store:?}: each policy is sent once");
        assert_eq!(checked_out(&program), ledger, "{store:?}");
        println!(
            "{store:?}: a relay was killed {} times: {} policies acknowledged, all in the contract, none twice",
            fewer_cycles(),
            acknowledged.len()
        );
    }
}

/// Starts writers over REST.
fn write(
    rest: SocketAddr,
    cycle: u32,
    acknowledged: &Arc<Mutex<Vec<String>>>,
) -> (Arc<AtomicBool>, Vec<JoinHandle<()>>) {
    let stop = Arc::new(AtomicBool::new(false));
    let threads = (0..WRITERS).map(|writer| {
        let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(acknowledged));
        std::thread::spawn(move || {
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let name = format!("c{cycle}-w{writer}-{number}");
                let text = format!(r#"blockchain push {{"device": {{"name": "{name}", "id": "{name}"}}}}"#);
                if matches!(try_ask(rest, "POST", &text), Ok((200, _))) {
                    acknowledged.lock().unwrap().push(name);
                }
                std::thread::sleep(PAUSE);
            }
        })
    });
    (Arc::clone(&stop), threads.collect())
}

/// Waits until nothing waits in the outbox, as long as it gets shorter: many kills leave more than a chain takes in a minute.
fn empty(program: &Program) {
    let (mut shortest, mut since) = (u64::MAX, Instant::now());
    loop {
        let shown = program.get("get relay where format = json");
        let status: Value = serde_json::from_str(&shown).unwrap();
        let queue = status["queue"].as_u64().unwrap();
        if queue == 0 {
            return;
        }
        if queue < shortest {
            (shortest, since) = (queue, Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "the outbox is not empty: {shown}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns the names of policies in a list.
fn names(list: &str) -> BTreeSet<String> {
    let policies: Vec<Value> = serde_json::from_str(list).unwrap();
    policies.iter().map(name).collect()
}

fn name(policy: &Value) -> String {
    let body = policy.as_object().and_then(|policy| policy.values().next()).unwrap();
    body["name"].as_str().unwrap().to_owned()
}

/// Returns the names of the policies that the contract holds.
fn checked_out(program: &Program) -> BTreeSet<String> {
    let (status, body) = program.ask("POST", "blockchain checkout from ethereum to !blockchain_dir/chain.json");
    assert_eq!(status, 200, "{body}");
    let file = std::path::Path::new(&program.get("get !blockchain_dir")).join("chain.json");
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| name(&serde_json::from_str(line).unwrap())).collect()
}
