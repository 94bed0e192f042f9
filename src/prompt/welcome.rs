//! What people are told who come to the node's own prompt, and who want to leave it.

use std::path::Path;

/// Files that engines put into their containers.
const OF_CONTAINERS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Returns what is said before the first prompt.
pub(super) fn welcome() -> String {
    format!(
        "anylog-master {} - type a command: 'get status', 'blockchain get *', 'help'; Tab completes.\r\n{}",
        env!("CARGO_PKG_VERSION"),
        ways_out()
    )
}

/// Returns what is said to who types `exit` or presses Ctrl-D.
pub(super) fn farewell() -> String {
    format!("The prompt is closed and the node goes on; any key opens the prompt again.\r\n{}", ways_out())
}

fn ways_out() -> &'static str {
    let in_container = OF_CONTAINERS.iter().any(|file| Path::new(file).exists());
    if in_container || std::process::id() == 1 {
        "Ctrl-P Ctrl-Q leaves the container's terminal and the node goes on; 'exit node' ends the node."
    } else {
        "'exit node' ends the node."
    }
}
