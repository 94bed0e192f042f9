//! `sql`: a SELECT on the two tables of the ledger, whatever a statement is made of, and never more of the machine than that.

use super::house::{House, Inhabitant};
use crate::support::{postgres::Postgres, silent::Silent};
use anylog_master::{
    boot, command,
    config::{Config, Sources},
    node::{Node, Origin, Role, Session},
    reply::{Error, Reply},
    runtime::{memory, shutdown::Shutdown},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

on_both_stores! {
    the_tables_of_the_ledger_are_read
    nothing_else_is_run
    a_character_that_ends_texts_is_no_part_of_a_statement
    results_are_counted_while_they_come
    what_takes_long_is_interrupted
    a_table_that_was_made_anew_is_read
}

/// Statements that reach files, secrets, other tables or the machine, or that make much of little.
const HOSTILE: [&str; 20] = [
    "select word from ts_stat('select to_tsvector(p' || 'g_read_binary_file(''/etc/passwd'')::text)')",
    "select * from query_to_xml('select pg_r' || 'ead_file(''/etc/passwd'')', true, true, '')",
    "select pg_read_file('/etc/passwd')",
    "select * from pg_ls_dir('/')",
    "select rolpassword from pg_authid",
    "select pg_terminate_backend(pid) from pg_stat_activity",
    "select lo_import('/etc/passwd')",
    "select set_config('log_statement', 'all', false)",
    "select * from dblink('host=127.0.0.1', 'select 1') as t(a int)",
    "select * from sqlite_master",
    "select load_extension('/tmp/x')",
    "select readfile('/etc/passwd')",
    "select hex(zeroblob(4000000)) from ledger",
    "select instr(zeroblob(1000000000), zeroblob(500000000))",
    "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
    "select 1; drop table ledger",
    "select 1 into outfile from ledger",
    "drop table ledger",
    "update ledger set policy = ''",
    "select repeat('x', 1000000000)",
];

async fn asked(node: &Inhabitant, statement: &str) -> Result<Reply, Error> {
    node.rest(Role::Read, &format!("sql blockchain stat = false \"{statement}\"")).await
}

async fn text(node: &Inhabitant, statement: &str) -> String {
    anylog_master::render::text(&asked(node, statement).await.unwrap_or_else(|error| panic!("{statement}: {error}")))
}

/// Publishes some policies of 100 KB.
async fn publish_long(node: &Inhabitant, count: usize) {
    for number in 0..count {
        let filler = "x".repeat(100_000);
        let policy = format!(
            r#"{{"long": {{"text": "{filler}", "id": "long{number}", "date": "2026-01-01T00:00:00.000001Z"}}}}"#
        );
        node.run(&format!("blockchain push {policy}")).await.unwrap();
    }
}

async fn the_tables_of_the_ledger_are_read(house: House) {
    let node = house.boot().await;
    assert_eq!(
        text(&node, "select policy_type, count(*) from ledger group by policy_type").await,
        r#"{"Query":[{"policy_type":"master","count(*)":1}]}"#
    );
    let joined = "select h.what, l.policy_type from ledger l join policy_history h on h.policy_id = l.policy_id";
    assert_eq!(text(&node, joined).await, r#"{"Query":[{"what":"insert","policy_type":"master"}]}"#);
    let quoted =
        "select policy_type from ledger where policy_id = 'O''Neil' or company_name like 'ac%' order by date limit 1";
    assert_eq!(text(&node, quoted).await, r#"{"Query":[{"policy_type":"master"}]}"#);
    node.stop().await;
}

async fn nothing_else_is_run(house: House) {
    let node = house.boot().await;
    for statement in HOSTILE {
        let told = asked(&node, statement).await;
        assert!(told.is_err(), "{statement}: {told:?}");
        let (code, told) = node.block(&format!("sql blockchain format = json {}", statement.replace(' ', "\t"))).await;
        assert!(code != 0 && !told.contains("root:"), "{statement}: {code} {told}");
    }
    assert_eq!(node.ids().len(), 1, "the ledger is as it was");
    assert_eq!(text(&node, "select count(*) from ledger").await, r#"{"Query":[{"count(*)":1}]}"#);
    if house.is_postgres() {
        // The login itself has nothing more, should ever a statement get by.
        for (what, sql) in [
            ("files", "PERFORM pg_read_file('/etc/passwd')"),
            ("secrets", "PERFORM rolpassword FROM pg_authid"),
            ("deletions", "DELETE FROM ledger"),
            ("changes", "UPDATE policy_history SET who = ''"),
            ("tables", "PERFORM * FROM _sqlx_migrations"),
        ] {
            house.server().sql(
                "blockchain",
                &format!(
                    "DO $$ BEGIN SET LOCAL ROLE admin_reader; {sql}; RAISE 'it reaches {what}';
                     EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
                ),
            );
        }
    }
    node.stop().await;
}

async fn a_character_that_ends_texts_is_no_part_of_a_statement(house: House) {
    let node = house.boot().await;
    let started = Instant::now();
    let told = asked(&node, "select policy_id from ledger where policy_id = 'a\0b'").await.unwrap_err();
    assert!(told.to_string().contains("a character of the number 0"), "{told}");
    let (code, _) = node.block("sql blockchain format = json select\t'a\0b'\tfrom\tledger").await;
    assert_ne!(code, 0);
    assert!(started.elapsed() < Duration::from_secs(5));
    node.stop().await;
}

async fn results_are_counted_while_they_come(house: House) {
    let node = house.boot().await;
    publish_long(&node, 30).await;
    let before = memory::resident().unwrap();
    for statement in [
        "select a.policy, b.policy, c.policy from ledger a, ledger b, ledger c",
        "select policy || policy || policy || policy || policy || policy from ledger a",
        "select a.policy || b.policy || c.policy || a.policy from ledger a, ledger b, ledger c order by 1",
    ] {
        let started = Instant::now();
        let told = asked(&node, statement).await.unwrap_err();
        assert_eq!(told.code.0, 16, "{statement}: {told}");
        let limits = ["max_volume", "of memory", "longer than", "a value has more than", "temp_file_limit"];
        assert!(limits.iter().any(|limit| told.to_string().contains(limit)), "{statement}: {told}");
        assert!(started.elapsed() < Duration::from_secs(15));
    }
    let grown = memory::resident().unwrap().saturating_sub(before);
    assert!(grown < 400 << 20, "{grown} bytes more");
    assert_eq!(text(&node, "select count(*) from ledger").await, r#"{"Query":[{"count(*)":31}]}"#);
    node.stop().await;
}

async fn what_takes_long_is_interrupted(house: House) {
    let node = house.boot().await;
    publish_long(&node, 20).await;
    node.run("set query mode using timeout = 1 second").await.unwrap();
    let endless = format!(
        "select count(*) from {}",
        ["ledger"; 9].iter().zip('a'..).map(|(t, a)| format!("{t} {a}")).collect::<Vec<_>>().join(", ")
    );
    let mut started = Instant::now();
    let mut told = asked(&node, &endless).await.unwrap_err();
    // What a statement takes is what the process grows by, and in these tests others grow in it as well.
    for _ in 0..10 {
        if !told.to_string().contains("of memory") {
            break;
        }
        started = Instant::now();
        told = asked(&node, &endless).await.unwrap_err();
    }
    assert!(told.to_string().contains("takes longer than 1 s"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(text(&node, "select count(*) from ledger").await, r#"{"Query":[{"count(*)":21}]}"#);
    if house.is_postgres() {
        // The server has given it up as well.
        house.server().sql(
            "blockchain",
            "DO $$ BEGIN FOR n IN 1..40 LOOP
               PERFORM pg_stat_clear_snapshot();
               IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'admin_reader' AND state = 'active') THEN RETURN; END IF;
               PERFORM pg_sleep(0.1);
             END LOOP; RAISE 'it goes on'; END $$",
        );
    }
    node.stop().await;
}

async fn a_table_that_was_made_anew_is_read(house: House) {
    let node = house.boot().await;
    assert_eq!(text(&node, "select count(*) from ledger").await, r#"{"Query":[{"count(*)":1}]}"#);
    node.run("drop table ledger where dbms = blockchain").await.ok();
    node.run("blockchain drop table").await.ok();
    node.run("create table ledger where dbms = blockchain").await.unwrap();
    let told = asked(&node, "select count(*) from ledger").await;
    assert!(told.is_ok(), "{told:?}");
    node.stop().await;
}

/// A node on a server, as one of its users.
async fn node_of(server: &Postgres, user: &str, variables: &[(&str, &str)]) -> Arc<Node> {
    let process = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let config = Config::load(&Sources { process, ..Sources::default() }).unwrap();
    let node = boot::node(config, Arc::new(Silent), Shutdown::new()).unwrap();
    let home = tempfile::tempdir().unwrap().keep();
    anylog_master::node::work_directories::locate(&node.dictionary, &home.to_string_lossy());
    for text in [
        "create work directories".to_owned(),
        format!(
            "connect dbms blockchain where type = psql and ip = 127.0.0.1 and port = {} and user = {user} and password = pw",
            server.port
        ),
        "create table ledger where dbms = blockchain".to_owned(),
    ] {
        run(&node, &text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    node
}

async fn run(node: &Arc<Node>, text: &str) -> Result<Reply, Error> {
    let mut session = Session::local(Origin::Prompt, Arc::clone(&node.console), "test");
    command::run(node, &mut session, text).await
}

const COUNT: &str = "sql blockchain stat = false \"select count(*) from ledger\"";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_login_of_its_own_sql_says_what_to_do() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'pw' CREATEDB");
    let node = node_of(&server, "plain", &[]).await;
    let told = run(&node, COUNT).await.unwrap_err();
    assert_eq!(told.code.0, 16);
    for part in ["sql is not offered", "the login plain_reader", "the user plain", "DB_READER_USER"] {
        assert!(told.to_string().contains(part), "{told}");
    }
    // An operator gives it one, and the owner of the tables lets it read them.
    server.sql("postgres", "CREATE ROLE looks LOGIN PASSWORD 'looks'");
    let node = node_of(&server, "plain", &[("DB_READER_USER", "looks"), ("DB_READER_PASSWD", "looks")]).await;
    assert!(run(&node, COUNT).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_do_more_is_refused() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'pw' CREATEDB");
    for (name, sql, why) in [
        ("plain", "SELECT 1", "databases"),
        ("root", "CREATE ROLE root LOGIN PASSWORD 'pw' SUPERUSER", "is a superuser"),
        (
            "files",
            "CREATE ROLE files LOGIN PASSWORD 'pw'; GRANT pg_read_server_files TO files",
            "is a member of other roles",
        ),
        ("maker", "CREATE ROLE maker LOGIN PASSWORD 'pw' CREATEROLE", "may create roles"),
    ] {
        server.sql("postgres", sql);
        let node = node_of(&server, "plain", &[("DB_READER_USER", name), ("DB_READER_PASSWD", "pw")]).await;
        let told = run(&node, COUNT).await.unwrap_err().to_string();
        assert!(told.contains(why), "{name}: {told}");
        node.databases.disconnect("blockchain").await;
    }
    server.sql("postgres", "CREATE ROLE writes LOGIN PASSWORD 'pw'");
    server.sql("blockchain", "GRANT INSERT ON ledger TO writes");
    let node = node_of(&server, "plain", &[("DB_READER_USER", "writes"), ("DB_READER_PASSWD", "pw")]).await;
    let told = run(&node, COUNT).await.unwrap_err().to_string();
    assert!(told.contains("may write the tables of the ledger"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn masters_on_one_database_share_the_login() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'pw' CREATEDB CREATEROLE");
    let (one, two) = (node_of(&server, "plain", &[]).await, node_of(&server, "plain", &[]).await);
    for node in [&one, &two, &one, &two] {
        assert!(run(node, COUNT).await.is_ok());
    }
    // Somebody changes its password: the next connection that is needed gives it the old one again.
    server.sql("postgres", "ALTER ROLE plain_reader PASSWORD 'other'");
    one.databases.disconnect("blockchain").await;
    let three = node_of(&server, "plain", &[]).await;
    assert!(run(&three, COUNT).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_that_compose_makes_are_what_the_master_needs() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE DATABASE blockchain");
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let tools: Vec<String> = versions.map(|version| version.path().join("bin").display().to_string()).collect();
    let path = format!("{}:{}", tools.join(":"), std::env::var("PATH").unwrap());
    let made = std::process::Command::new("sh")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docker-compose/master-role.sh"))
        .envs([
            ("POSTGRES_USER", "admin"),
            ("POSTGRES_DB", "blockchain"),
            ("MASTER_USER", "any log"),
            ("MASTER_PASSWD", "pw"),
        ])
        .envs([
            ("PGHOST", "127.0.0.1"),
            ("PGPORT", &*server.port.to_string()),
            ("PGPASSWORD", "elpw"),
            ("PATH", &*path),
        ])
        .status()
        .unwrap();
    assert!(made.success());
    let node = node_of(&server, "\"any log\"", &[]).await;
    assert!(run(&node, "blockchain push {\"device\": {\"name\": \"a\"}}").await.is_ok());
    let counted = run(&node, COUNT).await.unwrap();
    assert_eq!(anylog_master::render::text(&counted), r#"{"Query":[{"count(*)":1}]}"#);
    let refused = "sql blockchain \"select rolname from pg_roles\"";
    assert!(run(&node, refused).await.is_err());
    // The administrator cannot log in over the network any more.
    let login = sqlx::postgres::PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(server.port);
    let login = login.username("admin").password("elpw").database("postgres");
    assert!(sqlx::PgPool::connect_with(login).await.is_err());
}
