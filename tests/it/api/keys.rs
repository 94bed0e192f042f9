//! Requests that are sent again with the same key.

use super::{Master, Place, problem, read};

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let master = Master::start(&Place::sqlite()).await;
    let send = |key: &'static str, body: &'static str| {
        let master = &master;
        async move { master.send("POST", "/v1/policies", &[("Idempotency-Key", key)], body).await }
    };
    let (one, other) = (r#"{"device": {"name": "a"}}"#, r#"{"device": {"name": "b"}}"#);
    let first = send("k1", one).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    let again = send("k1", one).await;
    assert_eq!((again.status, again.header("idempotency-replayed"), &again.body), (201, "true", &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(problem(&send("k1", other).await), (422, "key-reused".to_owned()));
    assert_eq!(problem(&send("k2", one).await), (409, "exists".to_owned()), "another key is another request");
    assert_eq!(problem(&send("two words", one).await), (400, "bad-parameter".to_owned()));
    assert_eq!(read(&master.send("GET", "/v1/policies", &[], "").await)["policies"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn requests_with_one_key_at_the_same_time_add_once() {
    let master = Master::start(&Place::sqlite()).await;
    let body = r#"{"device": {"name": "a"}}"#;
    let send = || master.send("POST", "/v1/policies", &[("Idempotency-Key", "k")], body);
    let (a, b, c) = tokio::join!(send(), send(), send());
    for reply in [&a, &b, &c] {
        assert!(reply.status == 201 || problem(reply) == (409, "in-progress".to_owned()), "{}", reply.body);
    }
    assert!([a, b, c].iter().any(|reply| reply.status == 201 && reply.header("idempotency-replayed").is_empty()));
}
