//! Which callers may run which commands.

use crate::{
    command::engine::{Entry, Network},
    node::{Origin, Role, Session},
    reply::{Code, Error},
};

/// Refuses a command that the caller's origin or role does not allow.
pub(super) fn may_run(session: &Session, entry: &Entry) -> Result<(), Error> {
    let offered = match session.origin {
        Origin::Rest { .. } => matches!(entry.network, Network::Both | Network::Rest),
        Origin::Peer { .. } => matches!(entry.network, Network::Both | Network::Peer),
        Origin::Plan | Origin::Boot | Origin::Prompt | Origin::Scheduler => true,
    };
    if !offered {
        let detail = format!("'{}' is not offered over this connection: type it at the node's prompt", entry.words);
        return Err(Error::with(Code::REMOTE_NOT_SUPPORTED, detail));
    }
    needs(session, entry.role, entry.words)
}

/// Refuses a caller that may not change variables.
pub(super) fn may_assign(session: &Session) -> Result<(), Error> {
    needs(session, Role::Publish, "assignment")
}

fn needs(session: &Session, role: Role, what: &str) -> Result<(), Error> {
    if session.role >= role {
        return Ok(());
    }
    let detail = format!(
        "'{what}' needs the role {role:?}, this caller has {:?}: send a token of that role (Authorization: Bearer TOKEN)",
        session.role
    );
    Err(Error::with(Code::UNAUTHORIZED, detail))
}
