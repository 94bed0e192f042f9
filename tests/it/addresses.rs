//! Which addresses the node listens on, publishes and tells members, and when it knows itself behind another one.

use crate::{
    program::{Program, finish},
    support::port::free,
};
use serde_json::Value;
use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Returns the policy of the node.
fn own_policy(program: &Program) -> Value {
    let policies: Value = serde_json::from_str(&program.get("blockchain get master")).unwrap();
    assert_eq!(policies.as_array().unwrap().len(), 1, "{policies}");
    policies[0]["master"].clone()
}

/// Starts the node with these variables on a port that is known before.
fn start(variables: &[(&str, &str)]) -> (Program, tempfile::TempDir, String) {
    let (directory, port) = (tempfile::tempdir().unwrap(), free().to_string());
    let variables: Vec<_> = [("ANYLOG_SERVER_PORT", &*port)].into_iter().chain(variables.iter().copied()).collect();
    let program = Program::embedded(directory.path(), &variables);
    (program, directory, port)
}

#[test]
fn an_overlay_address_beside_the_servers_is_published_as_deployment_scripts_do() {
    let overlay = [("OVERLAY_IP", "100.64.0.10"), ("TCP_BIND", "false"), ("EXTERNAL_IP", "192.0.2.9")];
    let (program, _directory, port) = start(&overlay);
    let policy = own_policy(&program);
    assert_eq!((&policy["ip"], &policy["local_ip"]), (&"192.0.2.9".into(), &"100.64.0.10".into()), "{policy}");
    assert_eq!((&policy["external_ip"], &policy["internal_ip"]), (&"192.0.2.9".into(), &"100.64.0.10".into()));
    assert_eq!(program.join(), format!("LEDGER_CONN=192.0.2.9:{port}"));
    assert!(program.was_told("OVERLAY_IP=100.64.0.10 is no address of this machine"), "{:#?}", program.told);
    drop(program);

    let (program, _directory, port) = start(&[("OVERLAY_IP", "100.64.0.10")]);
    let policy = own_policy(&program);
    assert_eq!((&policy["ip"], &policy["local_ip"]), (&"127.0.0.1".into(), &"100.64.0.10".into()), "{policy}");
    assert_eq!(program.join(), format!("LEDGER_CONN=100.64.0.10:{port}"));
    let bound: SocketAddr = program.told.last().unwrap()["tcp"].as_str().unwrap().parse().unwrap();
    assert!(bound.ip().is_unspecified(), "{bound}");
}

#[test]
fn an_overlay_address_that_the_tcp_server_is_bound_to_is_the_only_one() {
    let overlay = [("OVERLAY_IP", "127.0.0.1"), ("TCP_BIND", "true"), ("EXTERNAL_IP", "192.0.2.9")];
    let (program, _directory, port) = start(&overlay);
    let policy = own_policy(&program);
    assert_eq!(policy["ip"], "127.0.0.1");
    assert!(policy.get("local_ip").is_none() && policy.get("external_ip").is_none(), "{policy}");
    assert_eq!(program.join(), format!("LEDGER_CONN=127.0.0.1:{port}"));
    assert!(program.told.iter().all(|event| event["level"] != "ERROR"));
}

#[test]
fn an_address_of_another_machine_ends_the_start_with_the_ways_out() {
    let directory = tempfile::tempdir().unwrap();
    let bound = [("OVERLAY_IP", "192.0.2.77"), ("TCP_BIND", "true")];
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &bound);
    assert_eq!(code, Some(64), "{text}");
    for told in ["OVERLAY_IP=192.0.2.77 is no address of this machine", "set TCP_BIND to false", "overlay.yml"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let name = [("OVERLAY_IP", "nobody.invalid"), ("OVERLAY_NETWORK", "true")];
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &name);
    assert_eq!(code, Some(64), "{text}");
    assert!(
        text.contains("OVERLAY_IP=nobody.invalid cannot be found from here: no address of 'nobody.invalid'"),
        "{text}"
    );
}

#[test]
fn members_are_told_the_address_that_the_configuration_names() {
    let (program, _directory, port) = start(&[("EXTERNAL_IP", "192.0.2.9"), ("LEDGER_CONN", "127.0.0.1:1")]);
    assert_eq!(program.join(), format!("LEDGER_CONN=192.0.2.9:{port}"));
    assert!(!program.was_told("members are told"), "{:#?}", program.told);
    drop(program);
    let (program, _directory, port) = start(&[]);
    assert_eq!(program.join(), format!("LEDGER_CONN=127.0.0.1:{port}"));
    let loopback = "members are told 127.0.0.1, which is loopback: nodes of other machines cannot reach it; set EXTERNAL_IP to the address of the host";
    assert!(program.was_told(loopback), "{:#?}", program.told);
}

/// Sees that a node with an empty ledger took itself for its master: it published itself at once, and rounds go well.
fn is_its_own_master(program: &Program) {
    assert!(program.was_told("leads to this node itself"), "{:#?}", program.told);
    own_policy(program);
    assert_eq!(program.ask("POST", "run blockchain sync").0, 200);
    let errors = program.get("get error log");
    assert!(!errors.contains("Error|"), "{errors}");
}

#[test]
fn a_name_of_this_machine_in_ledger_conn_is_the_node_itself() {
    let (directory, port) = (tempfile::tempdir().unwrap(), free().to_string());
    let ledger_conn = format!("anylog-master.localhost:{port}");
    let variables = [("ANYLOG_SERVER_PORT", &*port), ("LEDGER_CONN", &ledger_conn)];
    for _start in ["first", "again"] {
        let program = Program::embedded(directory.path(), &variables);
        is_its_own_master(&program);
        assert_eq!(program.join(), format!("LEDGER_CONN={ledger_conn}"));
    }
}

#[test]
fn an_address_whose_messages_come_in_here_is_the_node_itself() {
    let port = free();
    let outside = forward_to(SocketAddr::from(([127, 0, 0, 1], port)));
    let directory = tempfile::tempdir().unwrap();
    let variables = [("ANYLOG_SERVER_PORT", &*port.to_string()), ("LEDGER_CONN", &*outside.to_string())];
    let program = Program::embedded(directory.path(), &variables);
    is_its_own_master(&program);
}

/// Forwards connections from another port of this machine, as a NAT does.
fn forward_to(inside: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.3:0").unwrap();
    let outside = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Ok(mut forward) = TcpStream::connect(inside) else { continue };
            let (mut back, mut answers) = (stream.try_clone().unwrap(), forward.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut answers, &mut back));
            thread::spawn(move || {
                let copied = io::copy(&mut stream, &mut forward);
                let closed = forward.shutdown(std::net::Shutdown::Write);
                copied.is_ok() && closed.is_ok()
            });
        }
    });
    outside
}

#[test]
fn the_port_of_rest_in_the_own_ledger_conn_is_told_and_not_used() {
    let rest = free().to_string();
    let ledger_conn = format!("127.0.0.2:{rest}");
    let (program, _directory, port) = start(&[("ANYLOG_REST_PORT", &rest), ("LEDGER_CONN", &ledger_conn)]);
    assert!(program.was_told("has the port of REST; members use"), "{:#?}", program.told);
    assert_eq!(program.get("get !ledger_conn"), format!("127.0.0.1:{port}"));
    own_policy(&program);
}
