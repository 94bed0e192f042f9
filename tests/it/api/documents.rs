//! Policies as documents: created, read, replaced, dropped, with their history and as they were.

use super::{Master, Place, problem, read};
use serde_json::json;

#[tokio::test]
async fn a_policy_lives_and_leaves_its_history() {
    for place in Place::both() {
        let master = Master::start(&place).await;
        let added = master.post("/v1/policies", r#"{"device": {"name": "pump/1"}}"#).await;
        assert_eq!(added.status, 201, "{}", added.body);
        let location = added.header("location").to_owned();
        let first = master.send("GET", &location, &[], "").await;
        let tag = first.header("etag").to_owned();
        let document = read(&first);
        assert_eq!((document["type"].as_str(), document["etag"].as_str()), (Some("device"), Some(tag.as_str())));
        assert_eq!(document["policy"]["device"]["ledger"], "global");
        let id = document["id"].as_str().unwrap().to_owned();
        let seen = master.send("GET", &location, &[("If-None-Match", &tag)], "").await;
        assert_eq!((seen.status, seen.body.as_str(), seen.header("etag")), (304, "", tag.as_str()));

        let again = master.post("/v1/policies", r#"{"device": {"name": "pump/1"}}"#).await;
        assert_eq!((problem(&again), read(&again)["code"].as_u64()), ((409, "exists".to_owned()), Some(70)));

        let text = r#"{"device": {"name": "pump/1", "place": "hall"}}"#;
        let without = master.send("PUT", &location, &[], text).await;
        assert_eq!(problem(&without), (428, "no-condition".to_owned()));
        let other = master.send("PUT", &location, &[("If-Match", "\"0\"")], text).await;
        assert_eq!(problem(&other), (412, "changed".to_owned()));
        let tried = master.send("PUT", &format!("{location}?dry_run=true"), &[("If-Match", &tag)], text).await;
        assert_eq!(
            (tried.status, master.get(&location).await),
            (200, document.clone()),
            "nothing is done: {}",
            tried.body
        );
        let replaced = master.send("PUT", &location, &[("If-Match", &tag)], text).await;
        assert_eq!(replaced.status, 200, "{}", replaced.body);
        let stays = |document: &serde_json::Value| [document["id"].clone(), document["date"].clone()];
        assert_eq!(stays(&read(&replaced)), stays(&document), "its place in the ledger stays");
        let (new, version) = (replaced.header("etag").to_owned(), master.node.ledger.history_end().await.unwrap());
        assert_ne!(new, tag);
        let late = master.send("DELETE", &location, &[("If-Match", &tag)], "").await;
        assert_eq!(problem(&late), (412, "changed".to_owned()));
        let dropped = master.send("DELETE", &location, &[("If-Match", &new)], "").await;
        assert_eq!(dropped.status, 204, "{}", dropped.body);
        assert_eq!(problem(&master.send("GET", &location, &[], "").await), (404, "not-found".to_owned()));
        let gone = master.send("DELETE", &location, &[("If-Match", "*")], "").await;
        assert_eq!(problem(&gone), (404, "not-found".to_owned()));

        let history = master.get(&format!("{location}/history")).await;
        let actions: Vec<_> = history["changes"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
        assert_eq!(actions, ["insert", "replace", "drop"]);
        assert_eq!(history["changes"][1]["after"]["device"]["place"], "hall");
        let then = master.get(&format!("/v1/policies/{id}?at={version}")).await;
        assert_eq!(then["policy"]["device"]["place"], "hall", "as it was after the second change");
        let never = master.send("GET", &format!("/v1/policies/{id}?at=2000-01"), &[], "").await;
        assert_eq!(problem(&never).0, 404);
        assert_eq!(master.get(&format!("/v1/policies?at={version}")).await["policies"].as_array().unwrap().len(), 1);
        assert_eq!(problem(&master.send("GET", "/v1/policies?at=987654321", &[], "").await).0, 404);
    }
}

#[tokio::test]
async fn of_several_policies_all_are_added_or_none() {
    for place in Place::both() {
        let master = Master::start(&place).await;
        let bad = r#"[{"device": {"name": "a"}}, {"device": {"name": "b"}}, {"device": {"name": "a"}}]"#;
        let refused = master.post("/v1/policies", bad).await;
        assert_eq!(problem(&refused), (409, "exists".to_owned()));
        assert!(read(&refused)["detail"].as_str().unwrap().starts_with("policy 3: "), "{}", refused.body);
        assert_eq!(master.get("/v1/policies").await["policies"], json!([]));
        let good = r#"[{"device": {"name": "a"}}, {"device": {"name": "b"}}]"#;
        let tried = master.post("/v1/policies?dry_run=true", good).await;
        assert_eq!((tried.status, &read(&tried)["dry_run"]), (200, &json!(true)));
        assert_eq!(master.get("/v1/policies").await["policies"], json!([]));
        let added = master.post("/v1/policies", good).await;
        assert_eq!((added.status, read(&added)["policies"].as_array().unwrap().len()), (201, 2));
        assert_eq!(added.header("location"), "");
        let many: Vec<_> = (0..300).map(|number| json!({"many": {"number": number}})).collect();
        assert_eq!(master.post("/v1/policies", &json!(many).to_string()).await.status, 201);
        assert_eq!(master.get("/v1/policies?type=many&limit=1000").await["policies"].as_array().unwrap().len(), 300);
    }
}

#[tokio::test]
async fn a_policy_that_says_where_it_is_known_keeps_the_rules_of_its_type() {
    let master = Master::start(&Place::sqlite()).await;
    let lost = r#"{"uns": {"name": "leaf", "namespace": "r/l", "parent": "nobody", "ledger": "global"}}"#;
    assert_eq!(master.post("/v1/policies", lost).await.status, 422);
    let id = master.add(r#"{"uns": {"name": "root", "namespace": "r", "ledger": "local"}}"#).await;
    let location = format!("/v1/policies/{id}");
    let mut policy = master.get(&location).await["policy"].clone();
    assert_eq!(policy["uns"]["ledger"], "global");
    policy["uns"]["parent"] = json!("nobody");
    let refused = master.send("PUT", &location, &[("If-Match", "*")], &policy.to_string()).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    policy["uns"].as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "parent" | "ledger"));
    policy["uns"]["note"] = json!("top");
    let replaced = master.send("PUT", &location, &[("If-Match", "*")], &policy.to_string()).await;
    assert_eq!((replaced.status, &read(&replaced)["policy"]["uns"]["ledger"]), (200, &json!("global")));
}

#[tokio::test]
async fn two_who_saw_the_same_change_it_once() {
    let master = Master::start(&Place::sqlite()).await;
    let id = master.add(r#"{"device": {"name": "a"}}"#).await;
    let tag = master.get(&format!("/v1/policies/{id}")).await["etag"].as_str().unwrap().to_owned();
    let put = |number: usize| {
        let (master, id, tag) = (&master, &id, &tag);
        async move {
            let body = format!(r#"{{"device": {{"name": "a", "by": {number}}}}}"#);
            master.send("PUT", &format!("/v1/policies/{id}"), &[("If-Match", tag)], &body).await.status
        }
    };
    let (a, b, c) = tokio::join!(put(1), put(2), put(3));
    let mut statuses = [a, b, c];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);
}

#[tokio::test]
async fn questions_and_commands_answer_with_types() {
    let master = Master::start(&Place::sqlite()).await;
    let id = master.add(r#"{"device": {"name": "a"}}"#).await;
    let asked = master.get("/v1/query?q=blockchain+get+device+where+name+%3D+a").await;
    assert_eq!((&asked["kind"], &asked["policies"][0]["device"]["id"]), (&json!("policies"), &json!(id)));
    let table = master.post("/v1/query", r#"{"query": "blockchain get device bring.table [device][name]"}"#).await;
    assert_eq!(read(&table)["kind"], "table", "{}", table.body);
    let other = master.post("/v1/query", r#"{"query": "set a = 5"}"#).await;
    assert_eq!((problem(&other), master.node.dictionary.get("a")), ((422, "refused".to_owned()), None));
    let run = master.post("/v1/commands", r#"{"command": "set a = 5"}"#).await;
    assert_eq!((run.status, read(&run)["kind"].clone()), (200, json!("empty")));
    assert_eq!(master.node.dictionary.get("a").as_deref(), Some("5"));
    let unknown = master.post("/v1/commands", r#"{"command": "frobnicate"}"#).await;
    assert_eq!((problem(&unknown), read(&unknown)["code"].as_u64()), ((422, "refused".to_owned()), Some(141)));
    let commands = master.get("/v1/commands").await;
    let insert =
        commands["commands"].as_array().unwrap().iter().find(|one| one["words"] == "blockchain insert").unwrap();
    assert_eq!((&insert["access"], &insert["allowed"]), (&json!("publish policies"), &json!(true)));
    assert!(master.get("/v1/members").await["members"].is_array());
    assert!(master.get("/v1/processes").await["processes"]["REST"].is_object());
    assert!(master.get("/v1/boot").await["steps"].is_array());
    assert_eq!(master.get("/v1/health").await["ready"], false, "nothing has booted here");
}
