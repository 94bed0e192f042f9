//! Keeps the book over a restart: a file beside the local copy of the ledger, at most once a minute and at the stop.

use super::{
    book_file::BookFile,
    kept::{self, ReadError},
};
use crate::{
    node::Node,
    runtime::{limits, shutdown::Shutdown},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

/// Name of the file.
const FILE: &str = "members.json";

impl Node {
    /// Reads the members that asked before this node was started, unless that is done. A file of no use is told and set aside:
    /// the members ask again anyway.
    pub async fn restore_members(&self) {
        let Some(path) = self.members_file() else { return };
        let mut file = self.members.file.lock().await;
        self.read_members(&mut file, &path).await;
    }

    /// Writes the members to their file, if there is something new. What the file has is read first: one that cannot be
    /// read stays as it is. A disk that takes nothing is told: members are not held up by it.
    pub async fn keep_members(&self) {
        let Some(path) = self.members_file() else { return };
        let mut file = self.members.file.lock().await;
        if !self.read_members(&mut file, &path).await || !self.members.take_changed() {
            return;
        }
        let members = self.members.list();
        let written = tokio::task::spawn_blocking(move || kept::write(&path, &members)).await;
        if !matches!(written, Ok(Ok(()))) {
            self.members.set_changed();
        }
        if let Ok(Err(error)) = written {
            tracing::warn!("after a restart this node will not know its members: {error}");
        }
    }

    /// Reads a file into the book, once, and tells whether the book has everything of it.
    async fn read_members(&self, file: &mut BookFile, path: &Path) -> bool {
        if file.is_read(path) {
            return true;
        }
        let from = path.to_owned();
        let read = tokio::task::spawn_blocking(move || {
            kept::read(&from).map_err(|error| {
                let aside = matches!(error, ReadError::Broken(_)).then(|| kept::set_aside(&from));
                (error, aside)
            })
        });
        match read.await {
            Ok(Ok(members)) => {
                self.members.restore(members);
                file.set_read(path.to_owned());
            }
            Ok(Err((error, aside))) => {
                if file.is_news() {
                    tell(path, &error, aside.as_ref());
                }
                if matches!(aside, Some(Ok(_))) {
                    file.set_read(path.to_owned());
                }
            }
            // The runtime ends.
            Err(_) => {}
        }
        file.is_read(path)
    }

    /// Returns where the book is kept; nothing before the node has a directory for it.
    fn members_file(&self) -> Option<PathBuf> {
        let copy = PathBuf::from(self.dictionary.get("blockchain_file")?);
        copy.parent().is_some_and(|directory| directory.is_dir()).then(|| copy.with_file_name(FILE))
    }
}

/// Says that a file is of no use, and what becomes of it.
fn tell(path: &Path, error: &ReadError, aside: Option<&io::Result<PathBuf>>) {
    let fate = match aside {
        Some(Ok(aside)) => format!("; it is kept as {}", aside.display()),
        Some(Err(error)) => format!("; it cannot be renamed: {error}, and nothing is written over it"),
        None => "; nothing is written over it".to_owned(),
    };
    let path = path.display();
    tracing::warn!("the members that asked before this start are not known: {path}: {error}{fate}");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boot,
        node::members::{LedgerRequest, Member},
    };
    use anylog_block::ReturnAddress;
    use jiff::Timestamp;
    use std::fs;

    /// Starts a node whose local copy is in a directory; its book was not read yet.
    fn node(home: &Path) -> Arc<Node> {
        let node = boot::unattended();
        node.dictionary.set("blockchain_file", home.join("blockchain.json").display().to_string());
        node
    }

    fn ask(node: &Node, port: u16) {
        let caller = [10, 0, 0, 7].into();
        let request = LedgerRequest { caller, is_known: true, file: "/a/x.new".to_owned(), hash: None };
        node.members.asked(&ReturnAddress::new("10.0.0.7", port), request);
    }

    /// Returns the members of a node: the port of each, how often it asked and since when.
    fn rows(node: &Node) -> Vec<(u32, u64, Timestamp)> {
        let row = |member: &Member| (member.address.port, member.requests, member.first_seen);
        node.members.list().iter().map(row).collect()
    }

    #[tokio::test]
    async fn what_was_kept_is_read_before_it_is_written() {
        let home = tempfile::tempdir().unwrap();
        let before = node(home.path());
        for port in [1, 1, 2] {
            ask(&before, port);
        }
        before.keep_members().await;
        let kept = rows(&before);
        let since = |port: u32| kept.iter().find(|(of, ..)| *of == port).unwrap().2;
        // Somebody asks before the book was read, and the node stops.
        let between = node(home.path());
        ask(&between, 1);
        between.keep_members().await;
        // Nothing of the file is counted twice.
        ask(&between, 1);
        between.keep_members().await;
        between.restore_members().await;
        assert_eq!(rows(&between), [(1, 4, since(1)), (2, 1, since(2))]);
        let after = node(home.path());
        after.restore_members().await;
        assert_eq!(rows(&after), rows(&between));
    }

    #[tokio::test]
    async fn a_book_that_could_not_be_written_is_written_as_soon_as_it_can_be() {
        let home = tempfile::tempdir().unwrap();
        let (file, node) = (home.path().join(FILE), node(home.path()));
        node.restore_members().await;
        // It was read, and nothing can take its place.
        fs::create_dir(&file).unwrap();
        ask(&node, 1);
        node.keep_members().await;
        assert!(file.is_dir());
        fs::remove_dir(&file).unwrap();
        node.keep_members().await;
        assert!(fs::read_to_string(&file).unwrap().contains("10.0.0.7"), "nobody has asked since");
    }

    #[tokio::test]
    async fn a_book_that_cannot_be_read_is_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        let (file, node) = (home.path().join(FILE), node(home.path()));
        fs::create_dir(&file).unwrap();
        ask(&node, 1);
        node.keep_members().await;
        assert!(file.is_dir());
        fs::remove_dir(&file).unwrap();
        node.keep_members().await;
        assert!(fs::read_to_string(&file).unwrap().contains("10.0.0.7"), "what waited is kept as soon as it can be");
    }
}
