//! The ledger against the raw store, both with full durability, and its size in memory: one table.
//!
//! The limit of the longest 1 % of the times, three times that of the store, is printed against the store under the same
//! load: one client against one, 64 against 64 that commit on connections of their own. Against a single client of the store
//! it could not hold beside the rate asked for: of 64 clients that wait for their answers, at four times the rate of one,
//! each waits 16 times as long in the mean. The figure is printed all the same.

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
#[path = "support/table.rs"]
mod table;

use anylog_master::{
    ledger::{
        Author, Batch, ConnectedDatabase, DatabaseTarget, Ledger, LedgerSettings, PostgresServer, RowChange, RowEdit,
        RowValues, SqliteStore, Store,
    },
    runtime::shutdown::Shutdown,
};
use sqlx::{
    PgPool, Postgres, SqlitePool,
    pool::PoolConnection,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Time of one measurement of a round.
const SPAN: Duration = Duration::from_millis(250);
/// Rounds: what is compared takes turns, so that a machine or a disk that does something else treats both alike.
const ROUNDS: usize = 15;
const POLICIES: usize = 100_000;
/// Word with which the bench opens a ledger in a process of its own.
const OPEN: &str = "open-ledger";

fn main() {
    let runtime = rows::runtime();
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, path] = arguments.as_slice()
        && word == OPEN
    {
        return runtime.block_on(measure_open(path.into()));
    }
    table::head();
    runtime.block_on(async {
        start().await;
        // On a worker as in the program, the raw store as well.
        tokio::spawn(sqlite()).await.unwrap();
        if Path::new("/usr/lib/postgresql").exists() {
            tokio::spawn(psql()).await.unwrap();
        } else {
            println!("PostgreSQL is not installed: left out");
        }
        tokio::spawn(exports()).await.unwrap();
    });
}

fn line(what: &str, value: &str, sample: Option<&Sample>, goal: &str) {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1000.0);
    let times = |sample: &Sample| (ms(sample.part(50)), ms(sample.part(99)), ms(sample.longest()));
    let (p50, p99, max) = sample.map(times).unwrap_or_default();
    table::row(what, value, [&p50, &p99, &max], goal);
}

/// Times of single commits, and the time of all.
#[derive(Default)]
struct Sample {
    times: Vec<Duration>,
    span: Duration,
}

impl Sample {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.span += other.span;
        self.times.sort();
    }

    fn rate(&self) -> f64 {
        self.times.len() as f64 / self.span.as_secs_f64()
    }

    fn part(&self, percent: usize) -> Duration {
        self.times[self.times.len() * percent / 100]
    }

    fn longest(&self) -> Duration {
        self.times[self.times.len() - 1]
    }
}

/// Who commits one policy after the other.
enum Client {
    Ledger(Ledger),
    /// To the table alone, without history and without anything of ours.
    Sqlite(SqlitePool),
    /// The same, on a connection of its own.
    Postgres(PoolConnection<Postgres>),
}

impl Client {
    async fn commit(&mut self, number: usize) {
        if let Self::Ledger(ledger) = self {
            return drop(ledger.write(rows::insert(number), Author::new("bench")).await.unwrap());
        }
        let (id, date, text) = (format!("id{number}"), rows::date(number), rows::text(number));
        match self {
            Self::Ledger(_) => {}
            Self::Sqlite(pool) => {
                let sql = "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES (?1, ?2, ?3, ?4, ?5)";
                let query = sqlx::query(sql).bind("device").bind(id).bind(date).bind("h").bind(text);
                query.execute(&*pool).await.unwrap();
            }
            Self::Postgres(connection) => {
                let sql = "INSERT INTO ledger (policy_type, policy_id, date, host, policy) \
                           VALUES ($1, $2, $3::text::timestamp, $4, $5)";
                let query = sqlx::query(sql).bind("device").bind(id).bind(date).bind("h").bind(text);
                query.execute(&mut **connection).await.unwrap();
            }
        }
    }
}

/// Lets clients commit for a while, all at once.
async fn crowd(clients: Vec<Client>, from: usize) -> Sample {
    let (start, count) = (Instant::now(), clients.len());
    let tasks: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(place, mut client)| {
            tokio::spawn(async move {
                let (mut times, mut number) = (Vec::new(), from + place);
                while start.elapsed() < SPAN {
                    let begun = Instant::now();
                    client.commit(number).await;
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
    Sample { times, span: start.elapsed() }
}

async fn clients(ledger: &Ledger, count: usize, from: usize) -> Sample {
    crowd((0..count).map(|_| Client::Ledger(ledger.clone())).collect(), from).await
}

/// The store without us.
enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Raw {
    async fn commits(&self, count: usize, from: usize) -> Sample {
        let mut clients = Vec::new();
        for _ in 0..count {
            clients.push(match self {
                Self::Sqlite(pool) => Client::Sqlite(pool.clone()),
                Self::Postgres(pool) => Client::Postgres(pool.acquire().await.unwrap()),
            });
        }
        crowd(clients, from).await
    }
}

/// Single rows with their history, straight to the store.
async fn with_history(store: &dyn Store, version: &mut i64, from: usize) -> Sample {
    let (start, mut times) = (Instant::now(), Vec::new());
    for number in from.. {
        let begun = Instant::now();
        let (date, host, text) = (rows::date(number), "h".into(), rows::text(number).into());
        let time = date.clone();
        let edit = RowEdit::Insert(RowValues { company: None, date, host, status: None, text });
        let (kind, id) = ("device".into(), format!("id{number}").into());
        let change = RowChange { who: "bench".to_owned(), kind, id, edit };
        let batch = Batch { version: *version, time, changes: vec![change], outbox: Vec::new() };
        *version = store.commit(&batch).await.unwrap().version;
        times.push(begun.elapsed());
        if start.elapsed() > SPAN {
            break;
        }
    }
    Sample { times, span: start.elapsed() }
}

async fn compare(name: &str, raw: &Raw, noted: &dyn Store, ledger: &Ledger) {
    let (mut alone, mut together, mut history) = (Sample::default(), Sample::default(), Sample::default());
    let (mut one, mut many) = (Sample::default(), Sample::default());
    let (rows, _none) = tokio::sync::mpsc::channel(1);
    let mut version = noted.load(rows).await.unwrap();
    for round in 0..ROUNDS {
        alone.add(raw.commits(1, round * 100_000).await);
        one.add(clients(ledger, 1, 50_000 + round * 100_000).await);
        history.add(with_history(noted, &mut version, round * 100_000).await);
        many.add(clients(ledger, 64, 20_000_000 + round * 1_000_000).await);
        together.add(raw.commits(64, 20_000_000 + round * 1_000_000).await);
    }
    let rate = alone.rate();
    let ratio = |sample: &Sample| format!("{:.2}", sample.rate() / rate);
    let limit = |sample: &Sample| sample.part(99).as_secs_f64() * 3000.0;
    line(&format!("{name}: raw single-row commits/s"), &format!("{rate:.0}"), Some(&alone), "");
    line(&format!("{name}: raw, 64 clients, ratio to it"), &ratio(&together), Some(&together), "");
    let goal = format!(">= 0.8, p99 <= {:.1}, max <= 50", limit(&alone));
    line(&format!("{name}: 1 client, ratio to raw"), &ratio(&one), Some(&one), &goal);
    let goal = format!(">= 4, p99 <= {:.1} ({:.1} of 1 raw client), max <= 50", limit(&together), limit(&alone));
    line(&format!("{name}: 64 clients, ratio to raw"), &ratio(&many), Some(&many), &goal);
    line(&format!("{name}: with history, ratio to raw"), &ratio(&history), Some(&history), ">= 0.85");
}

async fn sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("raw.dbms"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let raw = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/sqlite/0001_ledger.sql")).execute(&raw).await.unwrap();
    let noted = SqliteStore::open(&directory.path().join("noted.dbms")).await.unwrap();
    noted.prepare().await.unwrap();
    let (ledger, shutdown) = open("blockchain", DatabaseTarget::File(directory.path().join("blockchain.dbms"))).await;
    compare("SQLite", &Raw::Sqlite(raw), &noted, &ledger).await;
    shutdown.begin();
}

async fn psql() {
    let server = postgres::Postgres::start_on_disk();
    let target = || {
        DatabaseTarget::Server(PostgresServer {
            hosts: "127.0.0.1".parse().unwrap(),
            port: server.port,
            user: "admin".to_owned(),
            password: "elpw".into(),
            database: None,
            tls: anylog_master::ledger::PostgresTls::default(),
        })
    };
    let (ledger, shutdown) = open("blockchain", target()).await;
    let noted = ConnectedDatabase::connect("noted", target(), None).await.unwrap().store().unwrap();
    noted.prepare().await.unwrap();
    let url = format!("postgres://admin:elpw@127.0.0.1:{}/postgres", server.port);
    let pool = PgPoolOptions::new().max_connections(64).min_connections(64).connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/postgres/0001_ledger.sql")).execute(&pool).await.unwrap();
    compare("PostgreSQL", &Raw::Postgres(pool), &*noted, &ledger).await;
    shutdown.begin();
    shutdown.drain().await;
}

async fn open(name: &str, target: DatabaseTarget) -> (Ledger, Shutdown) {
    let shutdown = Shutdown::new();
    let ledger = Ledger::start(LedgerSettings::default(), &shutdown);
    let connection = ConnectedDatabase::connect(name, target, None).await.unwrap();
    ledger.attach(connection.store().unwrap()).await.unwrap();
    ledger.create_table().await.unwrap();
    (ledger, shutdown)
}

/// Bytes of memory that the process has.
fn memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Processor time of the process, in steps of 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    Duration::from_millis(10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()))
}

/// Fills a ledger, and lets a process of its own open it: what filling it took is no memory of the ledger.
async fn start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("blockchain.dbms");
    let bytes = fill(&path).await;
    let myself = std::env::current_exe().unwrap();
    let output = std::process::Command::new(myself).arg(OPEN).arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    line("start to ready with 100,000 policies, ms", &format!("{:.0}", figures[0]), None, "<= 1000");
    line("memory with 100,000 policies, x text", &format!("{:.1}", figures[1] / bytes as f64), None, "<= 4");
}

async fn fill(path: &Path) -> usize {
    let store = SqliteStore::open(path).await.unwrap();
    store.prepare().await.unwrap();
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
        store.connection().ask(move |file| file.execute_batch(&sql)).await.unwrap();
    }
    store.close().await;
    bytes
}

/// Opens a ledger and prints how long that took, in ms, and how much memory it has, in bytes.
async fn measure_open(path: PathBuf) {
    let (before, begun) = (memory(), Instant::now());
    let (ledger, shutdown) = open("blockchain", DatabaseTarget::File(path)).await;
    let (elapsed, after) = (begun.elapsed(), memory());
    assert_eq!(ledger.view().len(), POLICIES);
    println!("{} {}", elapsed.as_secs_f64() * 1000.0, after - before);
    shutdown.begin();
}

async fn exports() {
    let (ledger, shutdown) = rows::ledger(50_000).await;
    let timed = |begun: Instant| format!("{:.3}", begun.elapsed().as_secs_f64() * 1000.0);
    let begun = Instant::now();
    let export = ledger.export().await.unwrap();
    line("first export of 50,000 policies, ms", &timed(begun), None, "");
    let begun = Instant::now();
    let again = ledger.export().await.unwrap();
    line("the same again, ms", &timed(begun), None, "");
    assert!(Arc::ptr_eq(&export, &again));
    ledger.write(rows::insert(60_000), Author::new("bench")).await.unwrap();
    let begun = Instant::now();
    ledger.export().await.unwrap();
    line("after one insert, ms", &timed(begun), None, "");
    let (begun, used) = (Instant::now(), cpu());
    for number in 70_000..80_000 {
        ledger.write(rows::insert(number), Author::new("bench")).await.unwrap();
    }
    let each = |span: Duration| format!("{:.0}", span.as_secs_f64() * 1e6 / 10_000.0);
    line("one insert at 50,000 without a disk, us", &each(begun.elapsed()), None, "");
    line("CPU of it, us", &each(cpu() - used), None, "<= 100");
    shutdown.begin();
}
