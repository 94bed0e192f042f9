//! Attributes that `anmp` policies put over those of others, in the view only (reference/ledger 5.3).

use super::{Budget, Exhausted};
use anylog_policy::{Candidate, Candidates, Known, Policies, Policy, PolicyRef};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// The attribute that names a policy.
const ID: &str = "id";

/// The policies with the overlays of all `anmp` policies applied.
pub(super) struct Overlay<'a> {
    known: &'a dyn Known,
    changed: HashMap<String, Policy>,
}

/// Value and date of one overlaid attribute.
type Layer<'a> = Map<String, Value>;

impl<'a> Overlay<'a> {
    /// Applies the overlays; nothing when there are no `anmp` policies.
    pub(super) fn of(known: &'a dyn Known, budget: &Budget<'_>) -> Result<Option<Self>, Exhausted> {
        let mut changed: HashMap<String, Policy> = HashMap::new();
        let mut dates: HashMap<String, Layer> = HashMap::new();
        for anmp in known.of_type("anmp") {
            budget.work(1)?;
            let date = anmp.date().unwrap_or_default();
            for (id, attributes) in anmp.body() {
                budget.work(1)?;
                let Value::Object(attributes) = attributes else { continue };
                let Some(original) = known.by_id(id) else { continue };
                if !changed.contains_key(id) {
                    budget.keep_map(original.body())?;
                    let mut policy = original.into_owned();
                    // Its place comes before the attributes that are added.
                    policy.set("anmp", Value::Null);
                    changed.insert(id.clone(), policy);
                }
                let Some(policy) = changed.get_mut(id) else { continue };
                let dates = dates.entry(id.clone()).or_default();
                budget.keep_map(attributes)?;
                for (name, value) in attributes {
                    let later = dates.get(name).and_then(Value::as_str).is_none_or(|earlier| earlier <= date);
                    if later {
                        policy.set(name, value.clone());
                        dates.insert(name.clone(), date.into());
                    }
                }
            }
        }
        for (id, dates) in dates {
            if let Some(policy) = changed.get_mut(&id) {
                policy.set("anmp", dates);
            }
        }
        Ok((!changed.is_empty()).then_some(Self { known, changed }))
    }

    fn over<'b>(&'b self, policies: Policies<'b>) -> Policies<'b> {
        Box::new(policies.map(|policy| self.changed(&policy).unwrap_or(policy)))
    }

    /// Returns a policy as the overlays make it, if any lies over it.
    fn changed<'b>(&'b self, policy: &Policy) -> Option<PolicyRef<'b>> {
        self.changed.get(&policy.id()?).map(PolicyRef::from)
    }
}

impl Known for Overlay<'_> {
    fn all(&self) -> Policies<'_> {
        self.over(self.known.all())
    }

    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        self.over(self.known.of_type(kind))
    }

    fn candidates<'a>(&'a self, kind: Option<&str>) -> Candidates<'a> {
        let id = BTreeSet::from([ID]);
        Box::new(self.known.candidates(kind).map(move |candidate| {
            let changed = candidate.part(&id).and_then(|policy| self.changed(&policy));
            changed.map_or(candidate, Candidate::Read)
        }))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<PolicyRef<'a>> {
        self.changed.get(id).map(PolicyRef::from).or_else(|| self.known.by_id(id))
    }

    fn with_id<'a>(&'a self, id: &str) -> Policies<'a> {
        self.over(self.known.with_id(id))
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        self.over(self.known.children(id))
    }
}
