//! What an operator has to look at although the node works.

use super::node::Node;

impl Node {
    /// Says what an operator has to look at, one sentence each; nothing when all is well.
    #[must_use]
    pub fn concerns(&self) -> Vec<String> {
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
        let export = self.ledger.check_whole().err().map(|error| error.to_string());
        let full = self
            .ledger
            .is_nearly_full()
            .then(|| format!("the ledger has {} of the {} bytes of LEDGER_QUOTA", view.bytes(), self.ledger.quota()));
        [rows, changes, export, full].into_iter().flatten().collect()
    }
}
