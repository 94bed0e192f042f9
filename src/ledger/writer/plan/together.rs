//! Plans changes that hang together: several policies at once or none, and a change that somebody asks for who has seen a
//! certain text.

use crate::ledger::{
    change::{Author, Change, InsertedAs, PolicyInsert},
    error::Error,
    writer::plan::{
        outcome::PlannedChange,
        plan::{Planning, TransactionPlan},
    },
};
use std::sync::Arc;

impl TransactionPlan {
    /// Plans all of several policies. When one is refused, nothing is planned, and the error says which it was.
    pub fn insert_all(&mut self, inserts: &[PolicyInsert], each: InsertedAs, author: &Author) -> Planning {
        let before = self.savepoint();
        let mut together = PlannedChange::default();
        for (place, insert) in (1..).zip(inserts) {
            let planned = match each {
                InsertedAs::Row => self.insert(insert, author),
                InsertedAs::Published => self.publish(insert, author),
                InsertedAs::Line => self.insert_local(&insert.policy, insert.check, author),
            };
            match planned {
                Ok(planned) => together.join(planned),
                Err(error) => {
                    self.return_to(before);
                    return Err(Error::OneOfMany { place, error: Arc::new(error) });
                }
            }
        }
        Ok(together)
    }

    /// Plans a change of one policy while its text is the one that was seen.
    pub fn guarded(&mut self, id: &str, seen: &str, change: &Change, author: &Author) -> Planning {
        match self.projected.view().by_id(id) {
            None => Err(Error::Missing(id.to_owned())),
            Some(there) if *there.text != *seen => Err(Error::Changed(id.to_owned())),
            Some(_) => self.planned(change, author),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{
            change::{OnDuplicate, PolicyCheck},
            store::engine::Engine,
            view::view::View,
            writer::plan::outcome::PlanOutcome,
        },
        policy::Policy,
    };

    fn plan(view: &View) -> TransactionPlan {
        TransactionPlan::new(view, Engine::Sqlite, 0, "2026-01-01T00:00:00.000000Z".to_owned(), u64::MAX, None)
    }

    fn insert(id: &str) -> PolicyInsert {
        let policy = Policy::parse(&format!(r#"{{"device": {{"id": "{id}"}}}}"#)).unwrap();
        let (host, on_duplicate, check) = ("h".to_owned(), OnDuplicate::Refuse, PolicyCheck::Nothing);
        PolicyInsert { policy, host, on_duplicate, check }
    }

    #[test]
    fn of_several_all_are_planned_or_none() {
        let author = Author::new("w");
        let mut plan = plan(&View::default());
        let all = |ids: &[&str], each| Change::InsertAll { inserts: ids.iter().copied().map(insert).collect(), each };
        let twice = all(&["a", "b", "a"], InsertedAs::Row);
        let PlanOutcome::Refused(Error::OneOfMany { place: 3, error }) = plan.add(&twice, &author) else {
            panic!("the third is there already")
        };
        assert!(matches!(&*error, Error::Duplicate { id, .. } if id == "a"));
        assert!(plan.is_empty() && !plan.writes_rows());
        let once = all(&["a", "b"], InsertedAs::Row);
        let PlanOutcome::Planned(planned) = plan.add(&once, &author) else { panic!("nothing of the first is left") };
        assert_eq!((planned.entries().len(), plan.batch().changes.len()), (2, 2));
        let published = plan.add(&all(&["c", "d"], InsertedAs::Published), &author);
        let PlanOutcome::Planned(published) = published else { panic!("they are not there yet") };
        assert!(published.entries().iter().all(|entry| entry.reads_as_local()));
    }

    #[test]
    fn of_several_lines_all_are_planned_or_none() {
        let author = Author::new("w");
        let mut plan = plan(&View::default());
        let lines = |ids: &[&str]| Change::InsertAll {
            inserts: ids.iter().copied().map(insert).collect(),
            each: InsertedAs::Line,
        };
        let refused = plan.add(&lines(&["a", "b", "b"]), &author);
        assert!(matches!(refused, PlanOutcome::Refused(Error::OneOfMany { place: 3, .. })));
        assert!(plan.is_empty() && plan.lines().is_empty());
        assert!(matches!(plan.add(&lines(&["a", "b"]), &author), PlanOutcome::Planned(_)));
        assert_eq!((plan.lines().lines().count(), plan.writes_rows()), (2, false));
    }

    #[test]
    fn a_text_that_was_not_seen_is_not_changed() {
        let author = Author::new("w");
        let mut first = plan(&View::default());
        first.add(&Change::Insert(insert("a")), &author);
        let view = first.projected.into_view();
        let text = Arc::clone(&view.by_id("a").unwrap().text);
        let drop_of = |id: &str, text: &str| Change::While {
            id: id.to_owned(),
            text: text.into(),
            change: Box::new(Change::Drop { ids: vec![id.to_owned()] }),
        };
        let outcome = |change: &Change| plan(&view).add(change, &author);
        assert!(matches!(outcome(&drop_of("a", "other")), PlanOutcome::Refused(Error::Changed(id)) if id == "a"));
        assert!(matches!(outcome(&drop_of("x", &text)), PlanOutcome::Refused(Error::Missing(_))));
        assert!(matches!(outcome(&drop_of("a", &text)), PlanOutcome::Planned(_)));
    }
}
