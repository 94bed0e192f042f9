//! Plans many changes that are done together or not at all.

use crate::{
    ledger::{
        apply::matching::same_names,
        change::{ApplyStep, Author, OnDuplicate, PolicyCheck, PolicyInsert},
        error::Error,
        view::{
            entry::{LedgerEntry, Location},
            view::View,
        },
        writer::plan::{
            outcome::PlannedChange,
            plan::{Planning, TransactionPlan},
            row::PlannedRow,
        },
    },
    policy::Policy,
};
use std::{collections::HashMap, sync::Arc};

/// How often the policies are gone through that a rule refused because another one of the plan was not there yet. Each time
/// goes one level deeper: a table needs its cluster, an operator too.
const ROUNDS: usize = 8;

impl TransactionPlan {
    /// Plans all steps, or none when one is refused.
    pub fn apply(&mut self, steps: &[ApplyStep], author: &Author) -> Planning {
        let savepoint = self.savepoint();
        let planned = self.apply_all(steps, author);
        if planned.is_err() {
            self.return_to(savepoint);
        }
        planned
    }

    /// What is replaced leaves the view before anything comes into it: the rules look at the ledger as it will be, in whatever
    /// order the files name the policies.
    fn apply_all(&mut self, steps: &[ApplyStep], author: &Author) -> Planning {
        let view = self.projected.view();
        if let Some(outdated) = steps.iter().find_map(|step| outdated(view, step)) {
            return Err(Error::PlanOutdated(outdated));
        }
        let mut planned = PlannedChange::default();
        let mut replaced: HashMap<&str, Arc<LedgerEntry>> = HashMap::new();
        for id in steps.iter().filter_map(ApplyStep::changed_row) {
            let Some(there) = self.projected.view().by_id(id).cloned() else { continue };
            replaced.insert(id, there);
        }
        for step in steps {
            let Some(there) = step.changed_row().and_then(|id| replaced.get(id)) else { continue };
            match step {
                ApplyStep::Drop { .. } => self.drop_row(there, &author.who, &mut planned),
                _ => drop(self.projected.view().remove(&there.id)),
            }
        }
        let mut waiting: Vec<&ApplyStep> = steps.iter().filter(|step| step.policy().is_some()).collect();
        for _ in 0..ROUNDS {
            let before = waiting.len();
            let mut refusal = None;
            let mut refused = Vec::new();
            for step in waiting {
                match self.put_step(step, &replaced, author) {
                    Ok(part) => planned.join(part),
                    Err(error) => {
                        refusal.get_or_insert_with(|| applied(step, error));
                        refused.push(step);
                    }
                }
            }
            waiting = refused;
            match refusal {
                None => return Ok(planned),
                Some(refusal) if waiting.len() == before => return Err(refusal),
                Some(_) => {}
            }
        }
        let deeper = |step: &&ApplyStep| {
            let reason = "it needs policies that need others, too many levels of them: apply those first".to_owned();
            applied(step, crate::policy::Error::Structure(reason).into())
        };
        waiting.first().map_or(Ok(planned), |step| Err(deeper(step)))
    }

    /// Plans one policy that comes, or gets a new text; a refused one leaves no trace.
    fn put_step(&mut self, step: &ApplyStep, replaced: &HashMap<&str, Arc<LedgerEntry>>, author: &Author) -> Planning {
        match step {
            ApplyStep::Create { policy, host, .. } => {
                let (policy, host) = (policy.clone(), host.clone());
                let check = PolicyCheck::Publish;
                self.insert(&PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check }, author)
            }
            ApplyStep::Replace { id, policy, host, .. } => {
                let there = replaced.get(id.as_str()).ok_or_else(|| Error::Missing(id.clone()))?;
                let row = PlannedRow::from_policy(policy, host)?;
                if row.values.text.len() > there.text.len() {
                    self.check_quota(row.values.text.len(), 0, author)?;
                }
                self.put_back(there, policy, row, PolicyCheck::Publish, author)
            }
            ApplyStep::Drop { .. } => Ok(PlannedChange::default()),
        }
    }
}

/// Says what of a step is no longer as it was when the plan was made; nothing when it still is.
fn outdated(view: &View, step: &ApplyStep) -> Option<String> {
    match step {
        ApplyStep::Create { id, policy, is_named, .. } => {
            if row(view, id).is_some() {
                return Some(format!("a policy with id {id} is there now"));
            }
            let other = if *is_named { same_names(view, policy).into_iter().next() } else { None }?;
            Some(format!("{} is there now, with id {}", label(policy), other.id))
        }
        ApplyStep::Replace { id, before, .. } | ApplyStep::Drop { id, before } => match row(view, id) {
            None => Some(format!("no policy with id {id} is there any more")),
            Some(there) if there.text == *before => None,
            Some(there) => Some(format!("policy {id} of type '{}' has another text now", there.kind)),
        },
    }
}

fn row<'a>(view: &'a View, id: &str) -> Option<&'a Arc<LedgerEntry>> {
    view.by_id(id).filter(|entry| entry.location == Location::Table)
}

fn applied(step: &ApplyStep, reason: Error) -> Error {
    let policy = step.policy().map_or_else(|| step.id().to_owned(), label);
    Error::Applied { policy, reason: Box::new(reason) }
}

/// Names a policy for people: its type with its name, else its id.
fn label(policy: &Policy) -> String {
    let name = policy.text("name").map(str::to_owned).or_else(|| policy.id()).unwrap_or_default();
    format!("{} '{name}'", policy.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        change::Change,
        store::engine::Engine,
        writer::plan::{outcome::PlanOutcome, placements::Placements},
    };

    fn plan(view: &View) -> TransactionPlan {
        TransactionPlan::new(view, Engine::Sqlite, 0, "2026-01-01T00:00:00.000000Z".to_owned(), u64::MAX, None)
    }

    fn policy(text: &str) -> Policy {
        Policy::parse(text).unwrap()
    }

    fn create(text: &str) -> ApplyStep {
        let policy = policy(text);
        ApplyStep::Create { id: policy.id().unwrap(), policy, host: "h".to_owned(), is_named: true }
    }

    fn unnamed(step: ApplyStep) -> ApplyStep {
        match step {
            ApplyStep::Create { id, policy, host, .. } => ApplyStep::Create { id, policy, host, is_named: false },
            other => other,
        }
    }

    fn add(plan: &mut TransactionPlan, steps: Vec<ApplyStep>) -> Result<usize, Error> {
        match plan.add(&Change::Apply { steps }, &Author::new("w")) {
            PlanOutcome::Planned(planned) => Ok(planned.entries().len()),
            PlanOutcome::Refused(error) => Err(error),
            PlanOutcome::NextBatch => panic!("nothing is changed twice"),
        }
    }

    /// Returns a view with two tables that are as different as the rules want them.
    fn two_tables() -> View {
        let mut first = plan(&View::default());
        let steps = vec![
            create(r#"{"table": {"name": "a", "dbms": "d", "create": "c", "id": "1"}}"#),
            create(r#"{"table": {"name": "b", "dbms": "d", "create": "c", "id": "2"}}"#),
        ];
        assert_eq!(add(&mut first, steps).unwrap(), 2);
        first.projected.into_view()
    }

    fn replace(view: &View, id: &str, text: &str) -> ApplyStep {
        let before = Arc::clone(&view.by_id(id).unwrap().text);
        ApplyStep::Replace { id: id.to_owned(), before, policy: policy(text), host: "h".to_owned() }
    }

    #[test]
    fn two_policies_exchange_their_names() {
        let view = two_tables();
        let swap = vec![
            replace(&view, "1", r#"{"table": {"name": "b", "dbms": "d", "create": "c", "id": "1"}}"#),
            replace(&view, "2", r#"{"table": {"name": "a", "dbms": "d", "create": "c", "id": "2"}}"#),
        ];
        let mut next = plan(&view);
        assert_eq!(add(&mut next, swap).unwrap(), 2);
        let after = next.projected.into_view();
        assert!(after.by_id("1").unwrap().policy().unwrap().has("name", "b"));
    }

    #[test]
    fn one_that_is_refused_takes_all_others_with_it() {
        let view = two_tables();
        let mut next = plan(&view);
        let before = Arc::clone(&view.by_id("1").unwrap().text);
        let steps = vec![
            ApplyStep::Drop { id: "1".to_owned(), before },
            create(r#"{"device": {"name": "x", "id": "3"}}"#),
            // Its id is written down, so that its name is for the rules of its type to judge.
            unnamed(create(r#"{"table": {"name": "b", "dbms": "d", "create": "c", "id": "4"}}"#)),
        ];
        let refused = add(&mut next, steps.clone()).unwrap_err();
        assert!(matches!(&refused, Error::Applied { policy, .. } if policy == "table 'b'"), "{refused}");
        assert!(next.is_empty() && !next.writes_rows());
        assert_eq!(next.projected.view().len(), 2);
        // The transaction takes other changes all the same.
        assert_eq!(add(&mut next, steps[..2].to_vec()).unwrap(), 2);
        assert!(next.into_view(&Placements::default()).is_none(), "the database has not placed the rows");
    }

    #[test]
    fn what_changed_since_the_plan_is_not_overwritten() {
        let view = two_tables();
        let stale = ApplyStep::Drop { id: "1".to_owned(), before: "another text".into() };
        let gone = ApplyStep::Drop { id: "9".to_owned(), before: "".into() };
        let there = create(r#"{"table": {"name": "c", "dbms": "d", "create": "c", "id": "1"}}"#);
        let named = create(r#"{"table": {"name": "a", "dbms": "d", "create": "c", "id": "9"}}"#);
        for step in [stale, gone, there, named] {
            let refused = add(&mut plan(&view), vec![step.clone()]);
            assert!(matches!(refused, Err(Error::PlanOutdated(_))), "{step:?}: {refused:?}");
        }
    }

    #[test]
    fn the_order_of_the_steps_does_not_matter() {
        let mut next = plan(&View::default());
        let steps = vec![
            create(r#"{"uns": {"name": "leaf", "parent": "2", "namespace": "r/m/l", "id": "1"}}"#),
            create(r#"{"uns": {"name": "middle", "parent": "3", "namespace": "r/m", "id": "2"}}"#),
            create(r#"{"uns": {"name": "root", "namespace": "r", "id": "3"}}"#),
        ];
        assert_eq!(add(&mut next, steps).unwrap(), 3);
    }
}
