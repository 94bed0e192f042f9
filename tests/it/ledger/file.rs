//! The local copy: merge with its source, tombstones, protection of an empty table, crashes at every file operation.

use super::{Node, Place, device, insert};
use anylog_master::{
    ledger::{
        Author, Change, Error, FilePieces, LocalDisk, LocalFile, OnDuplicate, PolicyCheck, PolicyInsert, RealDisk,
        RestoreMode, RestoreOrder, SnapshotPolicy,
    },
    policy::Policy,
};
use std::{
    fs,
    io::{self, BufRead},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

fn local(id: &str) -> String {
    device(id, 1).replace("}}", r#", "ledger": "local"}}"#)
}

fn global(id: &str) -> String {
    device(id, 1).replace("}}", r#", "ledger": "global"}}"#)
}

async fn insert_local(node: &Node, text: &str) -> Result<(), Error> {
    let policy = Policy::parse(text).unwrap();
    let change = Change::InsertLocal { policy, check: PolicyCheck::Rules };
    node.ledger.write(change, Author::new("test")).await.map(|_| ())
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn local_policies_are_in_the_file_at_once_and_in_the_table_after_a_round() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    insert_local(&node, &local("a")).await.unwrap();
    assert_eq!(lines(&place.file()), [local("a")]);
    assert_eq!(node.exported().await, "\n");
    assert!(matches!(insert_local(&node, &local("a")).await, Err(Error::Duplicate { .. })));
    assert!(node.ledger.sync_from_self("10.0.0.9").await.unwrap().changed);
    assert_eq!(node.exported().await, global("a") + "\n");
    assert_eq!(lines(&place.file()), [global("a")]);
    assert_eq!(&*node.ledger.view().by_id("a").unwrap().host, "10.0.0.9");
    assert!(!node.ledger.sync_from_self("10.0.0.9").await.unwrap().changed);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_reads_the_file_beside_its_table_and_alone_when_none_comes() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    insert_local(&node, &local("b")).await.unwrap();
    node.stop().await;
    let node = Node::alone();
    node.ledger.await_table();
    node.ledger.open_file(place.file()).await.unwrap();
    node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
    node.ledger.until_read().await;
    assert_eq!((node.ids(), node.ledger.has_table()), (vec!["a".to_owned(), "b".to_owned()], true));
    node.stop().await;
    fs::write(place.file(), local("b") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.await_table();
    node.ledger.open_file(place.file()).await.unwrap();
    node.ledger.until_read().await;
    assert_eq!((node.ids(), node.ledger.has_table()), (vec!["b".to_owned()], false));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_the_local_copy_is_not_published_a_second_time() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    insert_local(&node, &local("a")).await.unwrap();
    let insert = || PolicyInsert {
        policy: Policy::parse(&global("a")).unwrap(),
        host: "10.0.0.1".to_owned(),
        on_duplicate: OnDuplicate::Refuse,
        check: PolicyCheck::Publish,
    };
    let again = node.ledger.write(Change::Publish(insert()), Author::new("test")).await;
    assert!(matches!(again, Err(Error::Duplicate { .. })), "{again:?}");
    // Another node that sends it makes it a row.
    node.ledger.write(Change::Insert(insert()), Author::new("test")).await.unwrap();
    assert_eq!(node.exported().await, global("a") + "\n");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_published_here_reads_as_local_until_the_next_round_and_is_global_for_members() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    let policy = Policy::parse(&global("a")).unwrap();
    let (host, on_duplicate) = ("10.0.0.1".to_owned(), OnDuplicate::Refuse);
    let change = Change::Publish(PolicyInsert { policy, host, on_duplicate, check: PolicyCheck::Publish });
    node.ledger.write(change, Author::new("test")).await.unwrap();
    let reads = || node.ledger.view().by_id("a").unwrap().policy().unwrap().stored_text();
    assert_eq!((reads(), node.exported().await), (local("a"), global("a") + "\n"));
    node.ledger.sync_from_self("10.0.0.1").await.unwrap();
    assert_eq!((reads(), node.exported().await), (global("a"), global("a") + "\n"));
    assert_eq!(lines(&place.file()), [global("a")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_policy_does_not_come_back_from_the_file() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    node.drop_ids(&["a"]).await.unwrap();
    node.stop().await;
    fs::write(place.file(), local("a") + "\n" + &local("b") + "\n").unwrap();
    let node = Node::start(&place).await;
    node.ledger.sync_from_self("h").await.unwrap();
    assert_eq!(node.ids(), ["b"]);
    node.insert(&device("a", 2)).await.unwrap();
    assert_eq!(node.ids(), ["b", "a"], "an insert by name is no resurrection");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_table_does_not_empty_the_members() {
    let place = Place::sqlite();
    fs::write(place.file(), global("a") + "\n" + &global("b") + "\n").unwrap();
    let node = Node::start(&place).await;
    assert!(matches!(node.ledger.export().await, Err(Error::LostPolicies(2))));
    assert!(matches!(node.ledger.sync_from_self("h").await, Err(Error::LostPolicies(2))));
    assert_eq!(node.ids(), ["a", "b"], "reads go on from the file");
    for id in ["a", "b"] {
        node.insert(&global(id)).await.unwrap();
    }
    node.ledger.reload().await.unwrap();
    assert_eq!(node.exported().await.lines().count(), 2);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_start_empty() {
    let place = Place::sqlite();
    fs::write(place.file(), global("a") + "\n").unwrap();
    let node = Node::start(&place).await;
    assert!(matches!(node.ledger.export().await, Err(Error::LostPolicies(1))));
    node.ledger.delete_file().await.unwrap();
    assert_eq!(node.exported().await, "\n");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_an_operator_dropped_starts_empty() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    for id in ["a", "b"] {
        node.insert(&global(id)).await.unwrap();
    }
    node.ledger.sync_from_self("h").await.unwrap();
    assert_eq!(lines(&place.file()).len(), 2);
    node.ledger.drop_table(Author::new("test")).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&global("c")).await.unwrap();
    assert_eq!(node.exported().await, global("c") + "\n");
    node.ledger.sync_from_self("h").await.unwrap();
    assert_eq!(lines(&place.file()), [global("c")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_another_master_is_merged() {
    let place = Place::sqlite();
    fs::write(place.file(), [global("old"), local("mine"), local("both")].join("\n")).unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    assert_eq!(node.ids(), ["old", "mine", "both"]);
    let theirs = [global("new"), global("both")].map(|line| line + "\n").concat();
    let merge = node.ledger.sync_from_master(&theirs).await.unwrap();
    assert_eq!(merge.push, [global("mine")]);
    assert_eq!(lines(&place.file()), [global("new"), global("both"), global("mine")]);
    assert_eq!(node.ids(), ["new", "both", "mine"]);
    assert_eq!(lines(&place.file().with_extension("old")), [global("old"), local("mine"), local("both")]);
    let again = node.ledger.sync_from_master(&(theirs + &global("mine") + "\n")).await.unwrap();
    assert!(again.push.is_empty() && !again.changed);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_source_did_not_get_is_pushed_until_it_has_it() {
    let place = Place::sqlite();
    fs::write(place.file(), local("mine") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    let theirs = global("a") + "\n";
    for round in 1..=3 {
        let merge = node.ledger.sync_from_master(&theirs).await.unwrap();
        assert_eq!((merge.push, merge.changed), (vec![global("mine")], round == 1));
        assert_eq!(lines(&place.file()), [global("a"), global("mine")]);
        node.ledger.reload().await.unwrap();
        assert_eq!(node.ids(), ["a", "mine"]);
    }
    let with_mine = theirs.clone() + &global("mine") + "\n";
    assert!(node.ledger.sync_from_master(&with_mine).await.unwrap().push.is_empty());
    assert_eq!(node.ids(), ["a", "mine"]);
    assert!(node.ledger.sync_from_master(&theirs).await.unwrap().push.is_empty());
    assert_eq!(node.ids(), ["a"], "what the source had and dropped stays dropped");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_source_never_takes_is_given_up() {
    let place = Place::sqlite();
    fs::write(place.file(), local("mine") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    let theirs = global("a") + "\n";
    for _ in 0..10 {
        assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    }
    for _ in 0..2 {
        assert!(node.ledger.sync_from_master(&theirs).await.unwrap().push.is_empty());
        assert_eq!((node.ids(), lines(&place.file())), (vec!["a".to_owned()], vec![global("a")]));
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_does_not_end_the_pushes() {
    let place = Place::sqlite();
    fs::write(place.file(), local("mine") + "\n").unwrap();
    let theirs = global("a") + "\n";
    for round in 1..=11 {
        let node = Node::alone();
        node.ledger.open_file(place.file()).await.unwrap();
        let merge = node.ledger.sync_from_master(&theirs).await.unwrap();
        let pushed = if round <= 10 { vec![global("mine")] } else { Vec::new() };
        assert_eq!(merge.push, pushed, "the rounds before count in round {round}");
        node.stop().await;
    }
    assert_eq!(lines(&place.file()), [global("a")]);
    assert!(!place.directory().join("blockchain.untold").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_beside_a_table_does_not_end_the_pushes() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    for id in ["a", "b"] {
        node.insert(&global(id)).await.unwrap();
    }
    insert_local(&node, &local("mine")).await.unwrap();
    let theirs = ["a", "b"].map(|id| global(id) + "\n").concat();
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    node.stop().await;
    let node = Node::start(&place).await;
    assert_eq!((node.ids(), node.ledger.lost_policies()), (["a", "b", "mine"].map(str::to_owned).to_vec(), None));
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    node.stop().await;
    // A node that is its own source has nobody to tell.
    let node = Node::start(&place).await;
    node.ledger.sync_from_self("10.0.0.9").await.unwrap();
    assert_eq!(&*node.ledger.view().by_id("mine").unwrap().host, "10.0.0.9");
    assert!(!place.directory().join("blockchain.untold").exists());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_dropped_here_before_the_source_has_it_is_not_pushed_again() {
    let place = Place::sqlite();
    fs::write(place.file(), local("mine") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    let theirs = global("a") + "\n";
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    node.drop_ids(&["mine"]).await.unwrap();
    let merge = node.ledger.sync_from_master(&theirs).await.unwrap();
    assert!(merge.push.is_empty() && merge.drop.is_empty());
    assert_eq!((node.ids(), lines(&place.file())), (vec!["a".to_owned()], vec![global("a")]));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_the_own_table_does_not_end_the_pushes() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    insert_local(&node, &local("mine")).await.unwrap();
    let theirs = global("a") + "\n";
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    let copy = insert(&global("mine"), OnDuplicate::Ignore);
    node.ledger.write(copy, Author::new("blockchain sync")).await.unwrap();
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    assert_eq!(lines(&place.file()), [global("a"), global("mine")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_source_did_not_get_becomes_a_row_when_the_own_table_is_the_source() {
    let place = Place::sqlite();
    let node = Node::start(&place).await;
    insert_local(&node, &local("mine")).await.unwrap();
    let theirs = global("a") + "\n";
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().push, [global("mine")]);
    node.ledger.sync_from_self("10.0.0.9").await.unwrap();
    assert_eq!(node.exported().await, global("mine") + "\n");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_does_not_forget_what_the_source_has_to_be_told() {
    let place = Place::sqlite();
    let theirs = ["a", "b"].map(|id| global(id) + "\n").concat();
    fs::write(place.file(), &theirs).unwrap();
    let (node, disk) = (Node::alone(), Failing::after(usize::MAX));
    node.ledger.open_file_on(place.file(), disk.clone()).await.unwrap();
    node.ledger.sync_from_master(&theirs).await.unwrap();
    let version = node.ledger.version().await;
    assert!(version.is_some());
    node.drop_ids(&["a"]).await.unwrap();
    disk.leave(0);
    assert!(matches!(node.ledger.sync_from_master(&theirs).await, Err(Error::File { .. })));
    assert_eq!(node.ledger.version().await, version, "the file is as it was");
    disk.leave(usize::MAX);
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().drop, ["a"]);
    assert_eq!(node.ids(), ["b"]);
    node.stop().await;
}

/// Starts a node with its table beside a local copy on a disk.
async fn on_disk(place: &Place, disk: &Arc<Failing>) -> Node {
    let node = Node::alone();
    node.ledger.open_file_on(place.file(), disk.clone()).await.unwrap();
    node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_cannot_be_read_is_in_the_way_of_no_change() {
    let (place, disk) = (Place::sqlite(), Failing::after(usize::MAX));
    let node = on_disk(&place, &disk).await;
    node.insert(&device("a", 1)).await.unwrap();
    insert_local(&node, &local("mine")).await.unwrap();
    disk.hide(true);
    assert!(matches!(node.ledger.reload().await, Err(Error::File { .. })));
    node.insert(&device("b", 2)).await.unwrap();
    assert_eq!(node.ids(), ["a", "b", "mine"], "what only the copy has is shown as it was");
    fs::write(place.file(), [local("mine"), local("other")].join("\n")).unwrap();
    disk.hide(false);
    node.ledger.catch_up().await.unwrap();
    assert_eq!(node.ids(), ["a", "b", "mine", "other"], "the next look reads it");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_emptied_while_the_copy_cannot_be_read_has_lost_its_rows() {
    let (place, disk) = (Place::sqlite(), Failing::after(usize::MAX));
    let node = on_disk(&place, &disk).await;
    for id in ["a", "b"] {
        node.insert(&global(id)).await.unwrap();
    }
    disk.hide(true);
    let file = rusqlite::Connection::open(place.directory().join("blockchain.dbms")).unwrap();
    file.execute_batch("DELETE FROM ledger").unwrap();
    assert!(matches!(node.ledger.reload().await, Err(Error::File { .. })));
    assert_eq!((node.ledger.lost_policies(), node.ids()), (Some(2), vec!["a".to_owned(), "b".to_owned()]));
    assert!(matches!(node.ledger.export().await, Err(Error::LostPolicies(2))));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_was_committed_is_told_although_the_copy_cannot_be_read() {
    let (place, disk) = (Place::sqlite(), Failing::after(usize::MAX));
    let node = on_disk(&place, &disk).await;
    disk.hide(true);
    let policy = SnapshotPolicy {
        sequence: 1,
        kind: "device".into(),
        id: "a".into(),
        date: "2026-01-01T00:00:01.000000Z".into(),
        host: "10.0.0.1".into(),
        policy: Some(device("a", 1).into()),
        ..SnapshotPolicy::default()
    };
    let (policies, mode) = (vec![policy], RestoreMode::EmptyOnly);
    let order = RestoreOrder { policies, changes: Vec::new(), rows: Vec::new(), mode, is_dry: false };
    assert_eq!(node.ledger.restore(order, Author::new("test")).await.unwrap().after, 1);
    assert_eq!(node.ids(), ["a"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_torn_text_of_another_master_changes_nothing() {
    let place = Place::sqlite();
    fs::write(place.file(), global("a") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    assert!(!node.ledger.sync_from_master("").await.unwrap().changed);
    let torn = global("b") + "\n" + &global("c")[..20];
    assert!(matches!(node.ledger.sync_from_master(&torn).await, Err(Error::Line { line: 2, .. })));
    assert_eq!(node.ids(), ["a"]);
    assert_eq!(lines(&place.file()), [global("a")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_deletion_is_told_to_the_source() {
    let place = Place::sqlite();
    fs::write(place.file(), global("a") + "\n" + &global("b") + "\n").unwrap();
    let node = Node::alone();
    node.ledger.open_file(place.file()).await.unwrap();
    node.ledger.write(Change::Drop { ids: vec!["a".to_owned()] }, Author::new("test")).await.unwrap();
    assert_eq!(node.ids(), ["b"]);
    assert_eq!(lines(&place.file()).last().unwrap(), r#"{"deleted": { "id" : "a", "ledger" : "local" }}"#);
    let theirs = [global("a"), global("b")].map(|line| line + "\n").concat();
    assert_eq!(node.ledger.sync_from_master(&theirs).await.unwrap().drop, ["a"]);
    assert_eq!(node.ids(), ["b"]);
    let merge = node.ledger.sync_from_master(&(global("b") + "\n")).await.unwrap();
    assert!(merge.drop.is_empty());
    assert_eq!(lines(&place.file()), [global("b")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn part_of_a_line_after_a_crash_is_left_out() {
    let place = Place::sqlite();
    fs::write(place.file(), local("a") + "\n" + &local("b")[..25]).unwrap();
    let node = Node::start(&place).await;
    assert_eq!(node.ids(), ["a"]);
    insert_local(&node, &local("c")).await.unwrap();
    assert_eq!(lines(&place.file()), [local("a"), local("c")]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_are_cleaned_and_a_lost_active_file_is_brought_back() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("blockchain.json");
    for name in ["blockchain.tmp", "blockchain.old.tmp", "blockchain.transfer", "blockchain.master_id_4.new"] {
        fs::write(directory.path().join(name), "x").unwrap();
    }
    fs::write(directory.path().join("other.json"), "x").unwrap();
    fs::write(directory.path().join("blockchain.old"), global("a") + "\n").unwrap();
    LocalFile::new(&path, Arc::new(RealDisk)).recover().unwrap();
    assert_eq!(lines(&path), [global("a")]);
    let mut left: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["blockchain.json", "blockchain.old", "other.json"]);
}

/// A disk that does a number of operations and then fails, half done where that is possible.
struct Failing {
    left: AtomicUsize,
    /// True while nothing can be read.
    hidden: AtomicBool,
}

impl Failing {
    fn after(operations: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(operations), hidden: AtomicBool::new(false) })
    }

    /// Lets nothing be read from now on, or everything again.
    fn hide(&self, hidden: bool) {
        self.hidden.store(hidden, Ordering::SeqCst);
    }

    fn readable(&self) -> io::Result<()> {
        if self.hidden.load(Ordering::SeqCst) { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }

    /// Lets it do a number of operations from now on.
    fn leave(&self, operations: usize) {
        self.left.store(operations, Ordering::SeqCst);
    }

    fn allowed(&self) -> io::Result<()> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| io::Error::other("no space left on device"))
    }
}

impl LocalDisk for Failing {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.readable().and_then(|()| RealDisk.read(path))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn BufRead>> {
        self.readable().and_then(|()| RealDisk.open(path))
    }
    fn holds(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<bool> {
        self.readable().and_then(|()| RealDisk.holds(path, pieces))
    }
    fn write(&self, path: &Path, pieces: FilePieces<'_, '_>) -> io::Result<()> {
        match self.allowed() {
            Ok(()) => RealDisk.write(path, pieces),
            Err(error) => {
                let bytes = pieces.flatten().copied().collect::<Vec<_>>();
                RealDisk.write(path, &mut std::iter::once(&bytes[..bytes.len() / 2])).and(Err(error))
            }
        }
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match self.allowed() {
            Ok(()) => RealDisk.append(path, bytes),
            Err(error) => RealDisk.append(path, &bytes[..bytes.len() / 2]).and(Err(error)),
        }
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.allowed().and_then(|()| RealDisk.rename(from, to))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.allowed().and_then(|()| RealDisk.link(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.allowed().and_then(|()| RealDisk.remove(path))
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.allowed().and_then(|()| RealDisk.sync_directory(path))
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.allowed().and_then(|()| RealDisk.create_directory(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.allowed().and_then(|()| RealDisk.list(path))
    }
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

#[test]
fn a_crash_at_any_operation_leaves_the_old_or_the_new_file() {
    let (old, new) = (b"old line\n".as_slice(), b"new line, longer\n".as_slice());
    let mut passes = 0;
    for operations in 0.. {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("blockchain.json");
        let file = LocalFile::new(&path, Arc::new(RealDisk));
        file.replace(&mut std::iter::once(old)).unwrap();
        let outcome = LocalFile::new(&path, Failing::after(operations)).replace(&mut std::iter::once(new));
        file.recover().unwrap();
        let found = fs::read(&path).unwrap();
        assert!(found == old || found == new, "torn after {operations} operations");
        if outcome.is_ok() {
            assert_eq!(found, new);
            passes = operations;
            break;
        }
    }
    assert!(passes >= 5, "{passes} operations");
}

#[test]
fn a_failed_recovery_can_be_repeated() {
    for operations in 0..6 {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("blockchain.json");
        fs::write(directory.path().join("blockchain.old"), "kept\n").unwrap();
        fs::write(directory.path().join("blockchain.transfer"), "x").unwrap();
        let _ = LocalFile::new(&path, Failing::after(operations)).recover();
        LocalFile::new(&path, Arc::new(RealDisk)).recover().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept\n");
        assert!(!directory.path().join("blockchain.transfer").exists());
    }
}
