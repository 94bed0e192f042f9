//! Tokens over HTTP.

use super::{client::request, node::TestNode};
use crate::peer::master::Master;
use anylog_master::{
    node::Role,
    rest::{Mode, NewToken, RestSettings, Tokens},
};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

fn settings(role: Role) -> (RestSettings, String) {
    let token = NewToken::generate("gui", role).unwrap();
    let tokens = Tokens::parse(&token.line).unwrap();
    (RestSettings { auth: Some(Mode::Token), tokens, ..RestSettings::default() }, format!("Bearer {}", token.secret))
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
    assert_eq!(request(node.address(), "GET", "/livez", &[]).await.status, 200);
    assert_eq!(
        request(node.address(), "GET", "/health", &[]).await.status,
        503,
        "told, although the boot has not finished"
    );
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

#[tokio::test]
async fn programs_read_details_in_the_header_and_people_in_the_body() {
    let node = TestNode::start(RestSettings::default()).await;
    let program = request(node.address(), "GET", "/", &[CLIENT, ("command", "get nothing")]).await;
    assert!(!program.body.contains("local_msg"), "{}", program.body);
    assert!(program.header("error-detail").contains("get nothing"));
    let person = request(node.address(), "GET", "/", &[("User-Agent", "curl/8"), ("command", "get nothing")]).await;
    assert!(person.body.contains("\"local_msg\": \"'get nothing'"), "{}", person.body);
}

#[tokio::test]
async fn a_reader_changes_nothing_and_a_page_of_another_origin_neither() {
    let (settings, bearer) = settings(Role::Read);
    let node = TestNode::start(settings).await;
    let headers = [CLIENT, ("command", "set a = 5"), ("Authorization", bearer.as_str())];
    assert_eq!(request(node.address(), "POST", "/", &headers).await.status, 403);
    let open = TestNode::start(RestSettings { auth: Some(Mode::Off), ..RestSettings::default() }).await;
    let foreign = [CLIENT, ("command", "set a = 5"), ("Origin", "http://evil.example")];
    assert_eq!(request(open.address(), "POST", "/", &foreign).await.status, 403);
    let own = [CLIENT, ("command", "set a = 5")];
    assert_eq!(request(open.address(), "POST", "/", &own).await.status, 200);
    assert_eq!(open.node.dictionary.get("a").as_deref(), Some("5"));
}

/// GET also carries commands that do something where they run: a reader has other nodes asked, and no more.
#[tokio::test]
async fn a_reader_has_other_nodes_do_nothing() {
    let node = TestNode::start(RestSettings { auth: Some(Mode::Guarded), ..RestSettings::default() }).await;
    let ask = async |command: &str| {
        let headers = [("User-Agent", "curl/8"), ("command", command), ("destination", "127.0.0.1:9")];
        request(node.address(), "GET", "/", &headers).await
    };
    for command in [
        "subprocess ls",
        "wait 5",
        "print x",
        "file to !prep_dir/x",
        "file from x y",
        "file retrieve where dbms = x",
        "file get !blockchain_file x",
        "time file get x",
        "time file summary x",
        "analyze output x",
        "job run 3",
        "job stop all",
    ] {
        let refused = ask(command).await;
        let is_told = refused.body.contains("commands for other nodes that change something need the role admin");
        assert!(refused.status == 401 && is_told, "{command}: {} {}", refused.status, refused.body);
    }
    // What asks goes on to the look at the address.
    for command in ["get status", "help", "test network", "blockchain get *", "query status", "job status"] {
        let asked = ask(command).await;
        assert!(asked.body.contains("is the address of no node in the ledger"), "{command}: {}", asked.body);
    }
}

/// Other nodes read logs and variables where `PEER_NODE_INFO` is on, and the node itself is one of them.
#[tokio::test]
async fn a_page_of_another_origin_reads_nothing_inside_by_way_of_the_address_of_the_node() {
    let master = Master::with(&[("PEER_NODE_INFO", "on")]).await;
    master.run("run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true").await.unwrap();
    let rest = master.node.services.rest.status().unwrap().bound;
    let own = master.address.to_string();
    for command in ["get event log", "get dictionary", "get env var", "get status"] {
        let page = [CLIENT, ("Origin", "http://evil.example"), ("command", command), ("destination", own.as_str())];
        let refused = request(rest, "GET", "/", &page).await;
        assert_eq!(refused.status, 403, "{command}: {}", refused.body);
    }
}
