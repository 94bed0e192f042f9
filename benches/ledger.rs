//! The ledger against the raw store, both with full durability, and its size in memory: one table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a benchmark that meets the unexpected fails"
)]

#[path = "../tests/support/postgres.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod postgres;
#[path = "support/rows.rs"]
mod rows;

use anylog_master::{
    ledger::{Author, Connection, Ledger, Options, Server, SqliteStore, Target},
    runtime::shutdown::Shutdown,
};
use sqlx::{AssertSqlSafe, PgPool};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Time of one measurement.
const SPAN: Duration = Duration::from_secs(3);
const POLICIES: usize = 100_000;

fn main() {
    let runtime = rows::runtime();
    println!("{:<44} {:>12} {:>12} {:>10}", "", "value", "p99 ms", "goal");
    runtime.block_on(async {
        sqlite().await;
        if Path::new("/usr/lib/postgresql").exists() {
            psql().await;
        } else {
            println!("PostgreSQL is not installed: left out");
        }
        start().await;
        exports().await;
    });
}

fn line(what: &str, value: String, p99: Option<Duration>, goal: &str) {
    let p99 = p99.map(|p99| format!("{:.2}", p99.as_secs_f64() * 1000.0)).unwrap_or_default();
    println!("{what:<44} {value:>12} {p99:>12} {goal:>10}");
}

/// Rate per second and the slowest but one in a hundred.
struct Rate(f64, Duration);

fn rate(mut times: Vec<Duration>, elapsed: Duration) -> Rate {
    times.sort();
    Rate(times.len() as f64 / elapsed.as_secs_f64(), times[times.len() * 99 / 100])
}

async fn clients(ledger: &Ledger, count: usize, from: usize) -> Rate {
    let start = Instant::now();
    let tasks: Vec<_> = (0..count)
        .map(|client| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let (mut times, mut number) = (Vec::new(), from + client);
                while start.elapsed() < SPAN {
                    let begun = Instant::now();
                    ledger.write(rows::insert(number), Author::new("bench")).await.unwrap();
                    times.push(begun.elapsed());
                    number += count;
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    rate(times, start.elapsed())
}

async fn compare(name: &str, raw: Rate, ledger: &Ledger) {
    line(&format!("{name}: raw single-row commits/s"), format!("{:.0}", raw.0), Some(raw.1), "");
    let one = clients(ledger, 1, 1).await;
    line(&format!("{name}: 1 client, ratio to raw"), format!("{:.2}", one.0 / raw.0), Some(one.1), ">= 0.8");
    let many = clients(ledger, 64, 1_000_000).await;
    line(&format!("{name}: 64 clients, ratio to raw"), format!("{:.2}", many.0 / raw.0), Some(many.1), ">= 4");
}

async fn sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let raw = SqliteStore::open(&directory.path().join("raw.dbms")).await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/sqlite/0001_ledger.sql")).execute(raw.pool()).await.unwrap();
    let (start, mut times) = (Instant::now(), Vec::new());
    for number in 0.. {
        let begun = Instant::now();
        sqlx::query("INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind("device")
            .bind(format!("id{number}"))
            .bind(rows::date(number))
            .bind("h")
            .bind(rows::text(number))
            .execute(raw.pool())
            .await
            .unwrap();
        times.push(begun.elapsed());
        if start.elapsed() > SPAN {
            break;
        }
    }
    let raw = rate(times, start.elapsed());
    let (ledger, shutdown) = open(Target::File(directory.path().join("blockchain.dbms"))).await;
    compare("SQLite", raw, &ledger).await;
    shutdown.begin();
}

async fn psql() {
    let server = postgres::Postgres::start();
    let target = || {
        let (host, user) = ("127.0.0.1".to_owned(), "admin".to_owned());
        Target::Server(Server { host, port: server.port, user, password: "elpw".into() })
    };
    let (ledger, shutdown) = open(target()).await;
    let url = format!("postgres://admin:elpw@127.0.0.1:{}/postgres", server.port);
    let pool = PgPool::connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/postgres/0001_ledger.sql")).execute(&pool).await.unwrap();
    let (start, mut times) = (Instant::now(), Vec::new());
    for number in 0.. {
        let begun = Instant::now();
        sqlx::query("INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ($1, $2, now(), $3, $4)")
            .bind("device")
            .bind(format!("id{number}"))
            .bind("h")
            .bind(rows::text(number))
            .execute(&pool)
            .await
            .unwrap();
        times.push(begun.elapsed());
        if start.elapsed() > SPAN {
            break;
        }
    }
    compare("PostgreSQL", rate(times, start.elapsed()), &ledger).await;
    shutdown.begin();
    shutdown.drain().await;
}

async fn open(target: Target) -> (Ledger, Shutdown) {
    let shutdown = Shutdown::new();
    let ledger = Ledger::start(Options::default(), &shutdown);
    let connection = Connection::open("blockchain", target).await.unwrap();
    ledger.attach(connection.store().unwrap()).await.unwrap();
    ledger.create_table().await.unwrap();
    (ledger, shutdown)
}

/// Bytes of memory that the process has.
fn memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

async fn start() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::File(directory.path().join("blockchain.dbms"));
    let (_, shutdown) = open(target.clone()).await;
    shutdown.begin();
    shutdown.drain().await;
    let store = SqliteStore::open(&directory.path().join("blockchain.dbms")).await.unwrap();
    let mut bytes = 0;
    for chunk in (1..=POLICIES).collect::<Vec<_>>().chunks(1000) {
        let texts: Vec<String> = chunk.iter().map(|number| rows::text(*number)).collect();
        bytes += texts.iter().map(String::len).sum::<usize>();
        let values: Vec<String> = chunk
            .iter()
            .zip(texts)
            .map(|(number, text)| format!("('device','id{number}','{}','h','{text}')", rows::date(*number)))
            .collect();
        let sql = format!("INSERT INTO ledger (policy_type,policy_id,date,host,policy) VALUES {}", values.join(","));
        sqlx::query(AssertSqlSafe(sql)).execute(store.pool()).await.unwrap();
    }
    store.pool().close().await;
    let (before, begun) = (memory(), Instant::now());
    let (ledger, shutdown) = open(target).await;
    let (elapsed, after) = (begun.elapsed(), memory());
    assert_eq!(ledger.view().len(), POLICIES);
    let ratio = (after - before) as f64 / bytes as f64;
    line("start to ready with 100,000 policies, ms", format!("{:.0}", elapsed.as_secs_f64() * 1000.0), None, "<= 1000");
    line("memory with 100,000 policies, x text", format!("{ratio:.1}"), None, "<= 4");
    shutdown.begin();
}

async fn exports() {
    let (ledger, shutdown) = rows::ledger(50_000).await;
    let timed = |begun: Instant| format!("{:.3}", begun.elapsed().as_secs_f64() * 1000.0);
    let begun = Instant::now();
    let export = ledger.export().await.unwrap();
    line("first export of 50,000 policies, ms", timed(begun), None, "");
    let begun = Instant::now();
    let again = ledger.export().await.unwrap();
    line("the same again, ms", timed(begun), None, "");
    assert!(Arc::ptr_eq(&export, &again));
    ledger.write(rows::insert(60_000), Author::new("bench")).await.unwrap();
    let begun = Instant::now();
    ledger.export().await.unwrap();
    line("after one insert, ms", timed(begun), None, "");
    let begun = Instant::now();
    for number in 70_000..72_000 {
        ledger.write(rows::insert(number), Author::new("bench")).await.unwrap();
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / 2000.0;
    line("one insert at 50,000 without a disk, us", format!("{each:.0}"), None, "<= 100");
    shutdown.begin();
}
