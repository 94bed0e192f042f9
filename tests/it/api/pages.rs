//! Lists: filters, pages over a ledger that changes, what was seen already.

use super::{Master, Place, ids, problem};

#[tokio::test]
async fn pages_miss_nothing_and_repeat_nothing_while_the_ledger_changes() {
    for place in Place::both() {
        let master = Master::start(&place).await;
        let mut all = Vec::new();
        for number in 0..10 {
            all.push(master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await);
        }
        let mut seen: Vec<String> = Vec::new();
        let mut target = "/v1/policies?type=device&limit=3".to_owned();
        let mut page = 0;
        loop {
            let list = master.get(&target).await;
            seen.extend(ids(&list).into_iter().map(str::to_owned));
            // What stands before and at the position goes, and another one comes at the end.
            let gone = format!("/v1/policies/{}", seen.last().unwrap());
            assert_eq!(master.send("DELETE", &gone, &[("If-Match", "*")], "").await.status, 204);
            if page == 0 {
                all.push(master.add(r#"{"device": {"number": "late"}}"#).await);
            }
            page += 1;
            let Some(next) = list["next"].as_str() else { break };
            target = format!("/v1/policies?type=device&limit=3&cursor={next}");
        }
        assert_eq!(seen, all);
    }
}

#[tokio::test]
async fn filters_choose_by_type_path_and_text() {
    let master = Master::start(&Place::sqlite()).await;
    let a = master.add(r#"{"thing": {"name": "one", "table": [{"name": "t", "dbms": "x"}]}}"#).await;
    let b = master.add(r#"{"device": {"name": "two", "port": 7, "note": "Käse"}}"#).await;
    for (query, expected) in [
        ("type=thing", vec![&a]),
        ("where.table.name=t", vec![&a]),
        ("where=port=7", vec![&b]),
        ("where.port=7&where.name=two&type=device", vec![&b]),
        ("text=k%C3%A4s", vec![&b]),
        ("text=NAME", vec![&a, &b]),
        ("where.name=none", vec![]),
        ("type=Device", vec![]),
    ] {
        let list = master.get(&format!("/v1/policies?{query}")).await;
        assert_eq!(ids(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_that_was_seen_is_not_sent_again() {
    let master = Master::start(&Place::sqlite()).await;
    let tag = |reply: &crate::rest::client::Reply| reply.header("etag").to_owned();
    let first = master.send("GET", "/v1/policies", &[], "").await;
    let same = master.send("GET", "/v1/policies", &[("If-None-Match", &tag(&first))], "").await;
    assert_eq!((same.status, same.body.as_str(), tag(&same)), (304, "", tag(&first)));
    master.add(r#"{"device": {"name": "a"}}"#).await;
    let changed = master.send("GET", "/v1/policies", &[("If-None-Match", &tag(&first))], "").await;
    assert_eq!(changed.status, 200);
    assert_ne!(tag(&changed), tag(&first));
}

#[tokio::test]
async fn a_cursor_of_another_question_is_refused() {
    let master = Master::start(&Place::sqlite()).await;
    for number in 0..3 {
        master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await;
    }
    let list = master.get("/v1/policies?limit=1").await;
    let next = list["next"].as_str().unwrap();
    for target in [
        format!("/v1/policies?type=device&cursor={next}"),
        format!("/v1/policies?at=2099-01&cursor={next}"),
        "/v1/policies?cursor=AAAA".to_owned(),
        format!("/v1/policies?cursor={next}A"),
    ] {
        let refused = master.send("GET", &target, &[], "").await;
        assert_eq!(problem(&refused), (400, "bad-cursor".to_owned()), "{target}");
    }
    let past = master.get("/v1/policies?at=2099-01&limit=2").await;
    let next = past["next"].as_str().unwrap();
    assert_eq!(ids(&master.get(&format!("/v1/policies?at=2099-01&limit=2&cursor={next}")).await).len(), 1);
}
