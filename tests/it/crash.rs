//! kill -9 at random moments under writers over REST and TCP: what was acknowledged is there, once. And a database that
//! goes away.

use crate::{
    peer::member::Member,
    program::{Program, command, try_ask},
    support::{port::free, postgres::Postgres},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Writers over each road.
const WRITERS: usize = 4;
/// Cycles of a run of the tests; `CRASH_CYCLES` sets another number.
const CYCLES: u32 = 3;

/// Names of policies that were acknowledged.
type Acknowledged = Arc<Mutex<Vec<String>>>;

#[test]
fn sqlite_keeps_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    cycles(|ports| embedded(directory.path(), ports));
}

#[test]
fn postgres_keeps_what_was_acknowledged() {
    let server = Postgres::start();
    let directory = tempfile::tempdir().unwrap();
    cycles(|ports| on_postgres(directory.path(), server.port, ports));
}

fn cycles(start: impl Fn((u16, u16)) -> Program) {
    let cycles = std::env::var("CRASH_CYCLES").ok().and_then(|n| n.parse().ok()).unwrap_or(CYCLES);
    let acknowledged = Acknowledged::default();
    let ports = (free(), free());
    for cycle in 0..cycles {
        let program = start(ports);
        check(&program, &acknowledged);
        write_until_killed(program, cycle, &acknowledged);
    }
    check(&start(ports), &acknowledged);
    let names = acknowledged.lock().unwrap();
    let over = |roads: std::ops::Range<usize>| {
        names.iter().filter(|name| roads.clone().any(|w| name.contains(&format!("-w{w}-")))).count()
    };
    let (rest, tcp) = (over(0..WRITERS), over(WRITERS..2 * WRITERS));
    println!("{cycles} cycles: {rest} acknowledged over REST, {tcp} over TCP, none lost, none twice");
    assert!(rest > 0 && tcp > 0, "{rest} acknowledged over REST, {tcp} over TCP");
}

/// Writes from all sides and kills the node at a moment that differs from cycle to cycle.
fn write_until_killed(program: Program, cycle: u32, acknowledged: &Acknowledged) {
    let stop = Arc::new(AtomicBool::new(false));
    let (rest, tcp) = (program.rest, program.tcp);
    let threads: Vec<_> = (0..2 * WRITERS)
        .map(|writer| {
            let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(acknowledged));
            let name = move |number: u32| format!("c{cycle}-w{writer}-{number}");
            std::thread::spawn(move || {
                if writer < WRITERS {
                    write_rest(rest, &name, &stop, &acknowledged);
                } else {
                    write_tcp(tcp, &name, &stop, &acknowledged);
                }
            })
        })
        .collect();
    let seed = getrandom::u64().unwrap() % 900;
    std::thread::sleep(Duration::from_millis(100 + seed));
    drop(program);
    stop.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn write_rest(rest: SocketAddr, name: &dyn Fn(u32) -> String, stop: &AtomicBool, acknowledged: &Acknowledged) {
    for number in 0.. {
        let name = name(number);
        let text = format!(
            "blockchain insert where policy = {{\"device\": {{\"name\": \"{name}\"}}}} and local = true and master = !ledger_conn"
        );
        match try_ask(rest, "POST", &text) {
            Ok((200, _)) => acknowledged.lock().unwrap().push(name),
            _ if stop.load(Ordering::Relaxed) => return,
            _ => {}
        }
    }
}

/// Pushes with a waiting caller: the answer is the acknowledgement.
fn write_tcp(tcp: SocketAddr, name: &dyn Fn(u32) -> String, stop: &AtomicBool, acknowledged: &Acknowledged) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut member = Member::new(tcp).await;
        for number in 0.. {
            let name = name(number);
            let text = format!("blockchain push {{\"device\": {{\"name\": \"{name}\"}}}}");
            match member.try_ask(&text, number + 1, Duration::from_secs(2)).await {
                Some(answer) if answer.header.error == 0 => acknowledged.lock().unwrap().push(name),
                _ if stop.load(Ordering::Relaxed) => return,
                _ => {}
            }
        }
    });
}

/// Every acknowledged policy is there, and no policy is there twice, in the ledger and in the member's copy.
fn check(program: &Program, acknowledged: &Acknowledged) {
    let policies: Vec<Value> = serde_json::from_str(&program.get("blockchain get device")).unwrap();
    let mut found: HashMap<String, u32> = HashMap::new();
    for policy in &policies {
        *found.entry(policy["device"]["name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<_> = acknowledged.iter().filter(|name| !found.contains_key(*name)).collect();
    let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged policies are lost: {lost:?}", lost.len(), acknowledged.len());
    assert!(twice.is_empty(), "policies that are there twice: {twice:?}");
}

#[test]
fn the_log_tells_once_that_the_database_is_away_and_once_that_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let postgres = Postgres::start();
    let mut program = on_postgres(directory.path(), postgres.port, (free(), free()));
    postgres.stop();
    program.event(
        "the database of the ledger is away: reading goes on from memory, changes of the table are refused, and policies with \
         local = true are kept in the local copy",
    );
    assert!(program.get("blockchain get master").contains("\"m1\""));
    postgres.run_start("");
    program.event("the database of the ledger is back");
    assert_eq!(program.ask("POST", r#"blockchain push {"device": {"name": "d1"}}"#).0, 200);
}

fn embedded(directory: &Path, (tcp, rest): (u16, u16)) -> Program {
    let (tcp, rest) = (tcp.to_string(), rest.to_string());
    Program::embedded(directory, &[("NODE_NAME", "m1"), ("ANYLOG_SERVER_PORT", &tcp), ("ANYLOG_REST_PORT", &rest)])
}

fn on_postgres(directory: &Path, port: u16, (tcp, rest): (u16, u16)) -> Program {
    let (tcp, rest, port) = (tcp.to_string(), rest.to_string(), port.to_string());
    let home = directory.join("data").display().to_string();
    let variables = [
        ("ANYLOG_PATH", &*home),
        ("NODE_NAME", "m1"),
        ("ANYLOG_SERVER_PORT", &*tcp),
        ("ANYLOG_REST_PORT", &*rest),
        ("INTERNAL_IP", "127.0.0.1"),
        ("AUTH", "off"),
        ("DB_TYPE", "psql"),
        ("DB_PORT", &*port),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
    ];
    Program::start(command(directory, &["run"], &variables))
}
