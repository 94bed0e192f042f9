//! Tells an error to the people at the node.

use super::{events::Echoed, node::Node, secret, session::Session};
use crate::reply::{Error, Notice};

/// Tells an error once per code and line: in the echo queue if it is on, else on the console.
pub fn report(node: &Node, session: &mut Session, command: &str, error: &Error) {
    if session.reported.replace(error.code) == Some(error.code) {
        return;
    }
    let (text, command) = (error.code.text(), secret::unrepeated(command, command));
    match node.events.echo(&format!("Error executing: [{command}] Message: [{text}]")) {
        Echoed::Off if session.origin.is_remote() => session.output.refused(&Notice::error(error.code)),
        Echoed::Off => session.output.notice(&Notice::error(error.code)),
        Echoed::First => session.output.notice(&Notice::EchoQueue),
        Echoed::Queued => {}
    }
}
