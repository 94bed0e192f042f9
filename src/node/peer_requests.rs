//! What other masters are asked for.

/// What another master is asked to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// Its ledger (`event get_blockchain`).
    Ledger,
    /// Its local file (`file get !blockchain_file`).
    Seed,
}

/// A change that another master is asked to make in its ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteChange {
    /// A policy for the ledger.
    Push {
        /// Its text.
        policy: String,
        /// True when a policy with the same id may be there already.
        ignore: bool,
    },
    /// The removal of a policy.
    Drop {
        /// Its id.
        id: String,
    },
}
