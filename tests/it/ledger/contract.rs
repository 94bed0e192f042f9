//! What holds on every store.

use super::{Node, Place, device, insert, shared};
use anylog_master::{
    ledger::{
        Author, Batch, Change, ChangeSet, Committed, Error, HistoryMark, HistoryPlace, HistoryRow, LedgerRow,
        OnDuplicate, Outage, PolicyCheck, ReadLimits, RowChange, RowEdit, RowValues, SqliteStore, StatementError,
        Store, StoreError,
    },
    policy::{Policy, id},
};
use std::time::{Duration, Instant};

macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::sqlite()).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::postgres()).await; })*
        }
    };
}

on_both_stores! {
    exports_by_date_then_sequence
    refuses_and_ignores_duplicates
    drops_until_the_first_missing
    replaces_the_text_and_keeps_the_sequence
    keeps_a_history
    shares_commits_between_clients
    finds_everything_after_a_restart
    shows_the_numbers_that_the_database_gives
    opens_a_ledger_of_the_reference
    binds_every_value
    creates_the_table_for_a_change
    drops_and_creates_the_table
    leaves_out_rows_that_are_no_policies
    answers_one_select_and_nothing_else
    one_statement_does_what_the_other_does
}

async fn exports_by_date_then_sequence(place: Place) {
    let node = Node::start(&place).await;
    assert_eq!(node.exported().await, "\n");
    for (id, second) in [("b", 2), ("a", 1), ("c", 2), ("d", 0)] {
        node.insert(&device(id, second)).await.unwrap();
    }
    let expected = [("d", 0), ("a", 1), ("b", 2), ("c", 2)].map(|(id, second)| device(id, second) + "\n").concat();
    assert_eq!(node.exported().await, expected);
    assert_eq!(node.ledger.export().await.unwrap().md5, id::hash(expected.as_bytes()));
    assert_eq!(node.ids(), ["d", "a", "b", "c"]);
    node.stop().await;
}

async fn refuses_and_ignores_duplicates(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    assert!(matches!(node.insert(&device("a", 2)).await, Err(Error::Duplicate { .. })));
    let again = node.ledger.write(insert(&device("a", 2), OnDuplicate::Ignore), Author::new("test")).await.unwrap();
    assert!(again.ignored);
    assert_eq!(node.exported().await, device("a", 1) + "\n");
    node.stop().await;
}

async fn drops_until_the_first_missing(place: Place) {
    let node = Node::start(&place).await;
    for id in ["a", "b", "c"] {
        node.insert(&device(id, 1)).await.unwrap();
    }
    let missing = node.drop_ids(&["a", "x", "b"]).await;
    assert!(matches!(&missing, Err(Error::Missing(id)) if id == "x"), "{missing:?}");
    assert_eq!(node.ids(), ["b", "c"]);
    let host = "10.0.0.1".to_owned();
    let gone = node.ledger.write(Change::DropHost { host: host.clone() }, Author::new("test")).await.unwrap();
    assert_eq!(gone.entries.len(), 2);
    let none = node.ledger.write(Change::DropHost { host: host.clone() }, Author::new("test")).await;
    assert!(matches!(&none, Err(Error::MissingHost(missing)) if *missing == host), "{none:?}");
    assert_eq!(node.exported().await, "\n");
    node.stop().await;
}

async fn replaces_the_text_and_keeps_the_sequence(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    node.insert(&device("b", 1)).await.unwrap();
    let text = r#"{"device": {"name": "new", "id": "a", "date": "2026-01-01T00:00:01.000000Z"}}"#;
    let replace = |id: &str, text: &str| Change::Replace {
        id: id.to_owned(),
        policy: Policy::parse(text).unwrap(),
        host: "10.0.0.2".to_owned(),
        check: PolicyCheck::Structure,
    };
    node.ledger.write(replace("a", text), Author::new("test")).await.unwrap();
    assert_eq!(node.exported().await, format!("{text}\n{}\n", device("b", 1)));
    let other = text.replace("device", "other");
    assert!(node.ledger.write(replace("a", &other), Author::new("test")).await.is_err());
    assert!(node.ledger.write(replace("x", text), Author::new("test")).await.is_err());
    node.ledger.reload().await.unwrap();
    assert_eq!(&*node.ledger.view().by_id("a").unwrap().host, "10.0.0.2");
    node.stop().await;
}

async fn keeps_a_history(place: Place) {
    let node = Node::start(&place).await;
    let (first, second) = (device("a", 1), device("a", 1).replace("device\": {", "device\": {\"n\": 2, "));
    node.insert(&first).await.unwrap();
    assert_eq!(steps(&node, "a").await, [("insert", None, Some(first.clone()))], "the text stands in the table");
    let (policy, host) = (Policy::parse(&second).unwrap(), "10.0.0.2".to_owned());
    let replace = Change::Replace { id: "a".to_owned(), policy, host, check: PolicyCheck::Structure };
    node.ledger.write(replace, Author::new("test")).await.unwrap();
    node.drop_ids(&["a"]).await.unwrap();
    node.insert(&second).await.unwrap();
    node.insert(&device("b", 1)).await.unwrap();
    let expected = [
        ("insert", None, Some(first.clone())),
        ("replace", Some(first), Some(second.clone())),
        ("drop", Some(second.clone()), None),
        ("insert", None, Some(second)),
    ];
    assert_eq!(steps(&node, "a").await, expected);
    let history = node.ledger.history("a").await.unwrap();
    assert!(history.iter().all(|step| step.who == "test" && step.kind == "device" && step.id == "a"));
    let since = node.ledger.history_since(&history[1].time, u64::MAX).await.unwrap().unwrap();
    let told: Vec<_> = since.iter().map(|step| (&*step.id, step.action.as_str(), step.before.is_some())).collect();
    assert_eq!(told, [("b", "insert", false), ("a", "insert", false), ("a", "drop", true)], "newest first");
    // Whoever goes back needs what was there before: the texts after the changes are not read.
    assert!(since.iter().all(|step| step.after.is_none()));
    assert!(node.ledger.history_since(&history[1].time, 800).await.unwrap().is_none(), "three lines take more");
    let lines = node.ledger.lines_after(HistoryPlace::default(), 100).await.unwrap();
    let replaced = lines.iter().find(|line| line.time == history[1].time).unwrap();
    assert_eq!(node.ledger.history_after(replaced.place, u64::MAX).await.unwrap().unwrap().len(), 3);
    assert!(node.ledger.history_within("a", 900).await.unwrap().is_none(), "four lines take more as well");
    let behind = node.ledger.lines_behind(replaced.mark(), 100).await.unwrap().unwrap();
    assert!(lines.ends_with(&behind) && behind.len() == 3, "what is behind a line that is known");
    assert_eq!(node.ledger.lines_behind(replaced.mark(), 2).await.unwrap().unwrap(), behind[..2]);
    assert_eq!(node.ledger.last_change().await.unwrap(), lines.last().unwrap().mark());
    assert!(node.ledger.keeps(replaced.mark()).await.unwrap());
    let other = HistoryMark::new(replaced.place, "2000-01-01T00:00:00.000000Z");
    assert_eq!(node.ledger.lines_behind(other, 100).await.unwrap(), None, "another history has another line there");
    assert!(!node.ledger.keeps(other).await.unwrap());
    assert_eq!(node.ledger.lines_behind(HistoryMark::default(), 100).await.unwrap().unwrap(), lines);
    node.stop().await;
}

/// Returns what happened to a policy: the action, the text before and the text after.
async fn steps(node: &Node, id: &str) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let history = node.ledger.history(id).await.unwrap();
    history.into_iter().map(|step| (step.action.as_str(), step.before, step.after)).collect()
}

async fn shares_commits_between_clients(place: Place) {
    let node = shared(Node::start(&place).await);
    let start = Instant::now();
    let clients: Vec<_> = (0..64)
        .map(|client| {
            let node = node.clone();
            tokio::spawn(async move {
                for round in 0..4 {
                    node.insert(&device(&format!("{client}-{round}"), 1)).await.unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    println!("256 inserts by 64 clients: {:?}", start.elapsed());
    assert_eq!(node.ids().len(), 256);
    let shown = node.exported().await;
    node.ledger.reload().await.unwrap();
    assert_eq!(node.exported().await, shown, "the view differs from the table");
}

async fn finds_everything_after_a_restart(place: Place) {
    let node = Node::start(&place).await;
    for id in ["a", "b", "c"] {
        node.insert(&device(id, 1)).await.unwrap();
    }
    node.drop_ids(&["b"]).await.unwrap();
    let before = node.ledger.export().await.unwrap();
    node.stop().await;
    let node = Node::start(&place).await;
    assert_eq!(node.ledger.export().await.unwrap().md5, before.md5);
    node.stop().await;
}

async fn shows_the_numbers_that_the_database_gives(place: Place) {
    let node = Node::start(&place).await;
    for id in ["a", "b"] {
        node.insert(&device(id, 1)).await.unwrap();
    }
    node.drop_ids(&["b"]).await.unwrap();
    node.stop().await;
    let node = Node::start(&place).await;
    let places = |node: &Node| -> Vec<_> {
        node.ledger.view().iter().map(|e| (e.id.to_string(), e.date.to_string(), e.sequence)).collect()
    };
    for (id, second) in [("c", 1), ("d", 0), ("2026", 2)] {
        let text = device(id, second);
        let text = if id == "2026" { text.replace("2026-01-01T00:00:02.000000Z", "2026-01-01 00:00:02") } else { text };
        node.insert(&text).await.unwrap();
    }
    let shown = places(&node);
    assert_eq!(shown.iter().map(|place| place.2).max(), Some(5), "a number is not given twice");
    node.ledger.reload().await.unwrap();
    assert_eq!(places(&node), shown);
    node.stop().await;
}

/// The statements with which the reference makes its table (reference/ledger 4.3), and a row of it.
fn reference_ledger(place: &Place) -> Vec<String> {
    let columns = match place {
        Place::Sqlite(_) => {
            "sequence_id integer primary key autoincrement,policy_type varchar not null,policy_id varchar not null,company_name varchar,date timestamp not null default current_timestamp,host varchar not null,status varchar,policy varchar"
        }
        Place::Postgres(..) => {
            "sequence_id SERIAL PRIMARY KEY,policy_type VARCHAR NOT NULL,policy_id VARCHAR NOT NULL,company_name VARCHAR,date TIMESTAMP NOT NULL DEFAULT NOW(),host VARCHAR NOT NULL,status VARCHAR,policy VARCHAR"
        }
    };
    vec![
        format!("CREATE TABLE ledger ({columns})"),
        "CREATE UNIQUE INDEX hash_index on ledger(policy_id)".to_owned(),
        "CREATE INDEX time_index on ledger(date)".to_owned(),
        row("r1", &device("r1", 9)),
    ]
}

fn row(id: &str, text: &str) -> String {
    format!(
        "INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy) \
         VALUES ('device', '{id}', NULL, '2026-01-01T00:00:09.000000Z', '10.1.1.1', NULL, '{text}')"
    )
}

async fn outside(place: &Place, statements: &[String]) {
    match place {
        Place::Postgres(server, _) => statements.iter().for_each(|sql| server.sql("blockchain", sql)),
        Place::Sqlite(directory) => {
            let path = directory.path().join("blockchain.dbms");
            let file = rusqlite::Connection::open(path).unwrap();
            statements.iter().for_each(|sql| file.execute_batch(sql).unwrap());
        }
    }
}

async fn opens_a_ledger_of_the_reference(place: Place) {
    drop(place.connection().await);
    outside(&place, &reference_ledger(&place)).await;
    let node = Node::alone();
    node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
    assert!(node.ledger.table_exists().await.unwrap());
    assert_eq!(node.ids(), ["r1"]);
    node.insert(&device("ours", 1)).await.unwrap();
    outside(&place, &[row("r2", &device("r2", 10))]).await;
    node.ledger.reload().await.unwrap();
    assert_eq!(node.ids(), ["ours", "r1", "r2"]);
    node.stop().await;
}

async fn binds_every_value(place: Place) {
    let node = Node::start(&place).await;
    let text = r#"{"o'p\"--": {"name": "x' or '1'='1", "company": "a'); drop table ledger; --", "status": "'", "id": "q'1", "date": "2026-01-01T00:00:00.000000Z"}}"#;
    node.insert(text).await.unwrap();
    assert!(node.drop_ids(&["x' or '1'='1"]).await.is_err());
    assert_eq!(node.exported().await, format!("{text}\n"));
    node.ledger.reload().await.unwrap();
    assert_eq!(node.exported().await, format!("{text}\n"));
    node.drop_ids(&["q'1"]).await.unwrap();
    node.stop().await;
}

async fn creates_the_table_for_a_change(place: Place) {
    let node = Node::alone();
    assert!(matches!(node.insert(&device("a", 1)).await, Err(Error::NotConnected)));
    node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
    assert!(!node.ledger.table_exists().await.unwrap());
    node.insert(&device("a", 1)).await.unwrap();
    assert_eq!(node.ids(), ["a"]);
    node.stop().await;
}

async fn drops_and_creates_the_table(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    node.ledger.drop_table(Author::new("somebody")).await.unwrap();
    assert!(!node.ledger.table_exists().await.unwrap());
    node.ledger.create_table().await.unwrap();
    assert_eq!(node.exported().await, "\n");
    let held = Some(device("a", 1));
    assert_eq!(steps(&node, "a").await, [("insert", None, held.clone()), ("clear", held, None)]);
    assert_eq!(node.ledger.history("a").await.unwrap()[1].who, "somebody");
    node.insert(&device("a", 1)).await.unwrap();
    assert_eq!(node.ids(), ["a"]);
    node.stop().await;
}

async fn leaves_out_rows_that_are_no_policies(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    outside(&place, &[row("bad", "not json"), row("two", &device("two", 3).replace(", ", ",\n"))]).await;
    node.ledger.reload().await.unwrap();
    assert_eq!(node.ids(), ["a", "two"]);
    assert_eq!(node.exported().await.lines().count(), 2);
    assert!(matches!(node.insert(&device("bad", 1)).await, Err(Error::Duplicate { .. })));
    node.stop().await;
}

async fn answers_one_select_and_nothing_else(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    let connection = place.connection().await;
    let limits = ReadLimits { bytes: 1_000_000, time: Duration::from_secs(10) };
    let rows = connection.select(None, "SELECT policy_id, sequence_id, status FROM ledger", limits).await.unwrap();
    let text = serde_json::to_string(&rows).unwrap();
    assert_eq!(text, r#"[{"policy_id":"a","sequence_id":1,"status":null}]"#);
    for refused in ["drop table ledger", "select 1; drop table ledger", "select from from"] {
        assert!(matches!(connection.select(None, refused, limits).await, Err(Error::Statement(_))), "{refused}");
    }
    let table = connection.select(None, "select * from nothere", limits).await.unwrap_err();
    assert!(matches!(&table, Error::Statement(StatementError::UnknownTable(name)) if name == "nothere"), "{table:?}");
    let column = connection.select(None, "select nothere from ledger", limits).await.unwrap_err();
    assert!(
        matches!(&column, Error::Statement(StatementError::UnknownColumn(name)) if name == "nothere"),
        "{column:?}"
    );
    connection.close().await;
    node.stop().await;
}

/// A store may add one row by another statement than several: what stands in the tables afterwards is the same.
async fn one_statement_does_what_the_other_does(place: Place) {
    let added = [
        added_row("a", Some("A"), "2026-01-01T00:00:01.000001Z"),
        added_row("b", None, "2026-01-01"),
        added_row("c", Some("'"), "2026-01-01 24:00:00"),
    ];
    let one_by_one = async |store: &dyn Store| {
        let mut placed = Vec::new();
        let mut version = loaded(store).await.1;
        for change in &added {
            let committed = commit(store, version, vec![change.clone()]).await;
            version = committed.version;
            placed.extend(committed.placed);
        }
        placed
    };
    let together = async |store: &dyn Store| {
        let version = loaded(store).await.1;
        commit(store, version, added.to_vec()).await.placed
    };
    let mut seen = Vec::new();
    for name in ["one", "together"] {
        let database = place.database(name).await;
        let store = database.store().unwrap();
        store.prepare().await.unwrap();
        let placed = if name == "one" { one_by_one(&*store).await } else { together(&*store).await };
        seen.push((placed, loaded(&*store).await.0, history(&*store).await));
        store.close().await;
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].1.len(), 3);
}

/// Whichever statement writes a batch: it writes nothing when another master was faster, or the policy is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_for_an_old_version_writes_nothing() {
    let place = Place::postgres();
    let store = place.connection().await.store().unwrap();
    store.prepare().await.unwrap();
    let version = loaded(&*store).await.1;
    let date = "2026-01-01T00:00:01.000000Z";
    commit(&*store, version, vec![added_row("a", None, date)]).await;
    let before = (loaded(&*store).await, history(&*store).await);
    let one = || vec![added_row("b", None, date)];
    let two = || vec![added_row("b", None, date), added_row("c", None, date)];
    // The version before, and one that there never was: a write follows the newest version alone.
    for (version, changes) in [(version, one()), (version, two()), (version + 7, one()), (version + 7, two())] {
        let outcome = store.commit(&Batch { version, time: date.to_owned(), changes, outbox: Vec::new() }).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    // A policy that is there is refused and not tried again.
    let twice = |more: Vec<RowChange>| [vec![added_row("a", None, date)], more].concat();
    for changes in [twice(Vec::new()), twice(one())] {
        let outcome =
            store.commit(&Batch { version: version + 1, time: date.to_owned(), changes, outbox: Vec::new() }).await;
        assert!(matches!(outcome, Err(StoreError::Refused(_))), "{outcome:?}");
    }
    assert_eq!((loaded(&*store).await, history(&*store).await), before);
    store.close().await;
}

fn added_row(id: &str, company: Option<&str>, date: &str) -> RowChange {
    let (company, date, host, text) = (company.map(str::to_owned), date.to_owned(), "h".into(), device(id, 1).into());
    let values = RowValues { company, date, host, status: Some("active".to_owned()), text };
    RowChange { who: format!("who {id}"), kind: "device".into(), id: id.into(), edit: RowEdit::Insert(values) }
}

async fn commit(store: &dyn Store, version: i64, changes: Vec<RowChange>) -> Committed {
    let time = "2026-01-01T00:00:09.000000Z".to_owned();
    store.commit(&Batch { version, time, changes, outbox: Vec::new() }).await.unwrap()
}

/// Returns the rows of the table and its version.
async fn loaded(store: &dyn Store) -> (Vec<LedgerRow>, i64) {
    let (rows, mut read) = tokio::sync::mpsc::channel(8);
    let take = async {
        let mut loaded: Vec<LedgerRow> = Vec::new();
        while let Some(rows) = read.recv().await {
            loaded.extend(rows);
        }
        loaded
    };
    let (version, mut loaded) = tokio::join!(store.load(rows), take);
    loaded.sort_by_key(|row| row.sequence);
    (loaded, version.unwrap())
}

async fn history(store: &dyn Store) -> Vec<HistoryRow> {
    store.history_since("", u64::MAX).await.unwrap().unwrap()
}

/// A change of very many policies is read with the whole table: there is little time for the question what changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_changes_takes_as_many_as_come_in_time() {
    let place = Place::postgres();
    let store = place.connection().await.store().unwrap();
    store.prepare().await.unwrap();
    let version = loaded(&*store).await.1;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    // As another master writes them.
    let add = |version: i64, first: u32, last: u32| {
        let statements = format!(
            "SET anylog.master = 'yes'; BEGIN; \
             INSERT INTO ledger (policy_type, policy_id, host, policy) \
               SELECT 'device', 'd' || n, 'h', '{{}}' FROM generate_series({first}, {last}) n; \
             INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id) \
               SELECT {version}, n - {first}, '2026-01-01T00:00:09.000000Z', 'w', 'insert', 'device', 'd' || n \
               FROM generate_series({first}, {last}) n; COMMIT"
        );
        tokio::task::block_in_place(|| server.sql("blockchain", &statements));
    };
    add(version + 1, 1, 100);
    let few = store.changes_since(version).await.unwrap();
    assert!(matches!(&few, ChangeSet::Rows { rows, version: now } if rows.len() == 100 && *now == version + 1));
    add(version + 2, 101, 20_101);
    let many = store.changes_since(version + 1).await.unwrap();
    assert!(matches!(many, ChangeSet::Unknown), "{many:?}");
    let (rows, now) = loaded(&*store).await;
    assert_eq!((rows.len(), now), (20_101, version + 2));
    assert!(matches!(store.changes_since(now).await, Ok(ChangeSet::Unchanged)));
    store.close().await;
}

/// What is left of a long history would stand before the answer to whoever asks next.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_too_long_leaves_nothing_on_a_connection() {
    let place = Place::postgres();
    let connection = place.connection().await;
    let store = connection.store().unwrap();
    store.prepare().await.unwrap();
    let version = loaded(&*store).await.1;
    let date = "2026-01-01T00:00:01.000000Z";
    commit(&*store, version, vec![added_row("a", None, date), added_row("b", None, date)]).await;
    assert_eq!(history(&*store).await.len(), 2);
    let kept = || connection.connections().unwrap().1;
    let before = kept();
    assert!(store.history_since("", 10).await.unwrap().is_none());
    assert_eq!(kept() + 1, before, "its connection is closed");
    assert_eq!(history(&*store).await.len(), 2);
    assert_eq!(kept(), before, "and one that was read to the end is kept");
    store.close().await;
}

/// Changes wait for neither histories nor backups, however many somebody asks for.
#[tokio::test(flavor = "multi_thread")]
async fn long_questions_leave_a_connection_to_short_ones() {
    let place = Place::postgres();
    let store = place.connection().await.store().unwrap();
    store.prepare().await.unwrap();
    let version = loaded(&*store).await.1;
    let date = "2026-01-01T00:00:01.000000Z";
    let version = commit(&*store, version, vec![added_row("a", None, date)]).await.version;
    let mut begun = Vec::new();
    for _ in 0..2 {
        let (items, mut read) = tokio::sync::mpsc::channel(1);
        let reading = std::sync::Arc::clone(&store);
        let snapshot = tokio::spawn(async move { reading.snapshot(items).await });
        // Nobody takes what comes after that, so it keeps its connection.
        assert!(read.recv().await.is_some());
        begun.push((snapshot, read));
    }
    let (items, _read) = tokio::sync::mpsc::channel(1);
    let one_more = tokio::time::timeout(Duration::from_secs(20), store.snapshot(items)).await.expect("it is refused");
    assert!(matches!(one_more, Err(StoreError::Unavailable(Outage::ManyQuestions))), "{one_more:?}");
    assert!(matches!(store.changes_since(version).await, Ok(ChangeSet::Unchanged)));
    commit(&*store, version, vec![added_row("b", None, date)]).await;
    for (snapshot, mut read) in begun {
        while read.recv().await.is_some() {}
        snapshot.await.unwrap().unwrap();
    }
    assert_eq!(history(&*store).await.len(), 2, "and they have their places back");
    store.close().await;
}

/// Whoever looks back has a connection of their own.
#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_file_is_read_beside_what_is_written() {
    let place = Place::sqlite();
    let store = std::sync::Arc::new(SqliteStore::open(&place.directory().join("blockchain.dbms")).await.unwrap());
    store.prepare().await.unwrap();
    commit(&*store, 0, vec![added_row("a", None, "2026-01-01T00:00:01.000000Z")]).await;
    let (begin, begun) = tokio::sync::oneshot::channel();
    let (go_on, held) = std::sync::mpsc::channel::<()>();
    let writer = std::sync::Arc::clone(&store);
    let writing = tokio::spawn(async move {
        let write = move |_: &mut rusqlite::Connection| {
            begin.send(()).unwrap();
            held.recv().unwrap();
        };
        writer.connection().work(write).await.unwrap();
    });
    begun.await.unwrap();
    let look_back = async { (history(&*store).await.len(), store.history("a", u64::MAX).await.unwrap().unwrap()) };
    let (lines, of_one) = tokio::time::timeout(Duration::from_secs(20), look_back).await.expect("nobody is waited for");
    assert_eq!((lines, of_one.len()), (1, 1));
    assert_eq!(of_one[0].after.as_deref(), Some(device("a", 1).as_str()));
    go_on.send(()).unwrap();
    writing.await.unwrap();
    store.close().await;
    assert!(store.history("a", u64::MAX).await.is_err(), "a closed file is closed for them as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_comes_back() {
    let place = Place::sqlite();
    let node = Node::alone();
    let path = place.directory().join("blockchain.dbms");
    let store = std::sync::Arc::new(anylog_master::ledger::SqliteStore::open(&path).await.unwrap());
    let file = std::sync::Arc::clone(&store);
    node.ledger.attach(store).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&device("a", 1)).await.unwrap();
    let pages = |file: &mut rusqlite::Connection| file.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0));
    let pages = file.connection().ask(pages).await.unwrap();
    let limit = async |pages: i64| {
        let limit = move |file: &mut rusqlite::Connection| file.pragma_update(None, "max_page_count", pages);
        file.connection().ask(limit).await.unwrap();
    };
    limit(pages).await;
    let large = device("b", 1).replace("d-b", &"x".repeat(20_000));
    let refused = node.insert(&large).await.unwrap_err();
    assert!(refused.to_string().contains("disk is full"), "{refused}");
    assert_eq!(node.exported().await, device("a", 1) + "\n");
    limit(1_000_000).await;
    node.insert(&large).await.unwrap();
    assert_eq!(node.ids(), ["a", "b"]);
    node.stop().await;
}
