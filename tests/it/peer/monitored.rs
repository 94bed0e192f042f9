//! What members report about themselves, and what others read of it.

use super::{
    master::Master,
    member::{Member, text},
};
use serde_json::Value;

async fn topic(member: &mut Member, name: &str) -> Value {
    let answer = member.ask(&format!("get monitored {name}")).await;
    assert_eq!(answer.header.error, 0, "{}", text(&answer));
    serde_json::from_str(&text(&answer)).unwrap()
}

#[tokio::test]
async fn what_members_report_is_kept_until_they_report_again() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    assert_eq!(member.ask("get monitored operators").await.header.error, 226);
    member.send(r#"monitor operators where info = {"cpu": 3, "disk": {"free": 10}}"#, 0).await;
    member.send(r#"monitor operators where name = op2 and ip = 10.0.0.7 and info = {"cpu": 4}"#, 0).await;
    member.send(r#"monitor operators where info = {"cpu": 5}"#, 0).await;
    assert_eq!(member.rest().await, [], "a report that is kept has no answer");
    let nodes = topic(&mut member, "operators").await;
    let own = &nodes[format!("127.0.0.1:{}", member.port)];
    assert_eq!((&own["cpu"], &own["disk"]["free"]), (&Value::from(5), &Value::from(10)), "{nodes}");
    assert_eq!(nodes["10.0.0.7.op2"]["cpu"], 4, "{nodes}");
    assert!(own["Elapsed time"].as_str().unwrap().ends_with("(H:M:S)") && own["Update time"].is_string());
    master.run("set monitored nodes where topic = operators and nodes = 10.0.0.8:1,10.0.0.9:1").await.unwrap();
    assert_eq!(topic(&mut member, "operators").await.as_object().unwrap().len(), 4);
    master.run("reset monitored operators").await.unwrap();
    assert_eq!(topic(&mut member, "operators").await, serde_json::json!({}));
}

#[tokio::test]
async fn a_report_that_is_not_kept_is_answered_with_the_reason() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let long = "x".repeat(100_000);
    for (command, reason) in [
        ("monitor operators where info = 7".to_owned(), "JSON object"),
        ("monitor operators where name = a".to_owned(), "info"),
        ("monitor where info = {}".to_owned(), "topic"),
        (format!("monitor operators where info = {{\"text\": \"{long}\"}}"), "64 KB"),
    ] {
        let answer = member.ask(&command).await;
        let told = format!("{} {}", answer.command, text(&answer));
        assert!(answer.header.error != 0 && answer.command.starts_with("echo Monitoring message failed"), "{told}");
        assert!(told.contains(reason), "{told}");
    }
    let closed = Master::with(&[("PEER_WRITE", "allow"), ("PEER_ALLOW", "10.0.0.0/8")]).await;
    let mut member = Member::new(closed.address).await;
    let answer = member.ask(r#"monitor operators where info = {"cpu": 3}"#).await;
    assert!(answer.header.error != 0 && text(&answer).contains("PEER_WRITE"), "{}", text(&answer));
}
