//! Which callers may run which commands: the table of [`access`](super::access) at work.

use crate::{
    command::engine::{
        Entry, NetworkCallers,
        access::{self, Access, Permission},
    },
    node::{Door, Node, Origin, PeerSwitch, Session},
    reply::{Code, Error},
};

/// Refuses a command that is not for the door of the caller.
pub(super) fn may_run(node: &Node, session: &Session, entry: &Entry) -> Result<(), Error> {
    let known = match session.origin.source() {
        Origin::Rest { .. } => entry.network != NetworkCallers::Peer,
        Origin::Peer { .. } => entry.network != NetworkCallers::Rest,
        _ => true,
    };
    if !known {
        let detail = format!("'{}' is not offered over this connection: type it at the node's prompt", entry.words);
        return Err(Error::with(Code::REMOTE_NOT_SUPPORTED, detail));
    }
    may_reach(node, session, entry.access, entry.words)
}

/// Refuses a caller that may not change variables.
pub(super) fn may_assign(node: &Node, session: &Session) -> Result<(), Error> {
    may_reach(node, session, Access::Variables, "assignment")
}

/// Refuses a caller whose door may not reach something; `what` names the command.
pub(super) fn may_reach(node: &Node, session: &Session, access: Access, what: &str) -> Result<(), Error> {
    let door = session.door();
    match access::permission(door, access) {
        Permission::Yes | Permission::Within(_) => Ok(()),
        Permission::Switch(switch) => is_switched_on(node, session, switch).map_err(|reason| {
            let detail = format!("'{what}' is closed to this sender: {reason}");
            Error::with(Code::REMOTE_NOT_SUPPORTED, detail)
        }),
        Permission::No => Err(refused(door, access, what)),
    }
}

/// Tells whether the configuration opens something to the node behind a command; the error is the reason.
fn is_switched_on(node: &Node, session: &Session, switch: PeerSwitch) -> Result<(), String> {
    match session.origin.source() {
        Origin::Peer { caller, .. } => node.peer_access.check(switch, *caller, &node.ledger.view()),
        _ => Ok(()),
    }
}

/// Says why a door is closed and what opens it.
fn refused(door: Door, access: Access, what: &str) -> Error {
    let kind = access.name();
    let is_closed_to_all = [Door::RestRead, Door::RestPublish, Door::RestAdmin]
        .into_iter()
        .all(|door| access::permission(door, access) == Permission::No);
    match door {
        Door::RestRead | Door::RestPublish if !is_closed_to_all => {
            let role = match access::permission(Door::RestPublish, access) {
                Permission::No => "admin",
                _ => "publish",
            };
            let detail = format!(
                "'{what}' needs the role {role} ({kind}): send a token of that role (Authorization: Bearer TOKEN)"
            );
            Error::with(Code::UNAUTHORIZED, detail)
        }
        Door::OtherOrigin if !is_closed_to_all => {
            let detail = format!(
                "'{what}' is closed to web pages of other origins ({kind}): name the origin in REST_CORS_ORIGINS to open it"
            );
            Error::with(Code::UNAUTHORIZED, detail)
        }
        _ => {
            let detail = format!("'{what}' is not offered over this connection ({kind}): type it at the node's prompt");
            Error::with(Code::REMOTE_NOT_SUPPORTED, detail)
        }
    }
}
