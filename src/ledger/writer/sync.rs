//! Brings the local copy in step with its source: this node, or another master (reference/ledger 8.4).

use crate::{
    ledger::{
        change::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
        error::Error,
        file::lines::{DeletionScope, FileLine, FileLines, add_line, deleted_line},
        view::{
            entry::{LedgerEntry, Location},
            fields::PolicyFields,
            view::View,
        },
        writer::{
            blocking::blocking, copy_state::CopySource, job::QueuedChange, storage::Storage, sync_report::SyncReport,
            writer::Writer,
        },
    },
    policy::{self, Policy, json, rules},
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};
use tokio::sync::oneshot;

/// Rounds in which the source is sent a policy that its text does not have afterwards. A push has no answer, so a
/// source that refuses it for good looks like one that was away for a moment: five minutes, at the usual rhythm, tell
/// them apart. A contract answers, and the rounds in which it does not are not counted.
const PUSH_ROUNDS: u32 = 10;

/// The policies of this node that its source does not have.
#[derive(Default)]
struct OwnLines {
    /// Those that the source is sent.
    lines: Vec<FileLine>,
    /// Their ids, with the number of rounds in which they were sent, this one included, without those that do not count.
    sent: HashMap<String, u32>,
    /// Ids of those that the source did not take in any of its rounds.
    given_up: Vec<String>,
}

impl Writer {
    /// The source is this node: policies that only the file has become rows. The file becomes the export after it.
    pub async fn sync_from_self(&mut self, host: &str) -> Result<SyncReport, Error> {
        match self.storage {
            Storage::Detached => return Err(Error::NotConnected),
            Storage::NoTable(_) => return Err(Error::NoTable),
            Storage::Unread(_) => self.reload().await?,
            // The round ends with the export in the place of the file: what it has is known before.
            Storage::Open { .. } if self.copy.is_unread => self.reload().await?,
            Storage::Open { .. } => {}
        }
        // A round whose source does not answer is not a good one, although there is nothing to bring in step.
        if let Some(reason) = self.published.silence().filter(|reason| matches!(**reason, Error::Unavailable(_))) {
            return Err(Error::clone(&reason));
        }
        if let Some(lost) = self.published.lost_policies() {
            return Err(Error::LostPolicies(lost));
        }
        self.copy.source = CopySource::ThisNode;
        self.published.set_copy_version(None);
        self.mark_rows_global();
        let own: Vec<Arc<LedgerEntry>> =
            self.view.lines().filter(|entry| self.rounds_sent(entry).is_some()).cloned().collect();
        for entry in &own {
            self.promote(entry, host).await?;
        }
        self.copy.untold_deletions.clear();
        self.forget_untold().await?;
        Ok(SyncReport { policies: self.view.len(), ..SyncReport::default() })
    }

    /// Shows the rows that were published here since the last round as they are stored from now on.
    fn mark_rows_global(&mut self) {
        if std::mem::take(&mut self.shows_local_rows) {
            self.view.advance();
            self.view.end_local();
            self.publish();
        }
    }

    /// Makes a row of a policy that only the local file has; one that breaks the ledger is removed from the view.
    async fn promote(&mut self, entry: &Arc<LedgerEntry>, host: &str) -> Result<(), Error> {
        let global = global_text(&entry.text).and_then(|text| Policy::parse(&text).ok());
        let Some(policy) = global else { return Ok(()) };
        let text = policy.stored_text();
        let (host, on_duplicate, check) = (host.to_owned(), OnDuplicate::Ignore, PolicyCheck::Structure);
        let change = Change::Insert(PolicyInsert { policy, host, on_duplicate, check });
        let (responder, outcome) = oneshot::channel();
        let author = Author::new("blockchain sync");
        self.write(VecDeque::from([QueuedChange::new(change, author, responder)])).await;
        match outcome.await.unwrap_or(Err(Error::Stopping)) {
            Ok(written) => {
                let other = self.view.by_id(&entry.id).is_some_and(|there| *there.text != *text);
                if written.ignored && other {
                    tracing::warn!(policy.id = %entry.id, "the ledger has another policy with the id of one of the local file");
                }
                Ok(())
            }
            Err(error) if error.is_of_policy() => {
                tracing::warn!(policy.id = %entry.id, %error, "a policy of the local file is left out of the ledger");
                self.view.advance();
                self.view.remove(&entry.id);
                self.publish();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The source is another master, or a contract: its text becomes the local copy, with what only this node knows. A
    /// local line of a policy that was sent is not part of that text: there was no answer to it in the last round.
    pub async fn sync_from_master(&mut self, text: &str) -> Result<SyncReport, Error> {
        if text.is_empty() {
            return Ok(SyncReport { policies: self.view.len(), ..SyncReport::default() });
        }
        self.mark_rows_global();
        let file = self.copy.open_file()?;
        let lines = FileLines::read(text);
        if let Some(line) = lines.unreadable {
            return Err(Error::Line { path: file.neighbour("new").display().to_string(), line });
        }
        let is_unanswered = |line: &FileLine| line.fields.local && self.copy.untold_policies.contains_key(&line.id);
        let (unanswered, lines): (Vec<FileLine>, Vec<FileLine>) = lines.policies.into_iter().partition(is_unanswered);
        let theirs = ids_of(&lines);
        let untold = self.copy.untold_deletions.iter().filter(|id| theirs.contains(id.as_str()));
        let deleted: Vec<String> = untold.cloned().collect();
        let OwnLines { lines: own, sent, given_up } = self.own_lines(&theirs, &ids_of(&unanswered));
        let bytes = file_text(&lines, &own, &deleted);
        let version = policy::id::hash(&bytes);
        self.copy.source = CopySource::OtherMaster;
        // A restart finds the lines of those that were sent among the lines of the source, so that comes first.
        let is_new = sent.keys().any(|id| !self.copy.untold_policies.contains_key(id));
        let (beside, untold) = (file.clone(), sent.clone());
        match blocking(move || beside.keep_untold(&untold)).await {
            Err(error) if is_new => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "a restart would count some rounds of the policies that are pushed again")
            }
            Ok(()) => {}
        }
        let changed = self.replace_file(&file, bytes).await?;
        // Nothing is taken over before the file has it: after a failed write the next round does all of it again.
        self.published.set_copy_version(Some(version));
        self.copy.untold_deletions.clone_from(&deleted);
        self.copy.untold_policies = sent;
        given_up.iter().for_each(|id| tell_given_up(id));
        let shown = lines.iter().chain(&own).filter(|line| !deleted.contains(&line.id));
        let view = self.rows_with(shown);
        let push = own.into_iter().map(|line| line.text).collect();
        let report = SyncReport { push, drop: deleted, changed, policies: view.len() };
        self.show(view);
        Ok(report)
    }

    /// Returns the policies of this node that the source does not have, made global; invalid ones are left out. One
    /// that was sent already is among them until the source's text has it: what the source drops later stays dropped.
    /// The last round of those that are unanswered does not count.
    fn own_lines(&self, theirs: &HashSet<&str>, unanswered: &HashSet<&str>) -> OwnLines {
        let mut accepted = rules::Structure::default();
        let mut own = OwnLines::default();
        for entry in self.view.iter() {
            let Some(sent) = self.rounds_sent(entry).filter(|_| !theirs.contains(&*entry.id)) else { continue };
            let rounds = if unanswered.contains(&*entry.id) { sent.saturating_sub(1) } else { sent };
            if rounds >= PUSH_ROUNDS {
                own.given_up.push(entry.id.to_string());
                continue;
            }
            let valid = entry.policy().is_some_and(|policy| accepted.add(&policy).is_ok());
            if let Some(line) = global_line(entry).filter(|_| valid) {
                own.sent.insert(line.id.clone(), rounds + 1);
                own.lines.push(line);
            }
        }
        own
    }

    /// Returns the number of counted rounds in which the source was sent a policy that its text has not had since: 0 of
    /// one that only this node knows, and nothing of all others. A row counts too: the own table is not the source.
    fn rounds_sent(&self, entry: &LedgerEntry) -> Option<u32> {
        if entry.local { Some(0) } else { self.copy.untold_policies.get(&*entry.id).copied() }
    }

    /// Returns a view of the rows of the table and, beside them, of lines.
    fn rows_with<'a>(&self, lines: impl Iterator<Item = &'a FileLine>) -> View {
        let mut view = View::default();
        for entry in self.view.iter().filter(|entry| entry.location == Location::Table) {
            view.insert(Arc::clone(entry));
        }
        for (number, line) in (1..).zip(lines) {
            if view.by_id(&line.id).is_none() {
                add_line(&mut view, line, number);
            }
        }
        view
    }
}

fn ids_of(lines: &[FileLine]) -> HashSet<&str> {
    lines.iter().map(|line| line.id.as_str()).collect()
}

fn file_text(theirs: &[FileLine], own: &[FileLine], deleted: &[String]) -> Vec<u8> {
    let mut text = String::new();
    for line in theirs.iter().chain(own) {
        text.push_str(&line.text);
        text.push('\n');
    }
    deleted.iter().for_each(|id| text.push_str(&deleted_line(id, DeletionScope::Global)));
    if text.is_empty() {
        text.push('\n');
    }
    text.into_bytes()
}

fn tell_given_up(id: &str) {
    tracing::warn!(
        policy.id = %id,
        "the source of the ledger did not take a policy of this node in {PUSH_ROUNDS} rounds: the local copy drops it"
    );
}

/// Returns the line of a policy that is sent to the source.
fn global_line(entry: &LedgerEntry) -> Option<FileLine> {
    let text = global_text(&entry.text)?;
    let fields = PolicyFields::read(&text)?;
    Some(FileLine { id: entry.id.to_string(), text, fields })
}

/// Returns the stored text with `"ledger": "global"`.
fn global_text(text: &str) -> Option<String> {
    let mut value = Policy::parse(text).ok()?.to_value();
    let body = value.as_object_mut()?.values_mut().next()?.as_object_mut()?;
    body.insert("ledger".to_owned(), Value::from("global"));
    Some(json::text(&value))
}
