//! Ledger tables as other masters write them: what members get of them, and what queries on them answer (reference/ledger 4, 8).

use anylog_master::{
    ledger::{Author, Change, Ledger, LedgerSettings, OnDuplicate, PolicyCheck, PolicyInsert, SqliteStore},
    policy::Policy,
    query::{Budget, Own, Query},
    render,
    runtime::shutdown::Shutdown,
    script::{Scope, words},
};
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use std::sync::Arc;

const TABLE: &str = "CREATE TABLE ledger (sequence_id integer primary key autoincrement,policy_type varchar not null,\
    policy_id varchar not null,company_name varchar,date timestamp not null default current_timestamp,\
    host varchar not null,status varchar,policy varchar)";
const IDS: &str = "CREATE UNIQUE INDEX hash_index on ledger(policy_id)";
const DATES: &str = "CREATE INDEX time_index on ledger(date)";
const ROW: &str = "insert into ledger (policy_type, policy_id, company_name, date, host, status, policy) values (?, ?, ?, ?, ?, ?, ?)";

struct Nothing;

impl Scope for Nothing {
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Opens a ledger on a table that another master made.
async fn ledger(rows: &[Value], folder: &std::path::Path, shutdown: &Shutdown) -> Ledger {
    let file = folder.join("blockchain.dbms");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    for statement in [TABLE, IDS, DATES] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    for row in rows {
        let columns = (0..7).map(|at| row[at].as_str());
        let query = columns.fold(sqlx::query(ROW), |query, column| query.bind(column));
        query.execute(&pool).await.unwrap();
    }
    pool.close().await;
    let ledger = Ledger::start(LedgerSettings::default(), shutdown);
    ledger.attach(Arc::new(SqliteStore::open(&file).await.unwrap())).await.unwrap();
    ledger
}

/// Returns what an export of rows must be: their texts by date, those of the same date in the order of their numbers.
fn expected(rows: &[Value]) -> String {
    let mut rows: Vec<&Value> = rows.iter().collect();
    rows.sort_by_key(|row| row[3].as_str().unwrap_or_default().to_owned());
    let text: String = rows.iter().map(|row| format!("{}\n", row[6].as_str().unwrap_or_default())).collect();
    if text.is_empty() { "\n".to_owned() } else { text }
}

/// Returns recorded rows without their numbers, which some have in front.
fn rows(recorded: &Value) -> Vec<Value> {
    let columns = |row: &Value| {
        let row = row.as_array().unwrap();
        Value::Array(row[row.len() - 7..].to_vec())
    };
    recorded.as_array().unwrap().iter().map(columns).collect()
}

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

#[tokio::test]
async fn members_get_what_the_table_holds() {
    let mut compared = 0;
    for case in cases(include_str!("../vectors/ledger/sync.json")) {
        let exported = case["exported_text"].as_str().unwrap();
        let tables = [&case["master_rows_before"], &case["master_rows_after"]].map(rows);
        let Some(rows) = tables.into_iter().find(|rows| expected(rows) == exported) else {
            println!("{}: the recorded export belongs to neither table", case["id"]);
            continue;
        };
        let (folder, shutdown) = (tempfile::tempdir().unwrap(), Shutdown::new());
        let export = ledger(&rows, folder.path(), &shutdown).await.export().await.unwrap();
        assert_eq!(String::from_utf8_lossy(&export.to_vec()), exported, "{}", case["id"]);
        compared += 1;
    }
    assert!(compared > 20, "{compared} exports were compared");
}

#[tokio::test]
async fn a_real_network_reads_as_recorded() {
    let cases = cases(include_str!("../vectors/ledger/real_network.json"));
    let (folder, shutdown) = (tempfile::tempdir().unwrap(), Shutdown::new());
    let ledger = ledger(&rows(&cases[0]["ledger_rows"]), folder.path(), &shutdown).await;
    let export = ledger.export().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&export.to_vec()), cases[0]["member_file"].as_str().unwrap());
    let asked =
        cases.iter().filter_map(|case| Some((case["command"].as_str()?.strip_prefix("blockchain get ")?, case)));
    for (command, case) in asked {
        let query = Query::parse(&words(command).unwrap(), &Nothing).unwrap();
        let answer = query.run(&*ledger.view(), &Own::default(), &Budget::unlimited()).unwrap();
        assert_eq!(render::text(&answer.into()), case["reply"]["body"].as_str().unwrap(), "{command}");
    }
}

#[tokio::test]
async fn a_policy_that_this_node_publishes_is_completed_before_its_flag() {
    let (folder, shutdown) = (tempfile::tempdir().unwrap(), Shutdown::new());
    let ledger = ledger(&[], folder.path(), &shutdown).await;
    let mut texts = Vec::new();
    for text in [
        r#"{"cluster": {"company": "C", "name": "c1", "id": "cl-1", "date": "2026-01-01T00:00:00.000000Z"}}"#,
        r#"{"operator": {"company": "C", "name": "o1", "ip": "10.0.0.1", "port": 1, "cluster": "cl-1", "id": "op-1", "date": "2026-01-01T00:00:00.000000Z"}}"#,
    ] {
        let (policy, host) = (Policy::parse(text).unwrap(), "10.0.0.1".to_owned());
        let insert = PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check: PolicyCheck::Publish };
        let written = ledger.write(Change::Insert(insert), Author::new("test")).await.unwrap();
        texts.push(written.entries[0].text.to_string());
    }
    assert!(texts[0].ends_with(r#""status": "active", "ledger": "global"}}"#), "{}", texts[0]);
    let operator = Policy::parse(&texts[1]).unwrap();
    let keys: Vec<&str> = operator.body().keys().map(String::as_str).collect();
    assert_eq!(keys[keys.len() - 4..], ["id", "date", "member", "ledger"]);
}

#[tokio::test]
async fn a_policy_that_the_network_knows_already_keeps_what_it_says() {
    let (folder, shutdown) = (tempfile::tempdir().unwrap(), Shutdown::new());
    let ledger = ledger(&[], folder.path(), &shutdown).await;
    let text = r#"{"cluster": {"company": "C", "ledger": "global", "name": "c1", "id": "cl-1", "date": "2026-01-01T00:00:00.000000Z"}}"#;
    let (policy, host) = (Policy::parse(text).unwrap(), "10.0.0.1".to_owned());
    let insert = PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check: PolicyCheck::Publish };
    let written = ledger.write(Change::Insert(insert), Author::new("test")).await.unwrap();
    assert_eq!(&*written.entries[0].text, text);
}
