//! What a server refuses until somebody changes something there is told at once, with what to run.

use super::{Node, connect, device, masters::comes_back, server_at};
use crate::support::postgres::Postgres;
use anylog_master::ledger::{ConnectedDatabase, Error, PostgresServer};

/// Returns the server for a user that an administrator made.
fn login(server: &Postgres, user: &str) -> PostgresServer {
    PostgresServer { user: user.to_owned(), password: "pw".into(), ..server_at(&format!("127.0.0.1:{}", server.port)) }
}

/// Connects and makes the table, and returns why one of the two fails.
async fn refusal(server: PostgresServer) -> String {
    let opened = async {
        let node = Node::alone();
        node.ledger.attach(connect(server).await?.store()?).await?;
        node.ledger.create_table().await
    };
    let error = opened.await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(outage) if outage.is_lasting()), "{error:?}");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_are_missing_are_told_with_the_statement_that_gives_them() {
    let server = Postgres::start();
    let roles = "CREATE ROLE \"Some One\" LOGIN PASSWORD 'pw'; CREATE ROLE owner LOGIN PASSWORD 'pw'";
    server.sql("postgres", roles);
    let someone = login(&server, "Some One");
    let told = refusal(PostgresServer { password: "wrong".into(), ..someone.clone() }).await;
    assert!(told.contains("ALTER ROLE \"Some One\" PASSWORD"), "{told}");
    let told = refusal(someone.clone()).await;
    assert!(told.contains("CREATE DATABASE \"blockchain\" OWNER \"Some One\""), "{told}");
    server.sql("postgres", "CREATE DATABASE blockchain");
    server.sql("postgres", "REVOKE CONNECT ON DATABASE blockchain FROM PUBLIC");
    let told = refusal(someone.clone()).await;
    assert!(told.contains("GRANT CONNECT ON DATABASE \"blockchain\" TO \"Some One\""), "{told}");
    // From version 15 on the right to the database is none to its schema.
    server.sql("postgres", "GRANT ALL ON DATABASE blockchain TO \"Some One\"");
    server.sql("blockchain", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let told = refusal(someone.clone()).await;
    assert!(told.contains("GRANT USAGE, CREATE ON SCHEMA public TO \"Some One\""), "{told}");
    server.sql("blockchain", "ALTER ROLE \"Some One\" SET search_path = nowhere");
    let told = refusal(someone.clone()).await;
    assert!(told.contains("CREATE SCHEMA AUTHORIZATION \"Some One\""), "{told}");
    // What belongs to somebody else.
    server.sql("blockchain", "ALTER ROLE \"Some One\" RESET search_path");
    server.sql("blockchain", "GRANT USAGE, CREATE ON SCHEMA public TO \"Some One\", owner");
    server.sql("postgres", "GRANT CONNECT ON DATABASE blockchain TO owner");
    let node = Node::alone();
    node.ledger.attach(connect(login(&server, "owner")).await.unwrap().store().unwrap()).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.stop().await;
    let told = refusal(someone).await;
    assert!(told.contains("ALTER TABLE public.ledger OWNER TO \"Some One\""), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_its_own_and_another_name_of_the_database_serve() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE someone LOGIN PASSWORD 'pw'");
    server.sql("postgres", "CREATE DATABASE \"my ledger\"");
    server.sql("my ledger", "CREATE SCHEMA own AUTHORIZATION someone");
    server.sql("my ledger", "ALTER ROLE someone SET search_path = own");
    let named = PostgresServer { database: Some("my ledger".to_owned()), ..login(&server, "someone") };
    let node = Node::alone();
    let connection: ConnectedDatabase = connect(named).await.unwrap();
    node.ledger.attach(connection.store().unwrap()).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&device("a", 1)).await.unwrap();
    assert_eq!(server.ask("my ledger", "SELECT policy_id FROM own.ledger"), "a");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_without_every_character_is_refused_before_there_is_a_ledger() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE DATABASE blockchain TEMPLATE template0 ENCODING 'LATIN1'");
    let told = refusal(server_at(&format!("127.0.0.1:{}", server.port))).await;
    assert!(told.contains("LATIN1") && told.contains("ALTER DATABASE \"blockchain\" RENAME"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn used_up_connections_are_waited_for_and_told() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE someone LOGIN PASSWORD 'pw'");
    server.sql("postgres", "CREATE DATABASE blockchain OWNER someone");
    let someone = login(&server, "someone");
    let node = Node::alone();
    node.ledger.attach(connect(someone.clone()).await.unwrap().store().unwrap()).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&device("a", 1)).await.unwrap();
    server.sql("postgres", "ALTER ROLE someone CONNECTION LIMIT 0");
    server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'someone'");
    let refused = node.insert(&device("b", 1)).await.unwrap_err();
    assert!(refused.to_string().contains("no connection to spare"), "{refused}");
    let starting = connect(someone).await.err().unwrap();
    assert!(matches!(&starting, Error::Unavailable(outage) if !outage.is_lasting()), "{starting}");
    assert_eq!(node.ids(), ["a"], "reads go on");
    server.sql("postgres", "ALTER ROLE someone CONNECTION LIMIT -1");
    comes_back(&node, "c").await;
    node.stop().await;
}
