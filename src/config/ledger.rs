//! Source, copies and time of the synchronisation.

use crate::config::{group::group, values::List};
use anylog_values::Address;
use secrecy::SecretString;
use std::time::Duration;

group! {
    /// Where the local copy comes from, how often, and what becomes of it.
    pub struct LedgerOptions {
        /// Address of the master, `ip:port`; not set, or 127.0.0.1: this node's own address.
        ledger_conn: Option<Address> = LEDGER_CONN | MASTER_NODE [""],
        /// `master`, or the name of a platform that the master relays.
        blockchain_source: String = BLOCKCHAIN_SOURCE["master"],
        /// Time between two rounds of the synchronisation.
        blockchain_sync: Duration = BLOCKCHAIN_SYNC | SYNC_TIME ["30 seconds"],
        /// Copies to keep: `file`, `dbms`, or both with a comma.
        blockchain_destination: List = BLOCKCHAIN_DESTINATION | DESTINATION ["file"],
        /// Days for which a dropped policy is brought back neither from this master's local copy nor by a member that sends its own again.
        tombstone_days: u32 = TOMBSTONE_DAYS["7"],
        /// Address of a blockchain platform.
        provider: Option<String> = PROVIDER[""],
        /// Account on the platform.
        blockchain_public_key: Option<String> = BLOCKCHAIN_PUBLIC_KEY[""],
        /// Key of the account.
        blockchain_private_key: Option<SecretString> = BLOCKCHAIN_PRIVATE_KEY[""],
        /// Chain on the platform.
        chain_id: Option<String> = CHAIN_ID[""],
        /// Contract on the platform.
        contract: Option<String> = CONTRACT[""],
    }
}
