//! What the contract has, read once and then only what changed.

use super::{context::RelayContext, error::RelayError};
use crate::node::platforms::{ChainAddress, ChainList, Checkout};

/// The contract's list as it was read last.
#[derive(Default)]
pub(super) struct ContractReader {
    list: Option<(ChainAddress, ChainList)>,
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
                self.list = Some((contract, list));
                Ok(true)
            }
        }
    }

    /// Returns the list as it was read last, and the contract that it is of.
    pub(super) const fn list(&self) -> Option<&(ChainAddress, ChainList)> {
        self.list.as_ref()
    }
}
