//! Attributes that `anmp` policies put over those of others, in the view only (reference/ledger 5.3).

use anylog_policy::{Known, Policies, Policy};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The policies with the overlays of all `anmp` policies applied.
pub(super) struct Overlay<'a> {
    known: &'a dyn Known,
    changed: HashMap<String, Policy>,
}

/// Value and date of one overlaid attribute.
type Layer<'a> = Map<String, Value>;

impl<'a> Overlay<'a> {
    /// Applies the overlays; nothing when there are no `anmp` policies.
    pub(super) fn of(known: &'a dyn Known) -> Option<Self> {
        known.of_type("anmp").next()?;
        let mut changed = HashMap::new();
        let mut dates: HashMap<String, Layer> = HashMap::new();
        for anmp in known.of_type("anmp") {
            let date = anmp.date().unwrap_or_default();
            for (id, attributes) in anmp.body() {
                let Value::Object(attributes) = attributes else { continue };
                let Some(original) = known.by_id(id) else { continue };
                let policy = changed.entry(id.clone()).or_insert_with(|| original.clone());
                let dates = dates.entry(id.clone()).or_default();
                policy.set("anmp", Value::Null);
                for (name, value) in attributes {
                    let later = dates.get(name).and_then(Value::as_str).is_none_or(|earlier| earlier <= date);
                    if later {
                        policy.set(name, value.clone());
                        dates.insert(name.clone(), date.into());
                    }
                }
                policy.set("anmp", dates.clone());
            }
        }
        Some(Self { known, changed })
    }

    fn over<'b>(&'b self, policies: Policies<'b>) -> Policies<'b> {
        Box::new(policies.map(|policy| policy.id().and_then(|id| self.changed.get(&id)).unwrap_or(policy)))
    }
}

impl Known for Overlay<'_> {
    fn all(&self) -> Policies<'_> {
        self.over(self.known.all())
    }

    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        self.over(self.known.of_type(kind))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<&'a Policy> {
        self.changed.get(id).or_else(|| self.known.by_id(id))
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        self.over(self.known.children(id))
    }
}
