//! What a restore writes: the backup compared with what the tables hold.

use crate::ledger::{
    error::Error,
    history::tombstones::Tombstones,
    snapshot::{
        current::{CurrentRow, CurrentTables},
        restore::{RestoreBatch, RestoreEffect, RestoreMode, RestoreOrder, RestoreReport, RestoredPolicy},
        row::SnapshotPolicy,
        text::StoredText,
    },
    store::engine::Engine,
    view::fields::PolicyFields,
};
use crate::policy::date;
use std::collections::HashSet;

/// The highest number of a row that a database takes and still has numbers for the rows after it.
const fn most_rows(engine: Engine) -> i64 {
    match engine {
        Engine::Postgres => 2_000_000_000,
        Engine::Sqlite => 9_000_000_000_000_000_000,
    }
}

/// What a restore does, and what is told of it.
#[derive(Clone, Debug, Default)]
pub struct RestorePlan {
    /// What the database has to write.
    pub batch: RestoreBatch,
    /// What is told.
    pub report: RestoreReport,
    /// Bytes of the texts of all policies afterwards.
    pub bytes: u64,
}

/// Plans a restore; the batch has no time, no author and no outbox yet.
///
/// # Errors
/// [`Error::NotEmpty`] when the ledger has policies and nobody said what becomes of them; [`Error::CannotRestore`] for a row
/// that the database cannot hold.
pub fn plan(
    order: &RestoreOrder,
    current: &CurrentTables,
    tombstones: &Tombstones,
    engine: Engine,
) -> Result<RestorePlan, Error> {
    if order.mode == RestoreMode::EmptyOnly && !current.rows.is_empty() {
        return Err(Error::NotEmpty(current.rows.len()));
    }
    let fits = |row: &SnapshotPolicy| (1..most_rows(engine)).contains(&row.sequence);
    let keeps_numbers = order.mode != RestoreMode::Merge && order.policies.iter().all(fits);
    let mut planning = Planning { plan: RestorePlan::default(), keeps_numbers, mode: order.mode, tombstones };
    for row in &order.policies {
        planning.take(row, current.rows.get(row.id.as_bytes()));
    }
    if order.mode == RestoreMode::Replace {
        planning.remove_others(order, current);
    }
    let Planning { mut plan, .. } = planning;
    plan.batch.version = current.version;
    plan.batch.keeps_numbers = keeps_numbers;
    plan.batch.changes =
        order.changes.iter().filter(|line| !current.changes.contains(&line.digest())).cloned().collect();
    plan.batch.rows.clone_from(&order.rows);
    check_texts(&plan.batch, engine)?;
    dates_as_usual(&mut plan.batch, engine);
    let (before, removed, added) = (current.rows.len(), plan.batch.removed.len(), plan.batch.added.len());
    plan.report.in_backup = order.policies.len();
    plan.report.before = before;
    plan.report.after = before.saturating_sub(removed) + added;
    plan.report.history = plan.batch.changes.len();
    plan.report.is_dry = order.is_dry;
    plan.bytes = bytes_after(order, &plan, current);
    Ok(plan)
}

/// A plan in the making.
struct Planning<'a> {
    plan: RestorePlan,
    keeps_numbers: bool,
    mode: RestoreMode,
    tombstones: &'a Tombstones,
}

impl Planning<'_> {
    /// Plans one row of the backup, beside the row that has its id.
    fn take(&mut self, row: &SnapshotPolicy, there: Option<&CurrentRow>) {
        let batch = &mut self.plan.batch;
        let effect = match there {
            None if self.mode == RestoreMode::Merge && is_dropped(row, self.tombstones) => RestoreEffect::StaysDropped,
            None => {
                batch.added.push(row.clone());
                RestoreEffect::Added
            }
            Some(there) if there.digest == row.digest() => {
                if self.keeps_numbers && there.sequence != row.sequence {
                    batch.moved.push((there.sequence, row.clone()));
                }
                return;
            }
            Some(_) if self.mode == RestoreMode::Merge => RestoreEffect::Differs,
            Some(there) => {
                // Without the numbers of the backup a row that changes keeps the one that it has.
                let sequence = if self.keeps_numbers { row.sequence } else { there.sequence };
                batch.replaced.push((there.sequence, SnapshotPolicy { sequence, ..row.clone() }));
                RestoreEffect::Replaced
            }
        };
        let (kind, id) = (row.kind.shown().into_owned(), row.id.shown().into_owned());
        self.plan.report.policies.push(RestoredPolicy { effect, kind, id });
    }

    /// Plans that the rows go which the backup does not have, in the order of their numbers.
    fn remove_others(&mut self, order: &RestoreOrder, current: &CurrentTables) {
        let kept: HashSet<&[u8]> = order.policies.iter().map(|row| row.id.as_bytes()).collect();
        let mut others: Vec<_> = current.rows.iter().filter(|(id, _)| !kept.contains(id.as_slice())).collect();
        others.sort_by_key(|(_, row)| row.sequence);
        for (id, row) in others {
            self.plan.batch.removed.push(row.sequence);
            let id = String::from_utf8_lossy(id).into_owned();
            let removed = RestoredPolicy { effect: RestoreEffect::Removed, kind: row.kind.clone(), id };
            self.plan.report.policies.push(removed);
        }
    }
}

/// Tells whether a policy was dropped after its date (reference/ledger 9.4).
fn is_dropped(row: &SnapshotPolicy, tombstones: &Tombstones) -> bool {
    let Some(id) = row.id.as_str().filter(|id| tombstones.contains(id)) else { return false };
    let text = row.policy.as_ref().and_then(StoredText::as_str);
    let date = text.and_then(PolicyFields::read_lenient).and_then(|fields| fields.date);
    tombstones.covers(id, date.as_deref())
}

/// Why a server does not take a row.
const NO_TEXT: &str = "it has bytes that are no text in UTF-8, or the character NUL, which PostgreSQL does not take";

/// Refuses what a server cannot hold, before it is asked to.
fn check_texts(batch: &RestoreBatch, engine: Engine) -> Result<(), Error> {
    if engine == Engine::Sqlite {
        return Ok(());
    }
    let refused = |id: &StoredText, reason: &str| {
        Err(Error::CannotRestore { id: id.shown().into_owned(), reason: reason.to_owned() })
    };
    for (_, row) in batch.written() {
        if !row.texts().all(StoredText::is_plain) {
            return refused(&row.id, NO_TEXT);
        }
        if !row.date.as_str().is_some_and(date::is_moment) {
            return refused(&row.id, "its date is no moment of the calendar, and PostgreSQL takes no other");
        }
    }
    let line = batch.changes.iter().find(|line| !line.texts().all(StoredText::is_plain));
    if let Some(line) = line {
        return refused(&line.id, NO_TEXT);
    }
    match batch.rows.iter().find(|row| !row.texts().into_iter().all(StoredText::is_plain)) {
        Some(row) => refused(&row.id, NO_TEXT),
        None => Ok(()),
    }
}

/// Writes dates of a server as the rows of a file have them, with their zone.
fn dates_as_usual(batch: &mut RestoreBatch, engine: Engine) {
    if engine == Engine::Postgres {
        return;
    }
    let replaced = batch.replaced.iter_mut().chain(&mut batch.moved).map(|(_, row)| row);
    for row in replaced.chain(&mut batch.added) {
        let is_server = |date: &str| date.len() == "2026-01-01T00:00:00.000000".len() && date.contains('T');
        if let Some(date) = row.date.as_str().filter(|date| is_server(date)) {
            row.date = format!("{date}Z").into();
        }
    }
}

fn bytes_after(order: &RestoreOrder, plan: &RestorePlan, current: &CurrentTables) -> u64 {
    if order.mode != RestoreMode::Merge {
        return order.policies.iter().map(SnapshotPolicy::bytes).sum();
    }
    current.bytes.saturating_add(plan.batch.added.iter().map(SnapshotPolicy::bytes).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::snapshot::row::SnapshotItem;

    fn row(sequence: i64, id: &str, x: u8) -> SnapshotPolicy {
        let text = format!(r#"{{"d": {{"id": "{id}", "x": {x}, "date": "2026-01-01T00:00:00.000000Z"}}}}"#);
        SnapshotPolicy {
            sequence,
            kind: "d".into(),
            id: id.into(),
            date: "2026-01-01T00:00:00.000000Z".into(),
            host: "h".into(),
            policy: Some(text.into()),
            ..SnapshotPolicy::default()
        }
    }

    fn order(policies: &[SnapshotPolicy], mode: RestoreMode) -> RestoreOrder {
        RestoreOrder { policies: policies.to_vec(), changes: Vec::new(), rows: Vec::new(), mode, is_dry: false }
    }

    fn tables(rows: &[SnapshotPolicy]) -> CurrentTables {
        let mut tables = CurrentTables::default();
        rows.iter().for_each(|row| tables.add(SnapshotItem::Policy(row.clone())));
        tables
    }

    fn effects(plan: &RestorePlan) -> Vec<(RestoreEffect, &str)> {
        plan.report.policies.iter().map(|policy| (policy.effect, policy.id.as_str())).collect()
    }

    #[test]
    fn a_ledger_with_policies_is_not_touched_unless_somebody_says_how() {
        let (backup, there, none) = ([row(1, "a", 1)], tables(&[row(1, "b", 1)]), Tombstones::new(7));
        let refused = plan(&order(&backup, RestoreMode::EmptyOnly), &there, &none, Engine::Sqlite);
        assert!(matches!(refused, Err(Error::NotEmpty(1))));
        let plan = plan(&order(&backup, RestoreMode::EmptyOnly), &tables(&[]), &none, Engine::Sqlite).unwrap();
        assert!(plan.batch.keeps_numbers && plan.batch.added.len() == 1);
    }

    #[test]
    fn tables_that_became_a_backup_are_known_by_its_rows() {
        let backup = [row(1, "a", 1), row(2, "b", 1)];
        let own = row(7, "own", 1);
        assert!(tables(&[row(9, "a", 1), row(2, "b", 1), own.clone()]).has(&backup), "the numbers do not matter");
        assert!(!tables(&[row(1, "a", 1), row(2, "b", 2)]).has(&backup) && !tables(&[own]).has(&backup));
    }

    #[test]
    fn a_merge_adds_what_is_missing_and_says_what_differs() {
        let backup = [row(1, "same", 1), row(2, "other", 1), row(3, "gone", 1), row(4, "new", 1)];
        let there = tables(&[row(9, "same", 1), row(2, "other", 2), row(3, "own", 1)]);
        let mut tombstones = Tombstones::new(7);
        tombstones.deleted("gone", "2026-02-01T00:00:00.000000Z", None);
        let merge = order(&backup, RestoreMode::Merge);
        let plan_of = |tombstones: &Tombstones| plan(&merge, &there, tombstones, Engine::Sqlite).unwrap();
        let merged = plan_of(&tombstones);
        let differs = (RestoreEffect::Differs, "other");
        let added = (RestoreEffect::Added, "new");
        assert_eq!(effects(&merged), [differs, (RestoreEffect::StaysDropped, "gone"), added]);
        assert!(!merged.batch.keeps_numbers && merged.batch.moved.is_empty() && merged.batch.replaced.is_empty());
        assert_eq!((merged.report.before, merged.report.after), (3, 4));
        tombstones.deleted("gone", "2025-01-01T00:00:00.000000Z", None);
        assert_eq!(effects(&plan_of(&tombstones)), [differs, (RestoreEffect::Added, "gone"), added]);
    }

    #[test]
    fn a_replacement_makes_the_ledger_what_the_backup_is() {
        let backup = [row(1, "same", 1), row(2, "moved", 1), row(3, "other", 1)];
        let there = tables(&[row(1, "same", 1), row(3, "moved", 1), row(2, "other", 2), row(7, "own", 1)]);
        let replace = order(&backup, RestoreMode::Replace);
        let replaced = plan(&replace, &there, &Tombstones::new(7), Engine::Sqlite).unwrap();
        assert_eq!(effects(&replaced), [(RestoreEffect::Replaced, "other"), (RestoreEffect::Removed, "own")]);
        assert_eq!(replaced.batch.making_room().collect::<Vec<_>>(), [7, 2, 3]);
        assert_eq!(replaced.batch.written().iter().filter_map(|(number, _)| *number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!((replaced.report.before, replaced.report.after), (4, 3));
        let again = plan(&replace, &tables(&backup), &Tombstones::new(7), Engine::Sqlite).unwrap();
        assert!(again.batch.is_empty() && again.report.policies.is_empty());
    }

    #[test]
    fn numbers_that_a_server_has_not_are_given_anew() {
        let replace = order(&[row(3_000_000_000, "a", 1)], RestoreMode::Replace);
        let none = Tombstones::new(7);
        assert!(!plan(&replace, &tables(&[]), &none, Engine::Postgres).unwrap().batch.keeps_numbers);
        assert!(plan(&replace, &tables(&[]), &none, Engine::Sqlite).unwrap().batch.keeps_numbers);
    }

    #[test]
    fn what_a_server_cannot_hold_is_refused_and_a_file_takes_it() {
        let strange = SnapshotPolicy { policy: Some(vec![0xff].into()), ..row(1, "bytes", 1) };
        let moment = SnapshotPolicy { date: "infinity".into(), ..row(2, "date", 1) };
        for wrong in [strange, moment] {
            let replace = order(&[wrong], RestoreMode::Replace);
            let refused = plan(&replace, &tables(&[]), &Tombstones::new(7), Engine::Postgres);
            assert!(matches!(refused, Err(Error::CannotRestore { .. })));
            assert!(plan(&replace, &tables(&[]), &Tombstones::new(7), Engine::Sqlite).is_ok());
        }
    }
}
