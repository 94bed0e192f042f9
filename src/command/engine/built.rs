//! Commands that somebody inside the program builds: no text is written to be read again.

use crate::{
    command::engine::{Access, Command, Entry, rights, run},
    node::{Node, Session},
    reply::{Error, Reply},
};
use std::{future::Future, sync::Arc, time::Instant};

/// A typed command with the entry that it belongs to; it runs with the rights and the log of a line that names the entry.
#[derive(Debug)]
pub struct Built {
    entry: &'static Entry,
    access: Access,
    command: Box<dyn Command>,
}

impl Built {
    /// Puts a command and its entry together.
    #[must_use]
    pub fn new(entry: &'static Entry, command: impl Command) -> Self {
        Self { entry, access: entry.access, command: Box::new(command) }
    }

    /// Says that what was built reaches something else than the entry in general.
    #[must_use]
    pub fn reaching(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Runs the command for a caller and returns its reply.
    ///
    /// # Errors
    /// The command's own, and that the caller has no right to run it.
    pub async fn run(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let Self { entry, access, command } = self;
        session.reported = None;
        let result = match rights::may_reach(node, session, access, entry.words) {
            Ok(()) => command.run(node, session).await,
            Err(error) => Err(error),
        };
        run::log(node, session, entry.words, &result);
        result
    }
}

/// Does what somebody inside the program asks for with typed values and wants a typed answer to, with the rights, the log and the
/// figures of a line that names an entry. The work begins when the caller may do it.
///
/// # Errors
/// Its own, and that the caller has no right to run the command.
pub async fn typed<T>(
    entry: &'static Entry,
    node: &Arc<Node>,
    session: &Session,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let started = Instant::now();
    let result = match rights::may_run(node, session, entry) {
        Ok(()) => work.await,
        Err(error) => Err(error),
    };
    match &result {
        Ok(_) => run::log(node, session, entry.words, &Ok(Reply::Empty)),
        Err(error) => run::log(node, session, entry.words, &Err(error.clone())),
    }
    node.figures.command(entry.kind(), session.door(), &result, started.elapsed());
    result
}

/// Checks before anything of a request is read whether its sender may run the command of an entry at all.
///
/// # Errors
/// That it may not.
pub fn may_run(entry: &Entry, node: &Node, session: &Session) -> Result<(), Error> {
    rights::may_run(node, session, entry)
}
