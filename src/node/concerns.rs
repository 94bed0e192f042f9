//! What is missing before the node may be given work, and what an operator has to look at although it works.

use super::node::Node;
use crate::ledger;

impl Node {
    /// Names what is missing before this node may be given work; empty when it is ready.
    #[must_use]
    pub fn unready(&self) -> Vec<String> {
        self.health_report().missing().map(|check| check.detail.clone()).collect()
    }

    /// Says what an operator has to look at although the node works, one sentence each; nothing when all is well.
    #[must_use]
    pub fn concerns(&self) -> Vec<String> {
        self.health_report().degraded().map(|check| check.detail.clone()).collect()
    }

    /// Says why members get nothing until an operator decides, if that is so.
    #[must_use]
    pub fn held_deliveries(&self) -> Option<String> {
        let lost = self.ledger.lost_policies().map(ledger::Error::LostPolicies);
        lost.or_else(|| self.ledger.check_whole().err()).map(|error| error.to_string())
    }

    /// Says what is to be looked at about what the ledger holds.
    pub(super) fn ledger_concerns(&self) -> Vec<String> {
        let view = self.ledger.view();
        let faulty = view.faulty().len();
        let rows =
            (faulty > 0).then(|| format!("{faulty} rows of the ledger table have a fault: see 'get policy errors'"));
        let held = self.ledger.held_changes().len();
        let changes = (held > 0).then(|| {
            format!(
                "{held} changes of senders that change much of what others published wait: see 'get pending changes'"
            )
        });
        let export = self.held_deliveries();
        let full = self
            .ledger
            .is_nearly_full()
            .then(|| format!("the ledger has {} of the {} bytes of LEDGER_QUOTA", view.bytes(), self.ledger.quota()));
        [rows, changes, export, full].into_iter().flatten().collect()
    }
}
