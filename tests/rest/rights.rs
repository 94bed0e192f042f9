//! Tokens over HTTP.

use crate::{client::request, node::TestNode};
use anylog_master::{
    command::Role,
    rest::{Mode, NewToken, Settings, Tokens},
};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

fn settings(role: Role) -> (Settings, String) {
    let token = NewToken::generate("gui", role).unwrap();
    let tokens = Tokens::parse(&token.line).unwrap();
    (Settings { auth: Some(Mode::Token), tokens, ..Settings::default() }, format!("Bearer {}", token.secret))
}

#[tokio::test]
async fn a_command_needs_a_token_and_health_does_not() {
    let (settings, bearer) = settings(Role::Read);
    let node = TestNode::start(settings).await;
    let refused = request(node.address(), "GET", "/", &[CLIENT, ("command", "get nothing")]).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
    assert!(serde_json::from_str::<serde_json::Value>(&refused.body).is_ok(), "{}", refused.body);
    let headers = [CLIENT, ("command", "get nothing"), ("Authorization", bearer.as_str())];
    assert_eq!(request(node.address(), "GET", "/", &headers).await.status, 400, "admitted, and no such command");
    assert_eq!(request(node.address(), "GET", "/health", &[]).await.status, 200);
    assert_eq!(request(node.address(), "OPTIONS", "/", &[]).await.status, 204);
}

#[tokio::test]
async fn guessing_is_stopped() {
    let (settings, _) = settings(Role::Read);
    let node = TestNode::start(settings).await;
    let headers = [CLIENT, ("command", "get status"), ("Authorization", "Bearer alm_guess")];
    for _ in 0..10 {
        assert_eq!(request(node.address(), "GET", "/", &headers).await.status, 401);
    }
    let stopped = request(node.address(), "GET", "/", &headers).await;
    assert_eq!((stopped.status, stopped.header("retry-after")), (429, "60"));
}
