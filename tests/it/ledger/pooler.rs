//! A pooler before the database.

use super::{Node, connect, device, masters::shown, server_at, shared};
use crate::support::{pgbouncer::PgBouncer, postgres::Postgres};
use std::{sync::Arc, time::Duration};

const REFUSES_PARAMETERS: &str = "default_pool_size = 8";
const TAKES_PARAMETERS: &str = "default_pool_size = 8\nignore_startup_parameters = extra_float_digits,options";

#[tokio::test(flavor = "multi_thread")]
async fn two_masters_share_a_pooler_in_session_mode() {
    for lines in [REFUSES_PARAMETERS, TAKES_PARAMETERS] {
        let server = Postgres::start();
        server.sql("postgres", "CREATE DATABASE blockchain");
        let pooler = PgBouncer::start(&server, "session", &lines.replace("= 8", "= 20"));
        let hosts = format!("127.0.0.1:{}", pooler.port);
        let masters = [shared(Node::on(&hosts).await), shared(Node::on(&hosts).await)];
        let writers = [0, 1].map(|number| {
            let node = Arc::clone(&masters[number]);
            tokio::spawn(async move {
                for row in 0..50 {
                    node.insert(&device(&format!("w{number}-{row}"), 1)).await.unwrap();
                }
            })
        });
        for writer in writers {
            writer.await.unwrap();
        }
        for node in &masters {
            shown(&node.ledger, |ledger| ledger.view().len() == 100, Duration::from_secs(10)).await;
        }
        let outside = "SELECT count(*) FROM policy_history WHERE what = 'outside'";
        let before = server.ask("blockchain", outside);
        assert!(["0", "1"].contains(&before.as_str()), "what masters write is taken for changes by others: {before}");
        server.sql("blockchain", "DELETE FROM ledger WHERE policy_id = 'w0-0'");
        for node in &masters {
            shown(&node.ledger, |ledger| ledger.view().len() == 99, Duration::from_secs(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_shares_connections_is_refused_in_one_sentence() {
    let server = Postgres::start();
    server.sql("postgres", "CREATE DATABASE blockchain");
    for (mode, lines) in [
        ("transaction", REFUSES_PARAMETERS),
        ("transaction", TAKES_PARAMETERS),
        ("transaction", "default_pool_size = 1"),
        ("transaction", "server_round_robin = 1\ndefault_pool_size = 2"),
        ("statement", TAKES_PARAMETERS),
    ] {
        let pooler = PgBouncer::start(&server, mode, lines);
        let refused = connect(server_at(&format!("127.0.0.1:{}", pooler.port))).await.err();
        let told = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains("set pool_mode = session"), "{mode} {lines}: {told}");
    }
    // Nothing of the session was changed for whoever gets the connections next.
    let pooler = PgBouncer::start(&server, "transaction", "default_pool_size = 1");
    let hosts = format!("127.0.0.1:{}", pooler.port);
    assert!(connect(server_at(&hosts)).await.is_err());
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(pooler.port)
        .username("admin")
        .password("elpw")
        .database("blockchain")
        .extra_float_digits(None);
    let mut stranger = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let setting = "SELECT coalesce(current_setting('anylog.master', true), '') || current_setting('enable_seqscan')";
    let row = sqlx::raw_sql(setting).fetch_one(&mut stranger).await.unwrap();
    assert_eq!(sqlx::Row::get::<String, _>(&row, 0), "on");
}
