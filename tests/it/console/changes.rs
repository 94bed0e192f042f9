//! Who may ask for a change: the token of the page, the page's origin, and AUTH=off.

use super::{ConsoleNode, csrf, form, token};
use crate::rest::client;
use anylog_master::{console::ConsoleSettings, node::Role, rest::Mode};

#[tokio::test]
async fn a_change_needs_the_token_of_its_own_session() {
    let admin = token(Role::Admin);
    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    let (one, other) = (node.sign_in(&admin).await, node.sign_in(&admin).await);
    let of_other = csrf(&node.get("/console", &other).await);
    let anonymous = csrf(&node.get("/console/sign-in", "").await);
    for wrong in ["", "0", &of_other, &anonymous] {
        let reply = node.post("/console/sign-out", &one, &[("csrf", wrong)]).await;
        assert_eq!(reply.status, 403, "{wrong}");
        assert!(reply.body.contains("Nothing was changed"));
    }
    assert_eq!(node.post("/console/sign-out", &one, &[]).await.status, 403);
    assert_eq!(node.get("/console", &one).await.status, 200, "the session is still there");
    let own = csrf(&node.get("/console", &one).await);
    let lines = [("Cookie", one.as_str()), ("X-CSRF-Token", own.as_str()), ("HX-Request", "true")];
    let by_line = node.send("POST", "/console/sign-out", &lines, "").await;
    assert_eq!((by_line.status, by_line.header("hx-redirect")), (204, "/console"), "{}", by_line.body);
}

#[tokio::test]
async fn pages_of_other_origins_change_nothing_even_with_the_right_token() {
    let admin = token(Role::Admin);
    let node = ConsoleNode::start(Mode::Token, &[&admin], ConsoleSettings::default()).await;
    let cookie = node.sign_in(&admin).await;
    let csrf = csrf(&node.get("/console", &cookie).await);
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    for origin in [("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
        let lines = [kind, ("Cookie", cookie.as_str()), origin];
        let reply = node.send("POST", "/console/sign-out", &lines, &form(&[("csrf", &csrf)])).await;
        assert_eq!(reply.status, 403, "{origin:?}: {}", reply.body);
    }
    assert_eq!(node.get("/console", &cookie).await.status, 200);
}

#[tokio::test]
async fn no_link_and_no_picture_has_the_node_ask_others() {
    let path = "/console/network/test";
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let page = node.get("/console/network", "").await;
    assert!(page.body.contains(&format!("method=\"post\" action=\"{path}\"")), "{}", page.body);
    let by_link = node.get(path, "").await;
    assert_eq!((by_link.status, by_link.header("allow")), (405, "POST"));
    assert_eq!(node.post(path, "", &[]).await.status, 403);
    let tested = node.post(path, "", &[("csrf", &csrf(&page))]).await;
    assert!(tested.status == 200 && tested.body.contains(" checks."), "{} {}", tested.status, tested.body);
}

#[tokio::test]
async fn with_auth_off_everybody_reads_and_changes_only_where_the_operator_says_so() {
    for (write, role) in [(false, ">read<"), (true, ">admin<")] {
        let node = ConsoleNode::open(ConsoleSettings { write, ..ConsoleSettings::default() }).await;
        let page = node.get("/console", "").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(role), "{}", page.body);
        assert_eq!(page.body.contains("CONSOLE_WRITE=true"), !write);
        assert!(!page.body.contains("/console/sign-in"), "nobody has to sign in");
    }
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let json = [("Content-Type", "application/json")];
    assert_eq!(node.send("POST", "/console/sign-in", &json, "{}").await.status, 400);
    // It is refused by what it announces: nothing of it has to be sent.
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let large = format!("POST /console/sign-in HTTP/1.1\r\nHost: node\r\n{kind}\r\nContent-Length: 300000\r\n\r\n");
    assert_eq!(client::send(node.listening.bound, large).await.status, 413);
}
