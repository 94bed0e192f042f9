//! The one road: text of a command → words → typed command → reply (spec/command-language 4).

use super::{Code, Error, Node, Reply, Session};
use std::sync::Arc;

/// Runs the text of one command for a caller and returns its reply.
///
/// # Errors
/// The code and the reason, when the text is no command or the command fails.
pub async fn run(_node: &Arc<Node>, _session: &mut Session, _text: &str) -> Result<Reply, Error> {
    Err(Code::UNRECOGNIZED_COMMAND.into())
}
