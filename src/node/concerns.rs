//! What an operator has to look at although the node works.

use super::node::Node;

impl Node {
    /// Says what an operator has to look at, one sentence each; nothing when all is well.
    #[must_use]
    pub fn concerns(&self) -> Vec<String> {
        let faulty = self.ledger.view().faulty().len();
        let rows =
            (faulty > 0).then(|| format!("{faulty} rows of the ledger table have a fault: see 'get policy errors'"));
        rows.into_iter().collect()
    }
}
