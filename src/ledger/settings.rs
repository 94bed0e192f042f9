//! What the ledger is started with.

/// What the ledger is started with.
#[derive(Clone, Copy, Debug)]
pub struct LedgerSettings {
    /// Days for which a dropped policy comes back neither from a local file nor from a member's copy (`TOMBSTONE_DAYS`).
    pub tombstone_days: u32,
    /// Policies of others that one sender may drop or replace in a minute (`PEER_DROP_LIMIT`).
    pub drop_limit: usize,
    /// Changes that one sender may send in a second (`PEER_CHANGES_PER_SECOND`).
    pub changes_per_second: usize,
    /// Changes that one sender may send in a minute (`PEER_CHANGES_PER_MINUTE`).
    pub changes_per_minute: usize,
    /// Bytes of policies that one sender may send in a minute (`PEER_BYTES_PER_MINUTE`).
    pub bytes_per_minute: usize,
    /// Bytes that the texts of all policies may have (`LEDGER_QUOTA`).
    pub quota: u64,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            tombstone_days: 7,
            drop_limit: 20,
            changes_per_second: 2000,
            changes_per_minute: 60_000,
            bytes_per_minute: 64 * 1024 * 1024,
            quota: 1024 * 1024 * 1024,
        }
    }
}
