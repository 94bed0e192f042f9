//! Brings the local copy in step with its source: ourselves, or another master (reference/ledger 8.4).

use crate::{
    ledger::{
        change::{Author, Change, Check, Duplicate, Insert},
        copy,
        entry::Entry,
        error::Error,
        facts::Facts,
        local_file::LocalFile,
        plan::deleted_line,
        snapshot::{self, Line, Lines},
        view::View,
        writer::{Request, Writer},
    },
    policy::{self, Policy, rules},
};
use serde_json::Value;
use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};
use tokio::sync::oneshot;

/// What a merge did and what the source still has to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// Stored texts of policies that only this node knew; the source gets each with `blockchain push ignore`.
    pub push: Vec<String>,
    /// Ids that were deleted here; the source gets each with `blockchain drop policy where id = ID`.
    pub drop: Vec<String>,
    /// True when the local copy changed.
    pub changed: bool,
    /// Number of policies after the merge.
    pub policies: usize,
}

impl Writer {
    /// The source is this node: local-only policies become rows. The file becomes the export after it.
    pub(super) async fn settle(&mut self, host: &str) -> Result<Merge, Error> {
        if !self.table {
            return Err(if self.store.is_none() { Error::NotConnected } else { Error::NoTable });
        }
        if let Some(count) = self.shared.guarded() {
            return Err(Error::Guarded(count));
        }
        self.follows = false;
        self.shared.set_copy_version(None);
        self.settle_rows();
        let push: Vec<Arc<Entry>> = self.view.lines().filter(|entry| entry.local).cloned().collect();
        for entry in &push {
            self.promote(entry, host).await?;
        }
        self.deleted.clear();
        Ok(Merge { policies: self.view.len(), ..Merge::default() })
    }

    /// Rows that were published here since the last round read as global from now on.
    fn settle_rows(&mut self) {
        let rows = std::mem::take(&mut self.unsettled);
        if rows.is_empty() {
            return;
        }
        self.view.advance();
        rows.iter().for_each(|id| self.view.settle(id));
        self.publish();
    }

    /// Makes a row of a policy that only the local file has; one that breaks the ledger is forgotten.
    async fn promote(&mut self, entry: &Arc<Entry>, host: &str) -> Result<(), Error> {
        let global = global_text(&entry.text).and_then(|text| Policy::parse(&text).ok());
        let Some(policy) = global else { return Ok(()) };
        let text = policy.stored_text();
        let change = Change::Insert(Insert {
            policy,
            host: host.to_owned(),
            duplicate: Duplicate::Ignore,
            check: Check::Structure,
        });
        let (answer, outcome) = oneshot::channel();
        self.write(VecDeque::from([Request { change, author: Author::new("blockchain sync"), answer }])).await;
        match outcome.await.unwrap_or(Err(Error::Stopping)) {
            Ok(written) => {
                let other = self.view.by_id(&entry.id).is_some_and(|there| *there.text != *text);
                if written.ignored && other {
                    tracing::warn!(policy.id = %entry.id, "the ledger has another policy with the id of one of the local file");
                }
                Ok(())
            }
            Err(error @ (Error::Rule(_) | Error::Policy(_) | Error::Refused { .. })) => {
                tracing::warn!(policy.id = %entry.id, %error, "a policy of the local file is left out of the ledger");
                self.view.advance();
                self.view.remove(&entry.id);
                self.publish();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The source is another master: its text becomes the local copy, with what only this node knows.
    pub(super) async fn receive(&mut self, text: &str) -> Result<Merge, Error> {
        if text.is_empty() {
            return Ok(Merge { policies: self.view.len(), ..Merge::default() });
        }
        self.settle_rows();
        let file = self.file()?;
        let lines = Lines::read(text);
        if let Some(line) = lines.unreadable {
            return Err(Error::Line { path: file.neighbour("new").display().to_string(), line });
        }
        let mut merge = Merge::default();
        let known: HashSet<String> = lines.policies.iter().map(|line| line.id.clone()).collect();
        let deleted = std::mem::take(&mut self.deleted);
        merge.drop = deleted.into_iter().filter(|id| known.contains(id)).collect();
        let own = self.own_lines(&known);
        merge.push = own.iter().map(|line| line.text.clone()).collect();
        let bytes = file_text(&lines.policies, &own, &merge.drop);
        self.follows = true;
        self.shared.set_copy_version(Some(policy::id::hash(&bytes)));
        merge.changed = self.replace_file(&file, bytes).await?;
        let shown = lines.policies.iter().chain(&own).filter(|line| !merge.drop.contains(&line.id));
        let view = self.rows_and(shown).await;
        merge.policies = view.len();
        self.deleted.clone_from(&merge.drop);
        self.show(view);
        Ok(merge)
    }

    /// Returns the local-only policies that the source does not have, made global; invalid ones are left out.
    fn own_lines(&self, known: &HashSet<String>) -> Vec<Line> {
        let mut accepted = rules::Structure::default();
        let mut own = Vec::new();
        for entry in self.view.lines().filter(|entry| entry.local && !known.contains(&*entry.id)) {
            let line = global_text(&entry.text).and_then(|text| {
                let facts = Facts::read(&text)?;
                Some(Line { id: entry.id.to_string(), text, facts })
            });
            let valid = entry.policy().is_some_and(|policy| accepted.add(policy).is_ok());
            if let Some(line) = line.filter(|_| valid) {
                own.push(line);
            }
        }
        own
    }

    async fn rows_and<'a>(&self, lines: impl Iterator<Item = &'a Line>) -> View {
        let mut view = View::default();
        for entry in self.view.iter().filter(|entry| entry.place == crate::ledger::entry::Place::Table) {
            view.insert(Arc::clone(entry));
        }
        for (number, line) in (1..).zip(lines) {
            if view.by_id(&line.id).is_none() {
                snapshot::add_line(&mut view, line, number);
            }
        }
        view
    }

    /// Opens another local file: recovers it after a crash and shows what only it has.
    pub(super) async fn open(&mut self, file: LocalFile) -> Result<(), Error> {
        if self.file.as_ref().is_some_and(|old| old.path() == file.path()) {
            return Ok(());
        }
        let opened = file.clone();
        blocking(move || opened.recover()).await?;
        self.shared.set_file(file.clone());
        self.file = Some(file);
        if self.table { self.reload().await } else { self.reload_file().await }
    }

    /// Shows the local file alone, for a node without a ledger table.
    pub(super) async fn reload_file(&mut self) -> Result<(), Error> {
        let lines = self.lines().await?;
        self.show(snapshot::with_lines(View::default(), &lines, &self.drops, true));
        Ok(())
    }

    /// Returns the lines of the local file; none when there is no file.
    pub(super) async fn lines(&mut self) -> Result<Arc<Lines>, Error> {
        let Some(file) = self.file.clone() else { return Ok(Arc::default()) };
        let (shared, keep) = (Arc::clone(&self.shared), !self.table);
        let lines = blocking(move || shared.copy().read(&file, keep)).await?;
        self.deleted.clone_from(&lines.deleted);
        Ok(lines)
    }

    /// Remembers whether an empty table stands against a local file that is not empty (reference/ledger 8.8), unless somebody
    /// dropped the table here.
    pub(super) fn guard(&self, view: &View, lines: &Lines) {
        let global = || lines.policies.iter().filter(|line| !line.facts.local);
        let missing =
            global().filter(|line| view.by_id(&line.id).is_none() && !self.drops.contains_key(&line.id)).count();
        let empty = !self.emptied && missing * 2 > global().count();
        self.shared.set_guarded(if empty { missing } else { 0 });
    }

    /// Adds lines to the local file, for the view that comes next.
    pub(super) async fn append(&mut self, lines: String) -> Result<(), Error> {
        let (file, shared, deleted) = (self.file()?, Arc::clone(&self.shared), self.deleted.clone());
        let (view, next) = (Arc::new(self.view.clone()), self.view.generation() + 1);
        blocking(move || shared.copy().append(&file, lines, next, || copy::content(&shared, &view, &deleted))).await
    }

    async fn replace_file(&self, file: &LocalFile, bytes: Vec<u8>) -> Result<bool, Error> {
        let (file, shared) = (file.clone(), Arc::clone(&self.shared));
        blocking(move || shared.copy().replace(&file, &bytes)).await
    }

    /// Makes other bytes the local file and shows them (`blockchain update file`, `blockchain seed`).
    pub(super) async fn adopt(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let file = self.file()?;
        self.replace_file(&file, bytes).await?;
        self.reload().await
    }

    /// Deletes the local file and what only it had; this also confirms an empty ledger.
    pub(super) async fn delete_file(&mut self) -> Result<(), Error> {
        let file = self.file()?;
        let path = file.path().display().to_string();
        let shared = Arc::clone(&self.shared);
        let there = blocking(move || shared.copy().delete(&file)).await?;
        self.shared.set_guarded(0);
        self.deleted.clear();
        self.reload().await?;
        if there { Ok(()) } else { Err(Error::NoFile(path)) }
    }

    fn file(&self) -> Result<LocalFile, Error> {
        self.file.clone().ok_or_else(|| Error::NoFile("!blockchain_file (it is not set)".to_owned()))
    }
}

fn file_text(lines: &[Line], own: &[Line], deleted: &[String]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines.iter().chain(own) {
        text.push_str(&line.text);
        text.push('\n');
    }
    for id in deleted {
        text.push_str(&deleted_line(id).replace("\"local\"", "\"global\""));
    }
    if text.is_empty() {
        text.push('\n');
    }
    text.into_bytes()
}

/// Returns the stored text with `"ledger": "global"`.
fn global_text(text: &str) -> Option<String> {
    let mut value = Policy::parse(text).ok()?.to_value();
    let body = value.as_object_mut()?.values_mut().next()?.as_object_mut()?;
    body.insert("ledger".to_owned(), Value::from("global"));
    Some(crate::policy::json::text(&value))
}

/// Does work that waits for the disk on a thread of its own.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Stopping))
}
