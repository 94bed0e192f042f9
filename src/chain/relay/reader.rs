//! What the contract has, read once and then only what changed.

use super::{context::RelayContext, error::RelayError};
use crate::node::platforms::{ChainList, Checkout};

/// The contract's list as it was read last.
#[derive(Default)]
pub(super) struct ContractReader {
    list: Option<ChainList>,
}

impl ContractReader {
    /// Reads what changed; true when something did.
    pub(super) async fn refresh(&mut self, context: &RelayContext<'_>) -> Result<bool, RelayError> {
        match context.platform.checkout(self.list.as_ref()).await? {
            Checkout::Unchanged => Ok(false),
            Checkout::Changed(list) => {
                self.list = Some(list);
                Ok(true)
            }
        }
    }

    /// Returns the list as it was read last.
    pub(super) const fn list(&self) -> Option<&ChainList> {
        self.list.as_ref()
    }
}
