//! Where the network's public documentation explains a command.

/// Address of the documentation.
const DOCUMENTATION: &str = "https://github.com/AnyLog-co/documentation/blob/master/";

/// Commands and the places that explain them.
const PLACES: &[(&str, &str)] = &[
    ("blockchain get", "blockchain%20commands.md#query-policies"),
    ("blockchain get", "json%20data%20transformation.md"),
    ("do", "anylog%20commands.md#multiple-do---then-instruction"),
    ("get version", "monitoring%20nodes.md"),
    ("process", "node%20configuration.md#the-configuration-process"),
    ("run blockchain sync", "background%20processes.md#blockchain-synchronizer"),
    ("run rest server", "background%20processes.md#rest-requests"),
    ("run tcp server", "background%20processes.md#the-tcp-server-process"),
    ("time file", "managing%20data%20files%20status.md#managing-data-files"),
    ("wait", "anylog%20commands.md#the-wait-command"),
];

/// Returns the addresses of the pages that explain a command.
pub(super) fn links(words: &str) -> impl Iterator<Item = String> {
    PLACES.iter().filter(move |(command, _)| *command == words).map(|(_, place)| format!("{DOCUMENTATION}{place}"))
}
