//! Words behind a command that it does not know are refused, never passed over.

use anylog_master::{command, reply::Code, script::NoVariables};

fn code(line: &str) -> Option<Code> {
    command::parse(line, &NoVariables).err().map(|error| error.code)
}

#[test]
fn words_that_a_command_does_not_know_are_refused() {
    for line in [
        "exit tcp foo",
        "exit rest where port = 1",
        "exit broker x",
        "get reply ip x",
        "reset reply ip x",
        "reset self ip x",
        "set query log profile 10 foo",
        "set query log profile 10 foo bar",
        "system timeout = soon ls",
        "get rest pool foo",
        "get rest pool where details = perhaps",
        "get query pool where format = json",
    ] {
        assert_eq!(code(line), Some(Code::STRUCTURE), "{line}");
    }
    for line in [
        "exit tcp",
        "exit rest",
        "exit broker",
        "get reply ip",
        "reset reply ip",
        "reset self ip",
        "set query log profile 10",
        "set query log profile 10 minutes",
        "system timeout = 1 ls",
        "get rest pool where details = true and reset = true",
    ] {
        assert_eq!(code(line), None, "{line}");
    }
}
