//! What the contract has, read once and then only what changed.

use super::{context::RelayContext, error::RelayError};
use crate::{
    node::platforms::{ChainAddress, ChainList, Checkout},
    runtime::limits,
};
use std::time::Instant;

/// The contract's list as it was read last.
#[derive(Default)]
pub(super) struct ContractReader {
    list: Option<(ChainAddress, ChainList)>,
    /// The newest block as of which the contract was read, and when that was.
    newest: Option<(u64, Instant)>,
}

impl ContractReader {
    /// Reads what changed in a contract; true when something did.
    pub(super) async fn refresh(
        &mut self,
        context: &RelayContext<'_>,
        contract: ChainAddress,
    ) -> Result<bool, RelayError> {
        // What another contract had is no beginning of the list of this one.
        let known = self.list.as_ref().filter(|(of, _)| *of == contract).map(|(_, list)| list);
        match context.platform.client().checkout(contract, known).await? {
            Checkout::Unchanged => Ok(false),
            Checkout::Changed(list) => {
                let newest = self.newest.filter(|(block, _)| known.is_some() && *block > list.block.number);
                self.newest = newest.or(Some((list.block.number, list.read_at)));
                self.list = Some((contract, list));
                Ok(true)
            }
        }
    }

    /// Tells whether the list is of an older block than one before it, as where several machines answer for a provider and this one
    /// runs behind the others. A chain that stays there for long has no newer block any more.
    pub(super) fn is_behind(&self) -> bool {
        let block = self.list().map(|(_, list)| list.block.number);
        self.newest
            .zip(block)
            .is_some_and(|((newest, at), block)| block < newest && at.elapsed() < limits::RELAY_SETTLED)
    }

    /// Forgets that there was a newer block: the chain began anew.
    pub(super) const fn begin_anew(&mut self) {
        self.newest = None;
    }

    /// Returns the list as it was read last, and the contract that it is of.
    pub(super) const fn list(&self) -> Option<&(ChainAddress, ChainList)> {
        self.list.as_ref()
    }
}
