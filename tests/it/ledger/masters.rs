//! Several masters on one PostgreSQL, and a PostgreSQL that fails.

use super::{Node, Place, device, insert, passage::Passage, shared};
use anylog_master::ledger::{Author, Change, Error, HistoryPlace, Ledger, OnDuplicate, PolicyCheck, PolicyInsert};
use anylog_master::policy::Policy;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Time in which masters learn of each other's commits; a machine that does much else at once gets more for some.
const LEARNED: Duration = Duration::from_millis(100);
const LEARNED_BUSY: Duration = Duration::from_secs(5);
/// Longest time in which a write answers while the database is away.
const ANSWERED: Duration = Duration::from_secs(2);

/// Waits until the view shows what is wanted.
pub async fn shown(ledger: &Ledger, wanted: impl Fn(&Ledger) -> bool, limit: Duration) -> Duration {
    let start = Instant::now();
    let mut versions = ledger.subscribe();
    while !wanted(ledger) {
        let left = limit.saturating_sub(start.elapsed());
        assert!(tokio::time::timeout(left, versions.changed()).await.is_ok(), "not shown within {limit:?}");
    }
    start.elapsed()
}

/// Waits until a master hears the notifications of another.
async fn listening(from: &Node, to: &Node) {
    let second = from.insert(&device("hello", 0)).await.is_ok();
    assert!(second);
    shown(&to.ledger, |ledger| ledger.view().by_id("hello").is_some(), Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn masters_see_each_other_at_once_and_export_the_same() {
    let place = Place::postgres();
    let (one, two) = (Node::start(&place).await, Node::start(&place).await);
    listening(&one, &two).await;
    let mut times = Vec::new();
    for round in 0..20 {
        let id = format!("p{round}");
        one.insert(&device(&id, 5)).await.unwrap();
        times.push(shown(&two.ledger, |ledger| ledger.view().by_id(&id).is_some(), LEARNED_BUSY).await);
    }
    one.drop_ids(&["p3"]).await.unwrap();
    shown(&two.ledger, |ledger| ledger.view().by_id("p3").is_none(), LEARNED_BUSY).await;
    times.sort();
    assert!(times[times.len() / 2] < LEARNED, "{times:?}");
    assert_eq!(one.ledger.export().await.unwrap().to_vec(), two.ledger.export().await.unwrap().to_vec());
    one.stop().await;
    two.stop().await;
}

fn operator(name: usize, port: usize) -> Change {
    let text = format!(
        r#"{{"operator": {{"name": "op{name}", "company": "C", "ip": "10.0.0.1", "port": {port}, "cluster": "cl", "id": "o{name}-{port}", "date": "2026-01-01T00:00:00.000000Z"}}}}"#
    );
    let policy = Policy::parse(&text).unwrap();
    Change::Insert(PolicyInsert {
        policy,
        host: "h".to_owned(),
        on_duplicate: OnDuplicate::Refuse,
        check: PolicyCheck::Rules,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_member_numbers_are_unique_across_masters() {
    const NAMES: usize = 12;
    let place = Place::postgres();
    let masters = [shared(Node::start(&place).await), shared(Node::start(&place).await)];
    let cluster = r#"{"cluster": {"name": "c", "company": "C", "id": "cl", "date": "2026-01-01T00:00:00.000000Z"}}"#;
    masters[0].insert(cluster).await.unwrap();
    shown(&masters[1].ledger, |ledger| ledger.view().by_id("cl").is_some(), Duration::from_secs(5)).await;
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let node = Arc::clone(&masters[writer % 2]);
            tokio::spawn(async move {
                let mut won = 0;
                for name in 0..NAMES {
                    let change = operator(name, 1000 + writer * NAMES + name);
                    match node.ledger.write(change, Author::new("test")).await {
                        Ok(_) => won += 1,
                        Err(Error::Rule(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += writer.await.unwrap();
    }
    assert_eq!(won, NAMES, "one winner per name");
    masters[0].ledger.reload().await.unwrap();
    let view = masters[0].ledger.view();
    let members: std::collections::HashSet<i64> = view
        .of_type("operator")
        .map(|entry| entry.policy().unwrap().get("member").unwrap().as_i64().unwrap())
        .collect();
    assert_eq!(members.len(), NAMES, "no member number twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_database_loses_nothing() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.stop();
    let start = Instant::now();
    let refused = node.insert(&device("b", 1)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(start.elapsed() < ANSWERED, "{:?}", start.elapsed());
    assert_eq!(node.ids(), ["a"], "reads go on");
    assert_eq!(node.exported().await, device("a", 1) + "\n");
    server.run_start("");
    node.insert(&device("c", 1)).await.unwrap();
    node.ledger.reload().await.unwrap();
    assert_eq!(node.ids(), ["a", "c"]);
    node.stop().await;
}

/// Writes one policy after the other until it is told to end, and returns the ids that were acknowledged.
pub async fn writes(node: Arc<Node>, writer: usize, end: tokio_util::sync::CancellationToken) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if end.is_cancelled() {
            break;
        }
        let id = format!("w{writer}-{number}");
        match node.insert(&device(&id, 1)).await {
            Ok(_) => acknowledged.push(id),
            Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(other) => panic!("{other}"),
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn crashes_of_the_database_lose_nothing_that_was_acknowledged() {
    let place = Place::postgres();
    let nodes = [shared(Node::start(&place).await), shared(Node::start(&place).await)];
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let end = tokio_util::sync::CancellationToken::new();
    let writers: Vec<_> =
        (0..8).map(|writer| tokio::spawn(writes(Arc::clone(&nodes[writer % 2]), writer, end.clone()))).collect();
    for _ in 0..3 {
        for node in &nodes {
            let wanted = node.ledger.view().len() + 40;
            shown(&node.ledger, |ledger| ledger.view().len() >= wanted, Duration::from_secs(30)).await;
        }
        tokio::task::block_in_place(|| {
            server.stop();
            server.run_start("");
        });
    }
    end.cancel();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    for node in &nodes {
        comes_back(node, "last").await;
        node.ledger.reload().await.unwrap();
        let view = node.ledger.view();
        let lost: Vec<_> = acknowledged.iter().filter(|id| view.by_id(id).is_none()).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
    assert_eq!(nodes[0].exported().await, nodes[1].exported().await);
    let numbered = "DO $$ BEGIN ASSERT (SELECT count(DISTINCT version) FROM policy_history WHERE place = 0)
        = (SELECT max(version) - min(version) + 1 FROM policy_history); END $$";
    server.sql("blockchain", numbered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_two_writes_is_not_noticed() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.stop();
    server.run_start("");
    node.insert(&device("b", 1)).await.unwrap();
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_refuses_writes_and_comes_back() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.stop();
    server.run_start("-c default_transaction_read_only=on");
    let start = Instant::now();
    let refused = node.insert(&device("b", 1)).await.unwrap_err();
    assert!(refused.to_string().contains("read-only"), "{refused}");
    assert!(start.elapsed() < ANSWERED);
    assert_eq!(node.ids(), ["a"]);
    server.stop();
    server.run_start("");
    node.insert(&device("b", 1)).await.unwrap();
    node.stop().await;
}

/// The server says that its disk is full by a code; a trigger says it here.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_database_refuses_writes_and_comes_back() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.sql(
        "blockchain",
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION full_disk()",
    );
    let start = Instant::now();
    for outcome in [node.insert(&device("b", 1)).await, node.drop_ids(&["a"]).await] {
        let refused = outcome.unwrap_err();
        assert!(matches!(refused, Error::Unavailable(_)) && refused.to_string().contains("full"), "{refused}");
    }
    assert!(start.elapsed() < ANSWERED);
    assert_eq!(node.exported().await, device("a", 1) + "\n", "reads go on");
    server.sql("blockchain", "DROP TRIGGER full_disk ON ledger");
    node.insert(&device("b", 1)).await.unwrap();
    node.drop_ids(&["a"]).await.unwrap();
    node.ledger.reload().await.unwrap();
    assert_eq!(node.ids(), ["b"]);
    assert_eq!(node.ledger.history("a").await.unwrap().len(), 2, "nothing of the refused drop stays");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_others_write_appear() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.sql(
        "blockchain",
        &format!(
            "INSERT INTO ledger (policy_type, policy_id, host, date, policy) VALUES ('device', 'x', 'h', '2026-01-01', '{}')",
            device("x", 1)
        ),
    );
    shown(&node.ledger, |ledger| ledger.view().by_id("x").is_some(), Duration::from_secs(3)).await;
    server.sql("blockchain", "DELETE FROM ledger WHERE policy_id = 'a'");
    shown(&node.ledger, |ledger| ledger.view().by_id("a").is_none(), Duration::from_secs(3)).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_an_earlier_version_keeps_its_history() {
    let place = Place::postgres();
    drop(place.connection().await);
    let Place::Postgres(server, _) = &place else { unreachable!() };
    for sql in [
        include_str!("../../../migrations/postgres/0001_ledger.sql"),
        include_str!("../../../migrations/postgres/0002_history.sql"),
        include_str!("../../../migrations/postgres/0003_version.sql"),
    ] {
        server.sql("blockchain", sql);
    }
    let (first, second) = (device("a", 1), device("b", 1));
    server.sql(
        "blockchain",
        &format!(
            "INSERT INTO ledger (policy_type, policy_id, host, date, policy) VALUES ('device', 'a', 'h', '2026-01-01', '{first}');
             INSERT INTO policy_history (version, time, who, what, policy_type, policy_id, before, after) VALUES
               (1, '2026-01-01T00:00:00.000000Z', 'w', 'insert', 'device', 'a', NULL, 'first'),
               (1, '2026-01-01T00:00:00.000000Z', 'w', 'insert', 'device', 'b', NULL, '{second}'),
               (2, '2026-01-01T00:00:01.000000Z', 'w', 'replace', 'device', 'a', 'first', '{first}'),
               (3, '2099-01-01T00:00:02.000000Z', 'w', 'drop', 'device', 'b', '{second}', NULL)"
        ),
    );
    let node = Node::start(&place).await;
    assert_eq!(node.ids(), ["a"]);
    node.insert(&device("c", 1)).await.unwrap();
    node.drop_ids(&["a"]).await.unwrap();
    let steps = async |id: &str| -> Vec<String> {
        node.ledger.history(id).await.unwrap().into_iter().map(|step| step.action.as_str().to_owned()).collect()
    };
    assert_eq!(steps("a").await, ["insert", "replace", "drop"]);
    assert_eq!(steps("b").await, ["insert", "drop"]);
    let since = node.ledger.history_since("2026-01-01T00:00:00.500000Z", u64::MAX).await.unwrap().unwrap();
    assert_eq!(
        since.iter().map(|step| step.action.as_str()).collect::<Vec<_>>(),
        ["drop", "insert", "drop", "replace"]
    );
    // The clock of whoever dropped 'b' was far ahead: what came behind it is known by the versions.
    let lines = node.ledger.lines_after(HistoryPlace::default(), 100).await.unwrap();
    let dropped = lines.iter().find(|line| line.id == "b" && line.time.starts_with("2099")).unwrap();
    let after = node.ledger.history_after(dropped.place, u64::MAX).await.unwrap().unwrap();
    assert_eq!(after.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert!(node.ledger.history_after(dropped.place, 10).await.unwrap().is_none());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_history_comes_back_with_the_next_write() {
    let place = Place::postgres();
    let masters = [Node::start(&place).await, Node::start(&place).await];
    let Place::Postgres(server, _) = &place else { unreachable!() };
    for id in ["a", "b", "c"] {
        masters[0].insert(&device(id, 1)).await.unwrap();
    }
    server.sql("blockchain", "DROP TABLE policy_history");
    masters[1].insert(&device("d", 1)).await.unwrap();
    masters[0].insert(&device("e", 1)).await.unwrap();
    assert_eq!(masters[0].ids(), ["a", "b", "c", "d", "e"]);
    masters[1].insert(&device("f", 1)).await.unwrap();
    assert_eq!(masters[1].ids(), ["a", "b", "c", "d", "e", "f"]);
}

/// Each takes itself to be alone until the other's commit stands in its way.
#[tokio::test(flavor = "multi_thread")]
async fn masters_that_have_not_heard_of_each_other_share_no_id() {
    let place = Place::postgres();
    let masters = [Node::start(&place).await, Node::start(&place).await];
    for (node, id) in masters.iter().zip(["a", "b"]) {
        node.insert(&device(id, 0)).await.unwrap();
    }
    for round in 0..10 {
        let text = device(&format!("x{round}"), 1);
        let outcomes = tokio::join!(masters[0].insert(&text), masters[1].insert(&text));
        match outcomes {
            (Ok(_), Err(Error::Duplicate { .. })) | (Err(Error::Duplicate { .. }), Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    for node in &masters {
        shown(&node.ledger, |ledger| ledger.view().len() == 12, LEARNED_BUSY).await;
    }
}

/// Whoever was answered by one master may ask another at once, as behind a balancer.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_refused_for_what_another_master_has_just_written() {
    let place = Place::postgres();
    let masters = [Node::start(&place).await, Node::start(&place).await];
    for round in 0..20 {
        let (one, two) = (&masters[round % 2], &masters[(round + 1) % 2]);
        let id = format!("p{round}");
        one.insert(&device(&id, 1)).await.unwrap();
        two.drop_ids(&[&id]).await.unwrap();
        one.insert(&device(&id, 2)).await.unwrap();
    }
    for node in masters {
        node.stop().await;
    }
}

/// As after a fail-over to a replica that did not have the last commits.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lost_commits_is_read_again_before_a_write() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    for id in ["a", "b", "lost"] {
        node.insert(&device(id, 1)).await.unwrap();
    }
    let lose = "SET anylog.master = 'yes'; DELETE FROM ledger WHERE policy_id = 'lost'; \
                DELETE FROM policy_history WHERE policy_id = 'lost'";
    tokio::task::block_in_place(|| {
        server.sql("blockchain", lose);
        server.stop();
        server.run_start("");
    });
    node.insert(&device("c", 1)).await.unwrap();
    assert_eq!(node.ids(), ["a", "b", "c"]);
    assert_eq!(node.exported().await.lines().count(), 3);
    node.stop().await;
}

/// The number that a lost commit had goes to another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_sees_that_a_server_gave_the_number_of_a_lost_commit_to_another() {
    let place = Place::postgres();
    let (one, two) = (Node::start(&place).await, Node::start(&place).await);
    listening(&one, &two).await;
    one.insert(&device("lost", 1)).await.unwrap();
    shown(&two.ledger, |ledger| ledger.view().by_id("lost").is_some(), LEARNED_BUSY).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    // Nobody looks between the loss and the write that gets the same number.
    let lose = "SET anylog.master = 'yes'; BEGIN; DELETE FROM ledger WHERE policy_id = 'lost'; \
                UPDATE policy_history SET policy_id = 'new', time = '2030-01-01T00:00:00.000000Z' WHERE policy_id = 'lost'; \
                INSERT INTO ledger (policy_type, policy_id, host, policy) \
                VALUES ('device', 'new', 'h', '{\"device\": {\"id\": \"new\"}}'); COMMIT";
    tokio::task::block_in_place(|| {
        server.sql("blockchain", lose);
        server.stop();
        server.run_start("");
    });
    let now = |ledger: &Ledger| ledger.view().by_id("lost").is_none() && ledger.view().by_id("new").is_some();
    for node in [&one, &two] {
        shown(&node.ledger, now, LEARNED_BUSY).await;
    }
    one.insert(&device("after", 1)).await.unwrap();
    shown(&two.ledger, |ledger| now(ledger) && ledger.view().by_id("after").is_some(), LEARNED_BUSY).await;
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_failed_half_way_is_repeated() {
    let place = Place::postgres();
    let (one, two) = (Node::start(&place).await, Node::start(&place).await);
    listening(&one, &two).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let rename = |from: &str, to: &str| server.sql("blockchain", &format!("ALTER TABLE {from} RENAME TO {to}"));
    // What was dropped is asked after what changed, and cannot be answered now.
    tokio::task::block_in_place(|| rename("policy_history_rows", "away"));
    one.insert(&device("x", 1)).await.unwrap();
    two.ledger.catch_up().await.unwrap_err();
    tokio::task::block_in_place(|| rename("away", "policy_history_rows"));
    two.ledger.catch_up().await.unwrap();
    assert!(two.ledger.view().by_id("x").is_some());
    one.stop().await;
    two.stop().await;
}

/// Two masters that write at the same time learn each other's rows; neither takes the other for a stranger.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_race_is_no_change_by_others() {
    let place = Place::postgres();
    let masters = [shared(Node::start(&place).await), shared(Node::start(&place).await)];
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let node = Arc::clone(&masters[writer % 2]);
            tokio::spawn(async move {
                for number in 0..10 {
                    node.insert(&device(&format!("w{writer}-{number}"), 1)).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let strangers = "DO $$ BEGIN ASSERT (SELECT count(*) < 2 FROM policy_history WHERE what = 'outside'); END $$";
    server.sql("blockchain", strangers);
    masters[0].ledger.reload().await.unwrap();
    assert_eq!(masters[0].ids().len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_is_refused_alone() {
    let place = Place::postgres();
    let node = shared(Node::start(&place).await);
    let Place::Postgres(server, _) = &place else { unreachable!() };
    server.sql("blockchain", "ALTER TABLE ledger ADD CHECK (policy_id <> 'w3')");
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let node = Arc::clone(&node);
            tokio::spawn(async move {
                let text = device(&format!("w{writer}"), 1);
                node.ledger.write(insert(&text, OnDuplicate::Refuse), Author::new("test")).await
            })
        })
        .collect();
    let mut refused = 0;
    for writer in writers {
        refused += usize::from(matches!(writer.await.unwrap(), Err(Error::Refused { .. })));
    }
    assert_eq!((refused, node.ids().len()), (1, 7));
}

/// Tries until the database takes a write again.
pub async fn comes_back(node: &Node, id: &str) {
    let start = Instant::now();
    while let Err(error) = node.insert(&device(id, 1)).await {
        if matches!(error, Error::Duplicate { .. }) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{error}");
    }
}

/// While the database does not answer: every writer hears so in time, whenever it came, and reads go on.
async fn refuses_in_time(node: &Arc<Node>) {
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let node = Arc::clone(node);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(writer * 300)).await;
                let start = Instant::now();
                let outcome = node.insert(&device(&format!("w{writer}"), 1)).await;
                (outcome, start.elapsed())
            })
        })
        .collect();
    for writer in writers {
        let (outcome, elapsed) = writer.await.unwrap();
        assert!(matches!(outcome, Err(Error::Unavailable(_))), "{outcome:?}");
        assert!(elapsed < ANSWERED, "{elapsed:?}");
        assert_eq!(node.ids(), ["a"], "reads go on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_is_not_waited_for() {
    let place = Place::postgres();
    let node = shared(Node::start(&place).await);
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    server.signal("STOP");
    refuses_in_time(&node).await;
    assert_eq!(node.exported().await, device("a", 1) + "\n");
    server.signal("CONT");
    comes_back(&node, "b").await;
    let shown = node.exported().await;
    node.ledger.reload().await.unwrap();
    assert_eq!(node.exported().await, shown, "the view differs from the table");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_swallows_everything_is_replaced() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let passage = Passage::open(server.port).await;
    let node = Node::on(&format!("127.0.0.1:{}", passage.port)).await;
    node.insert(&device("a", 1)).await.unwrap();
    passage.swallow();
    let start = Instant::now();
    let refused = node.insert(&device("b", 1)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(start.elapsed() < ANSWERED, "{:?}", start.elapsed());
    passage.pass();
    comes_back(&node, "c").await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    server.sql("blockchain", "DELETE FROM ledger WHERE policy_id = 'a'");
    shown(&node.ledger, |ledger| ledger.view().by_id("a").is_none(), Duration::from_secs(10)).await;
}

/// Passes on what a server answers at a megabyte a second, as a network far away does, and returns the port of that way.
async fn slow_way(to: u16) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let far = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let (mut asks, mut is_told) = near.into_split();
                let (mut tells, mut is_asked) = far.into_split();
                let answers = async {
                    let mut part = vec![0; 4096];
                    while let Ok(read @ 1..) = tells.read(&mut part).await {
                        if is_told.write_all(&part[..read]).await.is_err() {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(4)).await;
                    }
                };
                tokio::select! {
                    _ = tokio::io::copy(&mut asks, &mut is_asked) => {}
                    () = answers => {}
                }
            });
        }
    });
    port
}

/// Neither the rows nor the deletions come within the time of a look, however often it is repeated.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_a_look_is_read_with_the_whole_table() {
    const LARGE: &str = "SET anylog.master = 'yes'; BEGIN; \
        INSERT INTO ledger (policy_type, policy_id, host, policy) \
          SELECT 'device', 'd' || n, 'h', format('{\"device\": {\"id\": \"d%s\", \"name\": \"%s\", \
            \"date\": \"2026-01-01T00:00:01.000000Z\", \"text\": \"%s\"}}', n, n, repeat('x', 1500)) \
          FROM generate_series(1, 1500) n; \
        INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id) \
          SELECT v.version, n - 1, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'w', \
            CASE WHEN n <= 1500 THEN 'insert' ELSE 'drop' END, 'device', \
            CASE WHEN n <= 1500 THEN 'd' || n ELSE repeat('y', 100) || n END \
          FROM generate_series(1, 16500) n, (SELECT max(version) + 1 AS version FROM policy_history) v; \
        COMMIT";
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    server.sql("postgres", "CREATE DATABASE blockchain");
    let port = slow_way(server.port).await;
    let node = Node::on(&format!("127.0.0.1:{port}")).await;
    node.insert(&device("a", 1)).await.unwrap();
    tokio::task::block_in_place(|| server.sql("blockchain", LARGE));
    shown(&node.ledger, |ledger| ledger.view().len() == 1501, Duration::from_secs(60)).await;
    comes_back(&node, "b").await;
    node.stop().await;
}

/// The steps are done under a lock of the server, which one that hangs does not give back.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_hangs_while_it_makes_the_tables_is_told_by_the_others() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let node = Node::alone();
    node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(server.port)
        .username("admin")
        .password("elpw")
        .database("blockchain");
    let mut hanging = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::migrate::Migrate::lock(&mut hanging).await.unwrap();
    let refused = tokio::time::timeout(Duration::from_secs(30), node.ledger.create_table()).await.expect("it ends");
    let told = refused.unwrap_err();
    assert!(matches!(&told, Error::Unavailable(outage) if !outage.is_lasting()), "{told:?}");
    assert!(told.to_string().contains("another master is making them"), "{told}");
    sqlx::migrate::Migrate::unlock(&mut hanging).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&device("a", 1)).await.unwrap();
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_are_not_waited_for_on_a_server_that_falls_silent() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let passage = Passage::open(server.port).await;
    let node = Node::alone();
    let connected = super::connect(super::server_at(&format!("127.0.0.1:{}", passage.port))).await.unwrap();
    node.ledger.attach(connected.store().unwrap()).await.unwrap();
    passage.swallow();
    let refused = tokio::time::timeout(Duration::from_secs(30), node.ledger.create_table()).await.expect("it ends");
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    passage.pass();
    let begin = Instant::now();
    while let Err(error) = node.ledger.create_table().await {
        assert!(begin.elapsed() < Duration::from_secs(20), "{error}");
    }
    node.insert(&device("a", 1)).await.unwrap();
    node.stop().await;
}

/// It answers questions, and ends no commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_without_its_standby_does_not_hold_up_a_start() {
    let server = crate::support::postgres::Postgres::start();
    tokio::task::block_in_place(|| {
        server.stop();
        server.run_start("-c synchronous_standby_names='*'");
    });
    let connecting = super::connect(super::server_at(&format!("127.0.0.1:{}", server.port)));
    let refused = tokio::time::timeout(Duration::from_secs(60), connecting).await.expect("it ends").err();
    assert!(matches!(refused, Some(Error::Unavailable(_))), "{refused:?}");
}
