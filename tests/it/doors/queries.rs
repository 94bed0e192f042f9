//! Queries that are made to take all memory or all time: each ends within its budget, with its caller, or with the node, and
//! nobody else waits for it.

use crate::{
    peer::{
        master::Master,
        member::{Member, PATIENCE, text},
    },
    rest::client,
};
use anylog_master::{
    ledger::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
    policy::Policy,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::yield_now, time::timeout};

/// A third of what is refused because it would be more text than anybody reads.
const LONG: usize = 200_000;

/// Starts a master with policies of one type, and its REST server.
async fn master(policies: usize, variables: &[(&str, &str)]) -> (Master, SocketAddr) {
    let master = Master::with(variables).await;
    let rest = "run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true";
    master.run(rest).await.unwrap();
    let rest = master.node.services.rest.status().unwrap().bound;
    let numbers: Vec<usize> = (0..policies).collect();
    for numbers in numbers.chunks(1000) {
        let writes = numbers.iter().map(|number| {
            let date = format!("2026-01-01T00:00:00.{number:06}Z");
            let text = format!(
                r#"{{"device": {{"name": "d{number}", "port": {number}, "peer": "d{}", "id": "id{number}", "date": "{date}"}}}}"#,
                number / 2
            );
            let policy = Policy::parse(&text).unwrap();
            let (host, on_duplicate, check) = ("h".to_owned(), OnDuplicate::Refuse, PolicyCheck::Rules);
            let insert = PolicyInsert { policy, host, on_duplicate, check };
            master.node.ledger.write(Change::Insert(insert), Author::new("test"))
        });
        futures_util::future::try_join_all(writes).await.unwrap();
    }
    (master, rest)
}

/// Asks over both doors and returns the codes of the answers, and the texts.
async fn both(master: &Master, rest: SocketAddr, command: &str) -> [(u16, String); 2] {
    let mut member = Member::new(master.address).await;
    let answer = member.ask(command).await;
    let reply = asked(rest, command).await;
    let code = serde_json::from_str(&reply.body).ok().and_then(|body: serde_json::Value| body["err_code"].as_u64());
    let rest =
        (u16::try_from(code.unwrap_or_default()).unwrap(), reply.header("error-detail").to_owned() + &reply.body);
    [(answer.header.error, text(&answer)), rest]
}

async fn asked(rest: SocketAddr, command: &str) -> client::Reply {
    client::request(rest, "GET", "/", &[("User-Agent", "AnyLog/1.23"), ("command", command)]).await
}

/// Waits until something holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect(what);
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_inside_joins_are_refused_to_strangers() {
    let (master, rest) = master(61, &[("QUERY_BYTES", "20 MB")]).await;
    let four = "blockchain get * join (blockchain get * join (blockchain get * join (blockchain get * join (blockchain get *))))";
    let started = Instant::now();
    for (code, told) in both(&master, rest, four).await {
        assert_eq!(code, 2, "{told}");
        assert!(told.contains("4 queries are joined inside each other"), "{told}");
    }
    // 61 policies three times are 226,981 rows.
    for (code, told) in both(&master, rest, "blockchain get * join (blockchain get * join (blockchain get *))").await {
        assert_eq!(code, 77, "{told}");
        assert!(told.contains("more than 20971520 bytes"), "{told}");
    }
    assert!(started.elapsed() < PATIENCE);
    assert_eq!(master.run(four).await.unwrap_err().code.0, 77, "the people at the node have the same budget");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_without_a_condition_ends_at_its_limit_of_rows() {
    let (master, rest) = master(1500, &[("QUERY_ROWS", "20000")]).await;
    for (code, told) in both(&master, rest, "blockchain get * join (blockchain get *)").await {
        assert_eq!(code, 77, "{told}");
        assert!(told.contains("more than 20000 rows"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_by_an_attribute_reads_each_side_once() {
    let (master, _) = master(2000, &[]).await;
    let join = "blockchain get device join (blockchain get device where name = [device][peer]) bring.count";
    let started = Instant::now();
    let count = master.run(join).await.unwrap();
    assert_eq!(count, anylog_master::reply::Reply::Text("2000".to_owned()));
    // Every policy with every other one would be four million comparisons, which take this build many seconds.
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_without_end_are_refused_or_cut() {
    let (master, rest) = master(2000, &[("QUERY_TIME", "200 ms")]).await;
    let parts =
        |count: usize| (0..count).map(|number| format!("[name] != x{number}")).collect::<Vec<_>>().join(" and ");
    let command = format!("blockchain get * where {}", parts(5000));
    let mut member = Member::new(master.address).await;
    let answer = member.ask(&command).await;
    assert_eq!(answer.header.error, 2, "{}", text(&answer));
    assert!(text(&answer).contains("at most 10000 words"), "{}", text(&answer));
    let started = Instant::now();
    let answer = member.ask(&format!("blockchain get * where {}", parts(2400))).await;
    assert_eq!(answer.header.error, 76, "{}", text(&answer));
    assert!(started.elapsed() < PATIENCE);
    // What members ask is answered while the workers are busy.
    assert_eq!(asked(rest, "blockchain get device where id = id7 bring [*][name]").await.body, "d7");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_repeat_themselves_are_cut() {
    let (master, rest) = master(2000, &[("QUERY_BYTES", "20 MB")]).await;
    let long = "x".repeat(LONG);
    let repeated = [
        format!("blockchain get * bring [*][name] {long}"),
        format!("blockchain get * bring [*][name] separator = {long}"),
        format!("blockchain get * bring {}", "[device] ".repeat(400)),
        format!(
            "blockchain get * bring.json {}",
            (0..400).map(|n| format!("[device][name(prefix({n}))] ")).collect::<String>()
        ),
        format!("blockchain get ({}) bring.count", "device,".repeat(400)),
    ];
    let mut member = Member::new(master.address).await;
    for command in repeated {
        let answer = member.ask(&command).await;
        assert!(matches!(answer.header.error, 76 | 77), "{}: {}", &command[..40], answer.header.error);
    }
    assert_eq!(asked(rest, "blockchain get * bring.count").await.body, "2000");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_no_more_cells_than_its_budget() {
    let (master, rest) = master(0, &[("QUERY_BYTES", "20 MB")]).await;
    let mut member = Member::new(master.address).await;
    for number in 0..700 {
        // As many columns as rows.
        let policy =
            format!(r#"{{"t{number}": {{"a": 1, "id": "i{number}", "date": "2026-01-01T00:00:00.000001Z"}}}}"#);
        member.send(&format!("blockchain push {policy}"), 0).await;
    }
    until("the policies are there", || master.node.ledger.view().len() == 700).await;
    assert_eq!(member.ask("blockchain get * bring.table").await.header.error, 77);
    assert_eq!(asked(rest, "blockchain get * bring.table").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_the_network_have_a_budget_as_well() {
    let (master, rest) = master(0, &[("QUERY_BYTES", "20 MB")]).await;
    let mut member = Member::new(master.address).await;
    let tables: Vec<String> = (0..300).map(|n| format!(r#"{{"dbms": "d", "name": "t{n}"}}"#)).collect();
    let cluster =
        format!(r#"{{"cluster": {{"name": "c", "company": "x", "id": "c", "table": [{}]}}}}"#, tables.join(", "));
    member.send(&format!("blockchain push {cluster}"), 0).await;
    for number in 0..300 {
        let operator = format!(
            r#"{{"operator": {{"name": "o{number}", "company": "x", "cluster": "c", "member": {number}, "ip": "10.0.0.1", "port": {}, "id": "o{number}"}}}}"#,
            number + 1
        );
        member.send(&format!("blockchain push {operator}"), 0).await;
    }
    until("the policies are there", || master.node.ledger.view().len() == 301).await;
    for command in ["get data nodes", "get servers bring [operator][name]", "blockchain query metadata"] {
        assert_eq!(member.ask(command).await.header.error, 77, "{command}");
    }
    assert_eq!(asked(rest, "get data nodes").await.status, 400);
    assert_eq!(
        asked(rest, "get data nodes where table = t1").await.status,
        200,
        "one table has no more than its operators"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_ends_with_its_caller_and_others_have_their_turn() {
    let (master, rest) =
        master(2000, &[("QUERY_TIME", "10 minutes"), ("QUERY_ROWS", "100000000"), ("QUERY_BYTES", "100 GB")]).await;
    let endless = format!(
        "blockchain get * join (blockchain get * join (blockchain get * where {}))",
        (0..1500).map(|number| format!("[name] != x{number}")).collect::<Vec<_>>().join(" and ")
    );
    let mut callers = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(rest).await.unwrap();
        let request = client::text("GET", "/", &[("User-Agent", "AnyLog/1.23"), ("command", &endless)], "");
        stream.write_all(request.as_bytes()).await.unwrap();
        callers.push(stream);
    }
    until("a query runs", || master.node.queries.running() > 0).await;
    // Another address has a place; so have short questions of the same one.
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind(SocketAddr::from(([127, 0, 0, 9], 0))).unwrap();
    let mut other = other.connect(rest).await.unwrap();
    let count = client::text(
        "GET",
        "/",
        &[("User-Agent", "AnyLog/1.23"), ("command", "blockchain get * bring.json [*][name]")],
        "",
    );
    other.write_all(count.as_bytes()).await.unwrap();
    assert_eq!(client::receive(&mut other).await.status, 200);
    assert_eq!(asked(rest, "get status").await.status, 200);
    drop(callers);
    until("no query runs", || master.node.queries.running() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_ends_with_the_node() {
    let (master, _) =
        master(2000, &[("QUERY_TIME", "10 minutes"), ("QUERY_ROWS", "100000000"), ("QUERY_BYTES", "100 GB")]).await;
    let endless = format!(
        "blockchain get * join (blockchain get * where {})",
        (0..2000).map(|number| format!("[name] != x{number}")).collect::<Vec<_>>().join(" and ")
    );
    let running = master.run(&endless);
    let stopped = async {
        until("a query runs", || master.node.queries.running() > 0).await;
        master.node.shutdown.begin();
    };
    let (outcome, ()) = timeout(PATIENCE, futures_util::future::join(running, stopped)).await.unwrap();
    assert_eq!(outcome.unwrap_err().code.0, 76);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_an_earlier_time_has_the_same_budget() {
    let (master, rest) = master(2000, &[("QUERY_BYTES", "1 MB")]).await;
    for (code, told) in both(&master, rest, "blockchain get * as of 2999-01-01 bring.count").await {
        assert_eq!(code, 77, "{told}");
    }
}
