//! Who asks, as the ledger keeps it.

use crate::{
    command::ledger::this_node::own_host,
    ledger::Author,
    node::{Node, Origin, Session},
};

/// Returns who asks for a change, for the history.
pub(super) fn author(session: &Session) -> Author {
    Author::new(name(&session.origin))
}

/// Returns the name of an origin.
fn name(origin: &Origin) -> String {
    match origin {
        Origin::Plan | Origin::Boot => "boot".to_owned(),
        Origin::Prompt => "prompt".to_owned(),
        Origin::Scheduler { made_by } => format!("scheduler, {}", name(made_by)),
        Origin::Rest { user: Some(user), .. } => format!("rest:{user}"),
        Origin::Rest { caller, user: None, .. } => format!("rest:{caller}"),
        Origin::Peer { host, .. } => host.clone(),
    }
}

/// Returns the address that stands in the host column: the sender of a message, else this node.
pub(super) fn published_from(node: &Node, session: &Session) -> String {
    match &session.origin {
        Origin::Peer { host, .. } => host.clone(),
        _ => own_host(node),
    }
}
