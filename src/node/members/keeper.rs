//! Keeps the book over a restart: a file beside the local copy of the ledger, at most once a minute and at the stop.

use super::kept::{self, ReadError};
use crate::{
    node::Node,
    runtime::{limits, shutdown::Shutdown},
};
use std::{
    path::PathBuf,
    sync::{Arc, Weak},
};

/// Name of the file.
const FILE: &str = "members.json";

impl Node {
    /// Reads the members that asked before this node was started. A file that is of no use is told and set aside: the members
    /// ask again anyway.
    pub async fn restore_members(&self) {
        let Some(path) = self.members_file() else { return };
        let read = tokio::task::spawn_blocking(move || {
            kept::read(&path).map_err(|error| {
                let aside = matches!(error, ReadError::Broken(_)).then(|| kept::set_aside(&path));
                (path, error, aside)
            })
        });
        match read.await {
            Ok(Ok(members)) => self.members.restore(members),
            Ok(Err((path, error, aside))) => {
                let aside = match aside {
                    Some(Ok(aside)) => format!("; it is kept as {}", aside.display()),
                    Some(Err(error)) => format!("; it cannot be renamed: {error}"),
                    None => String::new(),
                };
                let path = path.display();
                tracing::warn!("the members that asked before this start are not known: {path}: {error}{aside}");
            }
            // The runtime ends.
            Err(_) => {}
        }
    }

    /// Writes the members to their file, if there is something new. A disk that takes nothing is told: members are not held
    /// up by it.
    pub async fn keep_members(&self) {
        let Some(path) = self.members_file() else { return };
        if !self.members.take_changed() {
            return;
        }
        let members = self.members.list();
        let written = tokio::task::spawn_blocking(move || kept::write(&path, &members)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!("after a restart this node will not know its members: {error}");
        }
    }

    /// Returns where the book is kept; nothing before the node has a directory for it.
    fn members_file(&self) -> Option<PathBuf> {
        let copy = PathBuf::from(self.dictionary.get("blockchain_file")?);
        copy.parent().is_some_and(|directory| directory.is_dir()).then(|| copy.with_file_name(FILE))
    }
}

/// Keeps the book from time to time until the node stops, which keeps it once more.
pub fn keep(node: &Arc<Node>, shutdown: &Shutdown) {
    let (node, stop) = (Arc::downgrade(node), shutdown.token());
    shutdown.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(limits::MEMBERS_KEPT) => {}
                () = stop.cancelled() => return,
            }
            let Some(node) = Weak::upgrade(&node) else { return };
            node.keep_members().await;
        }
    });
}
