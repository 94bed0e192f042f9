//! What is stored can always be read: whatever dates, ids and rows somebody brings, the ledger opens, takes changes and tells
//! what is wrong.

use super::house::{House, Inhabitant, device};
use anylog_master::{node::Role, reply::Reply};
use serde_json::Value;
use std::time::{Duration, Instant};

on_both_stores! {
    dates_that_are_no_moment_are_refused_from_every_door
    sizes_and_characters_that_no_column_holds_are_refused
    one_change_that_fails_takes_no_other_with_it
    rows_of_others_end_no_start_and_no_write
    random_rows_end_no_start_and_no_write
    the_boot_repairs_the_policy_of_its_node
    an_id_that_somebody_took_before_ends_no_start
    a_policy_that_matches_anything_is_not_taken_for_that_of_the_node
}

/// Words that one of the databases takes for a time, or that have no place in the order of the ledger.
const NO_MOMENTS: [&str; 16] = [
    "infinity",
    "-infinity",
    "now",
    "today",
    "yesterday",
    "tomorrow",
    "epoch",
    "J0",
    "J2460000",
    "allballs",
    "0044-03-15 BC",
    "4714-11-24 BC",
    "294276-12-31",
    "2026-02-30",
    "2026-01-01T25:00:00Z",
    "17",
];

async fn dates_that_are_no_moment_are_refused_from_every_door(house: House) {
    let node = house.boot().await;
    let before = node.ids();
    for date in NO_MOMENTS {
        let policy = format!(r#"{{"d":{{"name":"x","date":"{date}"}}}}"#);
        for command in [format!("blockchain push {policy}"), format!("blockchain push ignore {policy}")] {
            let (code, reason) = node.block(&command).await;
            assert!(code == 30 && reason.contains("no moment"), "{command}: {code} {reason}");
        }
        let replace = format!("blockchain replace policy {} with {policy}", before[0]);
        assert_ne!(node.block(&replace).await.0, 0, "{replace}");
        for command in [
            format!("blockchain push {policy}"),
            format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn"),
            format!("blockchain insert where policy = {policy} and local = true"),
            format!("blockchain add {policy}"),
        ] {
            assert_eq!(node.rest(Role::Admin, &command).await.unwrap_err().code.0, 30, "{command}");
            assert_eq!(node.run(&command).await.unwrap_err().code.0, 30, "{command}");
        }
    }
    assert_eq!(node.ids(), before);
    stays_usable(&house, node).await;
}

async fn sizes_and_characters_that_no_column_holds_are_refused(house: House) {
    let node = house.boot().await;
    let (nine_kilobytes, megabyte) = ("x".repeat(9 * 1024), "x".repeat(1024 * 1024));
    for policy in [
        format!(r#"{{"d":{{"name":"x","id":"{nine_kilobytes}"}}}}"#),
        format!(r#"{{"d":{{"name":"x","id":"{megabyte}"}}}}"#),
        format!(r#"{{"{megabyte}":{{"name":"x"}}}}"#),
        format!(r#"{{"{nine_kilobytes}":{{"name":"x"}}}}"#),
        format!(r#"{{"d":{{"name":"x","text":"{megabyte}"}}}}"#),
        r#"{"d":{"name":"x","id":"a\u0000b"}}"#.to_owned(),
        r#"{"d\u0000":{"name":"x"}}"#.to_owned(),
        r#"{"deleted":{"id":"x"}}"#.to_owned(),
        r#"{"d":{"name":"x","company":"\u0000"}}"#.to_owned(),
    ] {
        let (code, reason) = node.block(&format!("blockchain push {policy}")).await;
        let shown: String = policy.chars().take(60).collect();
        assert!(code == 87 && reason.len() < 2048, "{shown}: {code} {reason}");
        assert_eq!(node.run(&format!("blockchain add {policy}")).await.unwrap_err().code.0, 87, "{shown}");
    }
    stays_usable(&house, node).await;
}

async fn one_change_that_fails_takes_no_other_with_it(house: House) {
    let node = std::sync::Arc::new(house.boot().await);
    let bad = format!(r#"{{"d":{{"name":"x","id":"{}"}}}}"#, "x".repeat(9 * 1024));
    let changes = (0..64).map(|number| {
        let (node, policy) = (std::sync::Arc::clone(&node), device(&format!("n{number}")));
        let policy = if number % 3 == 0 { bad.clone() } else { policy };
        tokio::spawn(async move { node.run(&format!("blockchain push {policy}")).await.is_ok() })
    });
    for (number, change) in changes.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(change.await.unwrap(), number % 3 != 0, "{number}");
    }
    let node = std::sync::Arc::into_inner(node).unwrap();
    stays_usable(&house, node).await;
}

/// Rows that nobody but somebody with the database could write: number, id, date and text as SQL writes them.
fn hostile_rows(house: &House) -> Vec<String> {
    let row = |id: &str, date: &str, text: &str| {
        format!(
            "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ('d', {id}, {date}, '10.9.9.9', {text})"
        )
    };
    let good = |id: &str| format!("'{{\"d\": {{\"name\": \"x\", \"id\": \"{id}\"}}}}'");
    let date = "'2026-01-01 00:00:00'";
    let mut rows = vec![
        row("'null-text'", date, "NULL"),
        row("''", date, &good("empty-id")),
        row("'no-json'", date, "'{\"d\": {'"),
        row("'list'", date, "'[1, 2]'"),
        row("'number'", date, "'17'"),
        row("'two-types'", date, "'{\"a\": {}, \"b\": {}}'"),
        row("'other-id'", date, &good("someone-else")),
        row("'without-id'", date, "'{\"d\": {\"name\": \"x\"}}'"),
        row("'line-ends'", date, "'{\"d\": {\"name\": \"x\",\n \"id\": \"line-ends\"}}'"),
        row("'deep'", date, &format!("'{}'", "[".repeat(100_000))),
        row("'deep-policy'", date, &format!("'{{\"d\": {{\"id\": \"deep-policy\", \"x\": {}}}}}'", "[".repeat(10_000))),
        row("'number-1e400'", date, "'{\"d\": {\"id\": \"number-1e400\", \"x\": 1e400}}'"),
        row("'bad-date'", date, "'{\"d\": {\"id\": \"bad-date\", \"date\": \"infinity\"}}'"),
        row("'date-17'", date, "'{\"d\": {\"id\": \"date-17\", \"date\": 17}}'"),
        row("'operator'", date, "'{\"operator\": {\"id\": \"operator\", \"ip\": [], \"port\": {}, \"cluster\": 5}}'"),
        row("'parent'", date, "'{\"cluster\": {\"id\": \"parent\", \"parent\": \"parent\"}}'"),
        row(&format!("'{}'", "i".repeat(2000)), date, &good("long")),
    ];
    // Numbers given by hand: those that come next collide with them.
    for number in 60..80 {
        rows.push(format!(
            "INSERT INTO ledger (sequence_id, policy_type, policy_id, date, host, policy) \
             VALUES ({number}, 'd', 'by-hand-{number}', {date}, '', {})",
            good(&format!("by-hand-{number}"))
        ));
    }
    let dates: &[&str] = if house.is_postgres() {
        &["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'J0'", "'294276-12-31'", "'epoch'"]
    } else {
        &["'infinity'", "'yesterday'", "17", "1e300", "x'ff'", "''"]
    };
    rows.extend(
        dates.iter().enumerate().map(|(at, date)| row(&format!("'date-{at}'"), date, &good(&format!("date-{at}")))),
    );
    if !house.is_postgres() {
        for (at, value) in ["x'ff00fe'", "17", "2.5", "x''"].iter().enumerate() {
            rows.push(row(value, date, &good("odd-id")));
            rows.push(row(&format!("'odd-{at}'"), date, value));
            rows.push(format!(
                "INSERT INTO ledger (policy_type, policy_id, host) VALUES ({value}, 'type-{at}', {value})"
            ));
        }
    }
    // The last number that there is: on SQLite no row can follow it.
    let last = if house.is_postgres() { i64::from(i32::MAX) } else { i64::MAX };
    rows.push(format!(
        "INSERT INTO ledger (sequence_id, policy_type, policy_id, date, host, policy) VALUES ({last}, 'd', 'last', {date}, '', {})",
        good("last")
    ));
    rows
}

/// The table as other masters make it.
fn table_of_others(house: &House) -> &'static str {
    if house.is_postgres() {
        "CREATE TABLE ledger (sequence_id SERIAL PRIMARY KEY,policy_type VARCHAR NOT NULL,policy_id VARCHAR NOT NULL,company_name VARCHAR,date TIMESTAMP NOT NULL DEFAULT NOW(),host VARCHAR NOT NULL,status VARCHAR,policy VARCHAR); CREATE UNIQUE INDEX hash_index ON ledger(policy_id)"
    } else {
        "CREATE TABLE ledger (sequence_id integer primary key autoincrement,policy_type varchar not null,policy_id varchar not null,company_name varchar,date timestamp not null default current_timestamp,host varchar not null,status varchar,policy varchar); CREATE UNIQUE INDEX hash_index on ledger(policy_id)"
    }
}

async fn rows_of_others_end_no_start_and_no_write(house: House) {
    if house.is_postgres() {
        house.server().sql("postgres", "CREATE DATABASE blockchain");
    }
    house.sql(&[table_of_others(&house)]).await;
    let rows = hostile_rows(&house);
    house.sql(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let node = house.boot().await;
    let Reply::Value(Value::Array(told)) = node.run("get policy errors where format = json").await.unwrap() else {
        panic!("a list is expected")
    };
    let told_ids: Vec<_> = told.iter().map(|error| error["id"].as_str().unwrap()).collect();
    for id in ["null-text", "no-json", "list", "two-types", "other-id", "without-id", "deep", "date-0", "operator"] {
        assert!(told_ids.contains(&id), "{id} is not in {told_ids:?}");
    }
    assert!(!told_ids.contains(&"line-ends") && !told_ids.contains(&"by-hand-60"), "{told_ids:?}");
    assert!(node.node.concerns().iter().any(|concern| concern.contains("get policy errors")));
    let Reply::Text(metrics) = node.run("get metrics").await.unwrap() else { panic!("a text is expected") };
    assert!(metrics.contains(&format!("anylog_master_policy_errors {}", told.len())), "{metrics}");
    // Numbers that somebody gave by hand stand in nobody's way.
    for number in 0..60 {
        node.run(&format!("blockchain push {}", device(&format!("after-{number}")))).await.unwrap();
    }
    let export = node.node.ledger.export().await.unwrap();
    for line in String::from_utf8_lossy(&export.to_vec()).lines() {
        anylog_master::policy::Policy::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    // A row that cannot be read is dropped like any other, and another policy may have its id then.
    node.run("blockchain drop policy where id = no-json").await.unwrap();
    node.run(&format!("blockchain push {}", device("no-json"))).await.unwrap();
    // Somebody writes more while the node runs.
    let late = "INSERT INTO ledger (policy_type, policy_id, host, policy) VALUES ('d', 'late', 'h', 'no policy')";
    house.sql(&[late]).await;
    node.node.ledger.reload().await.unwrap();
    node.run(&format!("blockchain push {}", device("after-late"))).await.unwrap();
    stays_usable(&house, node).await;
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// Joins pieces that mean something somewhere.
    fn text(&mut self) -> String {
        const PIECES: [&str; 28] = [
            "{",
            "}",
            "[",
            "]",
            "\"",
            "'",
            ":",
            ", ",
            "\\",
            "\\u0000",
            "\\ud800",
            "\n",
            "\t",
            "\u{1}",
            "{\"d\": {",
            "\"id\": ",
            "\"ledger\": \"local\"",
            "deleted",
            "operator",
            "1e999",
            "-0",
            "null",
            "true",
            "é",
            "\u{1f3ed}",
            "x",
            "17",
            "{\"d\": {\"id\": \"ok\"}}",
        ];
        (0..self.below(12)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// Writes a value as SQL, of any type where the database has no strict ones.
    fn value(&mut self, postgres: bool) -> String {
        match self.below(8) {
            0 if !postgres => format!("x'{:02x}ff'", self.below(256)),
            1 if !postgres => self.below(1_000_000).to_string(),
            2 if !postgres => format!("-{}.5e{}", self.below(100), self.below(300)),
            _ => format!("'{}'", self.text().replace('\'', "''")),
        }
    }
}

async fn random_rows_end_no_start_and_no_write(house: House) {
    let postgres = house.is_postgres();
    if postgres {
        house.server().sql("postgres", "CREATE DATABASE blockchain");
    }
    house.sql(&[table_of_others(&house)]).await;
    let mut numbers = Numbers(20_260_101);
    let mut rows = String::new();
    for row in 0..300 {
        let date = match (postgres, numbers.below(4)) {
            (true, 0) => "'infinity'".to_owned(),
            (true, 1) => "'-infinity'".to_owned(),
            (true, _) => format!("'{:04}-01-01'", 1 + numbers.below(9998)),
            (false, _) => numbers.value(postgres),
        };
        let (kind, host, text) = (numbers.value(postgres), numbers.value(postgres), numbers.value(postgres));
        let id = if numbers.below(3) == 0 { format!("'{row}'") } else { numbers.value(postgres) };
        let sequence =
            if numbers.below(5) == 0 { format!("{}", 1 + numbers.below(2000)) } else { format!("{}", 10_000 + row) };
        rows += &format!(
            "INSERT INTO ledger (sequence_id, policy_type, policy_id, date, host, policy) \
             VALUES ({sequence}, {kind}, {id}, {date}, {host}, {text}) ON CONFLICT DO NOTHING;\n"
        );
    }
    house.sql(&[&rows]).await;
    let node = house.boot().await;
    for number in 0..40 {
        node.run(&format!("blockchain push {}", device(&format!("after-{number}")))).await.unwrap();
    }
    let export = node.node.ledger.export().await.unwrap();
    for line in String::from_utf8_lossy(&export.to_vec()).lines() {
        anylog_master::policy::Policy::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for command in ["get policy errors", "blockchain get * bring.count", "blockchain undo 5", "get metrics"] {
        node.run(command).await.unwrap();
    }
    stays_usable(&house, node).await;
}

/// A server that takes any bytes for text: what no node could have sent lies in the table.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_end_no_start() {
    let house = House::postgres();
    house.server().sql(
        "postgres",
        "CREATE DATABASE blockchain ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    );
    let row = |id: &str, host: &str, text: &str| {
        format!("INSERT INTO ledger (policy_type, policy_id, host, policy) VALUES ('d', {id}, {host}, {text})")
    };
    let rows = [
        table_of_others(&house).to_owned(),
        row("E'\\\\377\\\\376'", "'h'", "'{\"d\": {\"id\": \"x\"}}'"),
        row("'text'", "'h'", "E'{\"d\": {\"id\": \"text\", \"x\": \"\\\\377\"}}'"),
        row("'host'", "E'\\\\377'", "'{\"d\": {\"id\": \"host\"}}'"),
    ]
    .map(|sql| sql.replace("\\\\", "\\"));
    house.sql(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let node = house.boot().await;
    let Reply::Value(Value::Array(told)) = node.run("get policy errors where format = json").await.unwrap() else {
        panic!("a list is expected")
    };
    let listed: Vec<_> =
        told.iter().map(|error| (error["id"].as_str().unwrap(), error["listed"].as_bool().unwrap())).collect();
    assert_eq!(listed.len(), 3, "{told:?}");
    assert!(listed.contains(&("text", false)) && listed.contains(&("host", true)), "{listed:?}");
    stays_usable(&house, node).await;
}

/// Whoever has the database may write a time outside of the calendar beside a running node: the row is told, and ends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_outside_of_the_calendar_is_told_beside_a_running_node() {
    let house = House::postgres();
    let node = house.boot().await;
    let dates = ["infinity", "-infinity", "0044-03-15 BC", "294276-12-31", "9999-12-31 23:59:59"];
    for (at, date) in dates.iter().enumerate() {
        let text = format!("{{\"d\": {{\"name\": \"x\", \"id\": \"date-{at}\"}}}}");
        let row = format!(
            "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ('d', 'date-{at}', '{date}', 'h', '{text}')"
        );
        house.sql(&[&row]).await;
    }
    let begin = Instant::now();
    let told = loop {
        let Reply::Value(Value::Array(told)) = node.run("get policy errors where format = json").await.unwrap() else {
            panic!("a list is expected")
        };
        if told.len() >= 4 {
            break told;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{told:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let ids: Vec<_> = told.iter().filter_map(|error| error["id"].as_str()).collect();
    assert_eq!(ids.len(), 4, "the last of them is a moment: {ids:?}");
    assert!(!ids.contains(&"date-4"), "{ids:?}");
    stays_usable(&house, node).await;
}

async fn the_boot_repairs_the_policy_of_its_node(house: House) {
    let node = house.boot().await;
    let (id, good, text) = (node.own_id(), own_body(&node), node.text_of(&node.own_id()).unwrap());
    node.stop().await;
    let with_id = |body: &str| format!("{{\"master\": {{{body}\"id\": \"{id}\"}}}}");
    for evil in [
        with_id(r#""name": "n1", "ip": "6.6.6.6", "#),
        with_id(r#""name": "n1", "company": "acme", "port": 7, "ip": "6.6.6.6", "local_ip": "6.6.6.6", "#),
        text.replace("127.0.0.1", "6.6.6.6"),
        text.replace("\"rest_port\": ", "\"rest_port\": 6"),
        with_id(""),
    ] {
        // As somebody who has the database: no door of the node lets others do this.
        house.sql(&[&format!("UPDATE ledger SET policy = '{evil}' WHERE policy_id = '{id}'")]).await;
        let again = house.boot().await;
        assert_eq!((again.own_id(), own_body(&again)), (id.clone(), good.clone()), "{evil}");
        again.stop().await;
    }
    stays_usable(&house, house.boot().await).await;
}

async fn an_id_that_somebody_took_before_ends_no_start(house: House) {
    let node = house.boot().await;
    let (id, good) = (node.own_id(), own_body(&node));
    node.stop().await;
    for (kind, text) in
        [("device", format!(r#"{{"device": {{"name": "x", "id": "{id}"}}}}"#)), ("x", "no policy".to_owned())]
    {
        let take = format!("UPDATE ledger SET policy_type = '{kind}', policy = '{text}' WHERE policy_id = '{id}'");
        house.sql(&[&take]).await;
        let again = house.boot().await;
        assert!(again.text_of(&id).is_some_and(|there| there == text), "what somebody else has is left alone");
        let own = again.own_id();
        assert!(own != id && own_body(&again) == good, "{own}");
        again.stop().await;
        let once_more = house.boot().await;
        assert_eq!(once_more.own_id(), own, "a restart adds nothing");
        once_more.stop().await;
        house.sql(&[&format!("DELETE FROM ledger WHERE policy_id = '{own}'")]).await;
    }
}

async fn a_policy_that_matches_anything_is_not_taken_for_that_of_the_node(house: House) {
    let node = house.boot().await;
    let (id, good) = (node.own_id(), own_body(&node));
    let any = r#"{"master": {"name": "*", "company": "*", "port": "*", "rest_port": "*", "ip": "*", "local_ip": "*", "external_ip": "*", "internal_ip": "*", "id": "any", "date": "2000-01-01T00:00:00.000000Z"}}"#;
    assert_eq!(node.block(&format!("blockchain push {any}")).await.0, 0);
    node.stop().await;
    house.sql(&[&format!("DELETE FROM ledger WHERE policy_id = '{id}'")]).await;
    let again = house.boot().await;
    assert_eq!(again.text_of("any").as_deref(), Some(any));
    again.run("blockchain drop policy where id = any").await.unwrap();
    assert_eq!(own_body(&again), good);
    stays_usable(&house, again).await;
}

/// Returns the only policy of the node, without what says when it was published.
fn own_body(node: &Inhabitant) -> Value {
    let id = node.own_id();
    let mut policy: Value = serde_json::from_str(&node.text_of(&id).unwrap()).unwrap();
    let body = policy["master"].as_object_mut().unwrap();
    for attribute in ["id", "date", "ledger"] {
        body.shift_remove(attribute);
    }
    policy
}

/// The node goes on: it takes a change, says that it is ready, and starts again with what it had.
async fn stays_usable(house: &House, node: Inhabitant) {
    let (code, reason) = node.block(&format!("blockchain push {}", device("still-works"))).await;
    assert_eq!(code, 0, "{reason}");
    assert!(node.node.ledger.takes_changes() && node.node.ledger.may_deliver().is_ok());
    node.member().await.ledger().await.expect("members get the ledger");
    let before = node.ids();
    node.stop().await;
    let again = house.boot().await;
    assert_eq!(again.ids(), before);
    again.stop().await;
}
