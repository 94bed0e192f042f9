//! Pushes, drops and deliveries between a member and the master.

use super::{
    master::Master,
    member::{Member, text},
};

fn policy(id: &str) -> String {
    format!("{{\"device\": {{\"name\": \"{id}\", \"id\": \"{id}\", \"date\": \"2026-01-01T00:00:00.000001Z\"}}}}")
}

async fn pair() -> (Master, Member) {
    let master = Master::start().await;
    let member = Member::new(master.address).await;
    (master, member)
}

#[tokio::test]
async fn a_pushed_policy_comes_back_with_the_ledger() {
    let (_master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("one")), 0).await;
    assert_eq!(member.ledger().await.unwrap(), format!("{}\n", policy("one")).into_bytes());
    assert_eq!(member.rest().await, [], "success is silent when nobody waits");
}

#[tokio::test]
async fn a_brace_in_a_string_is_a_character() {
    let (_master, mut member) = pair().await;
    let odd = r#"{"device": {"name": "é|{", "id": "odd", "date": "2026-01-01T00:00:00.000001Z"}}"#;
    member.send(&format!("blockchain push {odd}"), 0).await;
    let kept = odd.replace('é', "\\u00e9");
    assert_eq!(member.ledger().await.unwrap(), format!("{kept}\n").into_bytes());
}

#[tokio::test]
async fn a_waiting_caller_reads_the_outcome() {
    let (_master, mut member) = pair().await;
    let answer = member.ask(&format!("blockchain push {}", policy("one"))).await;
    assert_eq!((answer.command.as_str(), answer.header.error), ("echo", 0));
    assert!(!answer.data.is_empty());
    let again = member.ask(&format!("blockchain push {}", policy("one"))).await;
    assert_eq!((again.command.as_str(), again.header.error), ("echo Blockchain message 'push' failed", 30));
    assert!(text(&again).contains("one"), "{}", text(&again));
    member.send(&format!("blockchain push\tignore {}", policy("one")), 0).await;
    assert_eq!(member.rest().await, []);
}

#[tokio::test]
async fn a_member_that_does_not_know_of_a_drop_does_not_bring_the_policy_back() {
    let (_master, mut member) = pair().await;
    for id in ["stays", "one"] {
        member.send(&format!("blockchain push {}", policy(id)), 0).await;
    }
    member.send("blockchain drop policy where id = one", 0).await;
    member.send(&format!("blockchain push\tignore {}", policy("one")), 0).await;
    assert_eq!(member.ledger().await.unwrap(), format!("{}\n", policy("stays")).into_bytes());
    let told = member.ask(&format!("blockchain push ignore {}", policy("one"))).await;
    assert!(told.header.error == 0 && text(&told).contains("stays so"), "{}", text(&told));
    let later = policy("one").replace("2026-01-01", "2999-01-01");
    for again in [format!("ignore {later}"), policy("one")] {
        member.send(&format!("blockchain push {again}"), 0).await;
        let ledger = String::from_utf8(member.ledger().await.unwrap()).unwrap();
        assert_eq!(ledger.lines().count(), 2, "somebody means it: {ledger}");
        member.send("blockchain drop policy where id = one", 0).await;
    }
    assert_eq!(member.rest().await, []);
}

/// The blanks of a value travel as tabs. Cut apart, this one would be the id of the other policy and a second command.
#[tokio::test]
async fn a_value_with_blanks_names_one_policy_and_no_other() {
    let (_master, mut member) = pair().await;
    for id in ["x", "x & y"] {
        member.send(&format!("blockchain push {}", policy(id)), 0).await;
    }
    let found = member.ask("blockchain get device where name = x\t&\ty bring [*][id]").await;
    assert_eq!((found.header.error, text(&found).as_str()), (0, "x & y"));
    member.send("blockchain drop policy where id = x\t&\ty", 0).await;
    assert_eq!(member.ledger().await.unwrap(), format!("{}\n", policy("x")).into_bytes());
}

#[tokio::test]
async fn a_deletion_here_counts_although_another_master_does_not_hear_of_it() {
    let master = Master::start().await;
    for (local, id) in [("true", "one"), ("false", "two")] {
        master.run(&format!("blockchain push {}", policy(id))).await.unwrap();
        let delete = format!("blockchain delete policy where id = {id} and local = {local} and master = 127.0.0.1:1");
        assert_eq!(master.run(&delete).await.is_ok(), local == "true", "{id}");
    }
    let left = master.run("blockchain get device bring [*][id]").await.unwrap();
    assert!(matches!(&left, anylog_master::reply::Reply::Text(text) if text == "two"), "{left:?}");
}

#[tokio::test]
async fn a_large_policy_travels_as_a_file_both_ways() {
    let (_master, mut member) = pair().await;
    let fill = "x".repeat(9000);
    let large =
        format!("{{\"device\": {{\"id\": \"big\", \"fill\": \"{fill}\", \"date\": \"2026-01-01T00:00:00.000001Z\"}}}}");
    member.send(&format!("blockchain push {large}"), 0).await;
    assert_eq!(member.ledger().await.unwrap(), format!("{large}\n").into_bytes());
    member.send(&format!("blockchain push {large}"), 0).await;
    let refused = member.next().await;
    assert_eq!((refused.command.as_str(), refused.header.error), ("echo Blockchain message 'push' failed", 30));
}

#[tokio::test]
async fn an_empty_ledger_is_never_delivered() {
    let (_master, mut member) = pair().await;
    assert_eq!(member.ledger().await, Err(68));
    member.send("blockchain drop policy where id = none", 0).await;
    assert_eq!(member.next().await.header.error, 101);
}

#[tokio::test]
async fn a_ledger_that_is_not_open_is_never_delivered() {
    let (master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("one")), 0).await;
    assert!(member.ledger().await.is_ok());
    master.run("disconnect dbms blockchain").await.unwrap();
    assert_eq!(member.ledger().await, Err(68), "what is left in memory is read and not handed out");
    master.run("connect dbms blockchain where type = sqlite").await.unwrap();
    assert_eq!(member.ledger().await.unwrap(), format!("{}\n", policy("one")).into_bytes());
}

#[tokio::test]
async fn the_same_hash_is_answered_with_silence_and_a_trace() {
    let (master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("one")), 0).await;
    let md5 = master.node.ledger.export().await.unwrap().md5.clone();
    member.send(&format!("event get_blockchain /srv/my\tnode/x.new {md5} 0"), 0).await;
    assert_eq!(member.rest().await, []);
    member.send(&format!("event get_blockchain /srv/my\tnode/x.new {md5} 2"), 0).await;
    let trace = member.next().await;
    assert!(trace.command.starts_with("print Master\tProcess:\tHash\tvalue"), "{}", trace.command);
    member.send("event get_blockchain /srv/my\tnode/x.new 0 0", 0).await;
    let file = member.next().await;
    assert!(file.command.starts_with("file write /srv/my\tnode/x.master_id_"), "{}", file.command);
    assert_eq!((file.header.flag, file.header.error, file.header.job.id), (2, 0, 0));
}

#[tokio::test]
async fn the_seed_is_a_plain_file_and_no_other_file_is_given() {
    let (_master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("one")), 0).await;
    member.send("file get !blockchain_file /srv/blockchain.json", 0).await;
    let seed = member.next().await;
    assert_eq!((seed.command.as_str(), seed.header.flag), ("file write /srv/blockchain.json", 0));
    assert_eq!(seed.data, format!("{}\n", policy("one")).into_bytes());
    for (command, code) in [
        ("file get /etc/passwd /srv/x", 294),
        ("file get !!blockchain_file /srv/x", 294),
        ("file write /tmp/x", 294),
        ("file delete /tmp/x", 294),
        ("file copy /tmp/x /tmp/y", 294),
        ("file to /tmp/x", 294),
        ("file from /tmp/x", 294),
        ("file retrieve where file = /tmp/x", 294),
        ("system id", 1),
        ("exit node", 224),
        ("blockchain drop table", 224),
    ] {
        let refused = member.ask(command).await;
        assert_ne!(refused.header.error, 0, "{command}");
        assert!([1, 212, 224, 294].contains(&refused.header.error), "{command}: {}", refused.header.error);
        assert!(code != 294 || refused.header.error == 294, "{command}: {}", refused.header.error);
    }
}

#[tokio::test]
async fn changes_of_one_sender_keep_their_order() {
    let (_master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("stays")), 0).await;
    for _ in 0..20 {
        let (push, drop) = (format!("blockchain push {}", policy("x")), "blockchain drop policy where id = x");
        // Each connection is opened before the one before it is answered.
        tokio::join!(biased(&member, &push), biased(&member, drop));
    }
    let ledger = String::from_utf8(member.ledger().await.unwrap()).unwrap();
    assert_eq!(ledger.lines().count(), 1, "{ledger}");
    let failed: Vec<_> = member.rest().await.into_iter().map(|message| text(&message)).collect();
    assert_eq!(failed, Vec::<String>::new());
}

/// Opens the connection in the order of the calls.
async fn biased(member: &Member, command: &str) {
    member.send(command, 0).await;
}

#[tokio::test]
async fn policies_are_shown_as_members_know_them() {
    let (_master, mut member) = pair().await;
    member.send(&format!("blockchain push {}", policy("one")), 0).await;
    let shown = member.ask("blockchain get device").await;
    assert_eq!((shown.command.as_str(), shown.header.error, shown.header.flag), ("print", 0, 1));
    let want = "[{'device': {'name': 'one', 'id': 'one', 'date': '2026-01-01T00:00:00.000001Z'}}]";
    assert_eq!(text(&shown), want);
    let none = member.ask("blockchain get nosuch").await;
    assert_eq!((none.command.as_str(), none.header.error, text(&none).as_str()), ("print", 0, ""));
}
