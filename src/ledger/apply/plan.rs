//! The steps that make the ledger what the desired policies say.

use crate::{
    ledger::{
        apply::{
            completed::completed,
            difference::{AttributeChange, differences},
            matching::{self, Match, find, identity},
        },
        change::ApplyStep,
        view::{
            entry::{LedgerEntry, Location},
            view::View,
        },
    },
    policy::{self, Policy},
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What the ledger should be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DesiredPolicies {
    /// The policies that should be there.
    pub policies: Vec<Policy>,
    /// Types of which no other policy should be there.
    pub prune: Vec<String>,
}

/// What it takes.
#[derive(Clone, Debug, Default)]
pub struct ApplyPlan {
    /// What changes: the desired policies in their order, then what is dropped in ledger order.
    pub items: Vec<ApplyItem>,
    /// How many desired policies are there as they should be.
    pub unchanged: usize,
    /// Desired policies of which it is not clear which policy they mean, by their place.
    pub mistakes: Vec<(usize, String)>,
    /// Types of which no other policy should be there, and of which there is none at all, neither in the ledger nor among the
    /// desired ones: the name may be a wrong one.
    pub unknown: Vec<String>,
}

/// One policy that changes.
#[derive(Clone, Debug)]
pub enum ApplyItem {
    /// It is added.
    Create {
        /// Place among the desired policies.
        place: usize,
        /// The policy as it was desired.
        policy: Policy,
    },
    /// It gets other attributes.
    Replace {
        /// Place among the desired policies.
        place: usize,
        /// What is there.
        there: Arc<LedgerEntry>,
        /// The policy as it becomes.
        policy: Policy,
        /// What differs.
        changes: Vec<AttributeChange>,
    },
    /// It is removed.
    Drop {
        /// What is there.
        there: Arc<LedgerEntry>,
    },
}

/// Plans what makes the ledger what is desired. `is_kept` names policies that are never dropped; `spend` is told the bytes of each
/// policy before it is looked at, and may end the work.
///
/// # Errors
/// That of `spend`.
pub fn plan<E>(
    view: &View,
    desired: &DesiredPolicies,
    is_kept: &dyn Fn(&Policy) -> bool,
    spend: &dyn Fn(usize) -> Result<(), E>,
) -> Result<ApplyPlan, E> {
    let mut plan = ApplyPlan::default();
    let mut meant: HashMap<Arc<str>, usize> = HashMap::with_capacity(desired.policies.len());
    let mut identities: HashMap<String, usize> = HashMap::with_capacity(desired.policies.len());
    for (place, policy) in desired.policies.iter().enumerate() {
        if let Some(first) = identities.insert(identity(policy), place) {
            plan.mistakes.push((place, twice(first)));
            continue;
        }
        spend(0)?;
        match find(view, policy) {
            Match::Unclear(reason) => plan.mistakes.push((place, reason)),
            Match::New => plan.items.push(ApplyItem::Create { place, policy: policy.clone() }),
            Match::Found(there) => match meant.insert(Arc::clone(&there.id), place) {
                Some(first) => plan.mistakes.push((place, twice(first))),
                None => {
                    spend(there.text.len())?;
                    plan.compare(place, policy, there);
                }
            },
        }
    }
    let types: BTreeSet<&str> = desired.prune.iter().map(String::as_str).collect();
    let is_known = |kind: &str| view.count_of(kind) > 0 || desired.policies.iter().any(|policy| policy.kind() == kind);
    plan.unknown = types.iter().filter(|kind| !is_known(kind)).map(|kind| (*kind).to_owned()).collect();
    let mut dropped: Vec<&Arc<LedgerEntry>> = Vec::new();
    for entry in types.into_iter().flat_map(|kind| view.of_type(kind)) {
        spend(entry.text.len())?;
        let is_kept = entry.policy().is_none_or(|policy| is_kept(&policy));
        if entry.location == Location::Table && !is_kept && !meant.contains_key(&entry.id) {
            dropped.push(entry);
        }
    }
    dropped.sort_by(|one, other| one.compare(other));
    plan.items.extend(dropped.into_iter().map(|there| ApplyItem::Drop { there: Arc::clone(there) }));
    Ok(plan)
}

fn twice(first: usize) -> String {
    format!("it means the same policy as number {} of the files", first + 1)
}

impl ApplyPlan {
    fn compare(&mut self, place: usize, desired: &Policy, there: Arc<LedgerEntry>) {
        let Some(known) = there.policy() else { return };
        let policy = completed(desired, &known);
        let changes = differences(&known, &policy);
        if changes.is_empty() {
            self.unchanged += 1;
        } else {
            self.items.push(ApplyItem::Replace { place, there, policy, changes });
        }
    }

    /// Returns the fingerprint of the plan: the same as long as it does the same to the same texts.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for item in &self.items {
            let (what, there, policy) = match item {
                ApplyItem::Create { policy, .. } => ("create", None, Some(policy)),
                ApplyItem::Replace { there, policy, .. } => ("replace", Some(there), Some(policy)),
                ApplyItem::Drop { there } => ("drop", Some(there), None),
            };
            let text = policy.map(Policy::stored_text).unwrap_or_default();
            let (id, before) = there.map_or(("", ""), |there| (&*there.id, &*there.text));
            for part in [what, id, before, &text] {
                hash.update(part.len().to_le_bytes());
                hash.update(part);
            }
        }
        hex::encode(hash.finalize())
    }

    /// Returns the steps of the plan for the writer; `now` is the date of what has none, `host` publishes it.
    ///
    /// # Errors
    /// The first desired policy, by its place, that can have no id, and why.
    pub fn steps(&self, host: &str, now: &str) -> Result<Vec<ApplyStep>, (usize, policy::Error)> {
        self.items.iter().map(|item| item.step(host, now)).collect()
    }
}

impl ApplyItem {
    /// Returns the place among the desired policies; nothing for what nobody desired.
    #[must_use]
    pub const fn place(&self) -> Option<usize> {
        match self {
            Self::Create { place, .. } | Self::Replace { place, .. } => Some(*place),
            Self::Drop { .. } => None,
        }
    }

    fn step(&self, host: &str, now: &str) -> Result<ApplyStep, (usize, policy::Error)> {
        let host = host.to_owned();
        Ok(match self {
            Self::Create { place, policy } => {
                let is_named = policy.id().is_none() && matching::name(policy).is_some();
                let mut policy = policy.clone();
                policy.remove("ledger");
                policy.prepare(now).map_err(|error| (*place, error))?;
                let id = policy.id().unwrap_or_default();
                ApplyStep::Create { id, policy, host, is_named }
            }
            Self::Replace { there, policy, .. } => {
                let (id, before) = (there.id.to_string(), Arc::clone(&there.text));
                ApplyStep::Replace { id, before, policy: policy.clone(), host }
            }
            Self::Drop { there } => ApplyStep::Drop { id: there.id.to_string(), before: Arc::clone(&there.text) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{entry::Position, fields::PolicyFields};
    use std::time::{Duration, Instant};

    fn view(texts: impl IntoIterator<Item = String>) -> View {
        let mut view = View::default();
        for (sequence, text) in (1..).zip(texts) {
            let fields = PolicyFields::read(&text).unwrap();
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let id = fields.id.clone().unwrap();
            view.insert(Arc::new(LedgerEntry::new(text.into(), id.into(), "h".into(), at, Some(&fields))));
        }
        view
    }

    fn desired(texts: &[&str], prune: &[&str]) -> DesiredPolicies {
        let policies = texts.iter().map(|text| Policy::parse(text).unwrap()).collect();
        DesiredPolicies { policies, prune: prune.iter().map(|kind| (*kind).to_owned()).collect() }
    }

    fn planned(view: &View, desired: &DesiredPolicies, is_kept: &dyn Fn(&Policy) -> bool) -> ApplyPlan {
        super::plan(view, desired, is_kept, &|_| Ok::<_, ()>(())).unwrap()
    }

    fn shown(plan: &ApplyPlan) -> Vec<String> {
        let shown = |item: &ApplyItem| match item {
            ApplyItem::Create { place, .. } => format!("create {place}"),
            ApplyItem::Replace { there, changes, .. } => format!("replace {} {}", there.id, changes[0].path),
            ApplyItem::Drop { there } => format!("drop {}", there.id),
        };
        plan.items.iter().map(shown).collect()
    }

    #[test]
    fn policies_come_change_go_and_stay() {
        let there = [
            r#"{"d": {"name": "a", "x": 1, "id": "1", "date": "t", "ledger": "global"}}"#,
            r#"{"d": {"name": "b", "x": 1, "id": "2"}}"#,
            r#"{"d": {"name": "own", "id": "3"}}"#,
            r#"{"d": {"name": "c", "id": "4"}}"#,
            r#"{"e": {"name": "c", "id": "5"}}"#,
        ];
        let view = view(there.map(str::to_owned));
        let texts = [r#"{"d": {"x": 1, "name": "a"}}"#, r#"{"d": {"name": "b", "x": 2}}"#, r#"{"d": {"name": "new"}}"#];
        let wanted = desired(&texts, &["d"]);
        let plan = planned(&view, &wanted, &|policy| policy.has("name", "own"));
        assert_eq!(shown(&plan), ["replace 2 x", "create 2", "drop 4"]);
        assert_eq!((plan.unchanged, plan.mistakes.len()), (1, 0));
        let without = planned(&view, &desired(&texts, &[]), &|_| false);
        assert_eq!(without.items.len(), 2);
        assert_ne!(plan.fingerprint(), without.fingerprint());
        assert_eq!(plan.fingerprint(), planned(&view, &wanted, &|policy| policy.has("name", "own")).fingerprint());
        let steps = plan.steps("h", "2026-01-01T00:00:00.000000Z").unwrap();
        let ApplyStep::Create { policy, is_named: true, .. } = &steps[1] else { panic!("{steps:?}") };
        assert_eq!(policy.date(), Some("2026-01-01T00:00:00.000000Z"));
    }

    #[test]
    fn a_type_that_is_nowhere_is_told() {
        let view = view([r#"{"d": {"name": "a", "id": "1"}}"#.to_owned()]);
        let wanted = desired(&[r#"{"e": {"name": "b"}}"#], &["e", "operater", "d", "operater"]);
        assert_eq!(planned(&view, &wanted, &|_| false).unknown, ["operater"]);
    }

    #[test]
    fn who_has_nothing_left_to_spend_ends_the_work() {
        let view = view((0..9).map(|at| format!(r#"{{"d": {{"id": "{at}"}}}}"#)));
        for wanted in [desired(&[], &["d"]), desired(&[r#"{"d": {"name": "a"}}"#, r#"{"d": {"name": "b"}}"#], &[])] {
            let left = std::cell::Cell::new(1_u32);
            let spend = |_: usize| left.get().checked_sub(1).map(|rest| left.set(rest)).ok_or("over");
            assert_eq!(super::plan(&view, &wanted, &|_| false, &spend).unwrap_err(), "over");
        }
    }

    #[test]
    fn two_of_the_files_do_not_mean_the_same_policy() {
        let view = view([r#"{"d": {"name": "a", "id": "1"}}"#.to_owned()]);
        let texts = [r#"{"d": {"name": "a"}}"#, r#"{"d": {"id": "1", "name": "z"}}"#, r#"{"d": {"name": "a"}}"#];
        let plan = planned(&view, &desired(&texts, &[]), &|_| false);
        let places: Vec<usize> = plan.mistakes.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [1, 2]);
    }

    #[test]
    fn five_thousand_policies_are_planned_in_a_moment() {
        let text = |at: usize, x: usize, id: &str| {
            format!(r#"{{"operator": {{"name": "o{at}", "company": "c", "port": {at}, "x": {x}{id}}}}}"#)
        };
        let view = view((0..5000).map(|at| text(at, 0, &format!(r#", "id": "{at}""#))));
        let policies = (0..5000).map(|at| Policy::parse(&text(at, usize::from(at % 50 == 0), "")).unwrap()).collect();
        let wanted = DesiredPolicies { policies, prune: vec!["operator".to_owned()] };
        let started = Instant::now();
        let plan = planned(&view, &wanted, &|_| false);
        assert_eq!((plan.items.len(), plan.unchanged), (100, 4900));
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "without an index it takes minutes: {:?}",
            started.elapsed()
        );
    }
}
