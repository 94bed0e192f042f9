//! The console on a port of its own.

use super::ConsoleNode;
use crate::rest::{
    client,
    node::{Silent, options},
};
use anylog_master::{
    api::EventHub,
    boot,
    config::Config,
    console::{ConsoleAlone, ConsoleSettings, WebConsole},
    node::Server,
    rest::{Mode, RestServer, RestSettings, TwoPorts},
    runtime::shutdown::Shutdown,
};
use std::{net::TcpListener, sync::Arc};

fn settings() -> RestSettings {
    RestSettings { auth: Some(Mode::Off), hosts: vec!["node".to_owned()], ..RestSettings::default() }
}

fn two_ports(port: u16) -> TwoPorts {
    let pages = WebConsole::new(ConsoleSettings::default(), EventHub::default()).unwrap();
    let beside = RestServer::new(settings()).answering_alone(Arc::new(ConsoleAlone(pages)));
    TwoPorts::new(RestServer::new(settings()), beside, port, "CONSOLE_PORT")
}

#[tokio::test]
async fn the_console_is_alone_on_its_port() {
    let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    let server = two_ports(0);
    let main = server.start(Arc::clone(&node), options()).await.unwrap().bound;
    let own = server.beside().unwrap().bound;
    assert_ne!(main, own);
    assert!(!client::request(main, "GET", "/console", &[]).await.body.contains("<nav"));
    assert_eq!(client::request(main, "GET", "/", &[("command", "get status")]).await.status, 200);
    let page = client::request(own, "GET", "/console", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<nav"));
    let first = client::request(own, "GET", "/", &[]).await;
    assert_eq!((first.status, first.header("location")), (303, "/console"));
    let command = client::request(own, "GET", "/console", &[("command", "get status")]).await;
    assert!(command.body.contains("<nav"), "no command is one here");
    for path in ["/status", "/metrics", "/v1/policies", "/readyz"] {
        assert_eq!(client::request(own, "GET", path, &[]).await.status, 404, "{path}");
    }
    server.stop().await;
    assert!(server.beside().is_none() && server.status().is_none());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_its_variable() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    let server = two_ports(taken.local_addr().unwrap().port());
    let error = server.start(node, options()).await.unwrap_err();
    assert!(error.detail.unwrap().starts_with("CONSOLE_PORT: "));
    assert!(server.status().is_none(), "the other port is closed again");
}

#[tokio::test]
async fn commands_of_the_network_are_commands_on_every_path_of_the_rest_port() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    let reply = node.send("GET", "/console", &[("command", "get status")], "").await;
    assert!(reply.status == 200 && !reply.body.contains("<nav"), "{}", reply.body);
}
