//! What a start says about the address that members are told.

use crate::{program::Program, support::port::free};

fn start(variables: &[(&str, &str)]) -> (Program, tempfile::TempDir, String) {
    let (directory, port) = (tempfile::tempdir().unwrap(), free().to_string());
    let variables: Vec<_> = [("ANYLOG_SERVER_PORT", &*port)].into_iter().chain(variables.iter().copied()).collect();
    (Program::embedded(directory.path(), &variables), directory, port)
}

/// Waits for the line of the log with a text.
fn line(program: &mut Program, part: &str) -> String {
    let event = program.event_of(|event| event["message"].as_str().is_some_and(|text| text.contains(part)));
    event["message"].as_str().unwrap().to_owned()
}

#[test]
fn the_address_that_members_are_told_is_tried_from_inside() {
    let (mut program, _directory, port) = start(&[("EXTERNAL_IP", "127.0.0.2")]);
    assert_eq!(program.join(), format!("LEDGER_CONN=127.0.0.2:{port}"));
    let said = line(&mut program, "what is sent to");
    assert_eq!(said, format!("what is sent to 127.0.0.2:{port} comes in here"));
}

#[test]
fn an_address_that_does_not_lead_here_is_told_with_what_to_do() {
    let (mut program, _directory, port) = start(&[("EXTERNAL_IP", "nobody.invalid")]);
    let said = line(&mut program, "nothing that is sent from here to");
    assert!(said.contains(&format!("nobody.invalid:{port}")), "{said}");
    for way in ["publish port", "firewall", "set EXTERNAL_IP to the address of the host"] {
        assert!(said.contains(way), "{way}: {said}");
    }
}

#[test]
fn an_address_of_loopback_is_told_with_the_variable_that_changes_it() {
    let (program, _directory, port) = start(&[]);
    assert_eq!(program.join(), format!("LEDGER_CONN=127.0.0.1:{port}"));
    let loopback = "members are told 127.0.0.1, which is loopback: nodes of other machines cannot reach it; set EXTERNAL_IP to the address of the host";
    assert!(program.was_told(loopback), "{:#?}", program.told);
}

#[test]
fn an_address_that_is_none_of_a_machine_is_told() {
    let (program, _directory, _port) = start(&[("EXTERNAL_IP", "224.0.0.1")]);
    assert!(program.was_told("members are told 224.0.0.1, which is no address of a machine"), "{:#?}", program.told);
}
