//! Source, copies and time of the synchronisation.

use crate::config::{
    BackupSchedule,
    group::group,
    values::{Gwei, LedgerSource, List, RelayVisible},
};
use anylog_values::Address;
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

group! {
    /// Where the local copy comes from, how often, and what becomes of it.
    pub struct LedgerOptions {
        /// Address of the master, `ip:port`; not set, or 127.0.0.1: this node's own address.
        ledger_conn: Option<Address> = LEDGER_CONN | MASTER_NODE [""],
        /// `master`; `ethereum` or `optimism`: this master is the relay between its members and the contract on that chain; `dbms`:
        /// the local copy follows the table without asking anybody.
        blockchain_source: LedgerSource = BLOCKCHAIN_SOURCE["master"],
        /// Time between two rounds of the synchronisation.
        blockchain_sync: Duration = BLOCKCHAIN_SYNC | SYNC_TIME ["30 seconds"],
        /// Copies to keep: `file`, `dbms`, or both with a comma.
        blockchain_destination: List = BLOCKCHAIN_DESTINATION | DESTINATION ["file"],
        /// Days for which a dropped policy is brought back neither from this master's local copy nor by a member that sends its own again.
        tombstone_days: u32 = TOMBSTONE_DAYS["7"],
        /// When the node writes a backup of the ledger by itself: a time between two (`6 hours`), or a local time of day (`02:30`);
        /// not set: never.
        backup_schedule: Option<BackupSchedule> = BACKUP_SCHEDULE[""],
        /// How many of the backups that the node wrote by itself are kept; the oldest go when a new one is whole.
        backup_keep: usize = BACKUP_KEEP["7"],
        /// Directory for backups; not set: `EdgeLake/data/bkup` under ANYLOG_PATH.
        backup_dir: Option<PathBuf> = BACKUP_DIR[""],
        /// URL of a provider of the chain, `http://…`, `https://user:password@…` or `https://…/KEY`.
        provider: Option<SecretString> = PROVIDER[""],
        /// File with the authority that signed the provider's certificate (PEM); not set: the authorities that browsers trust.
        provider_ca: Option<PathBuf> = PROVIDER_CA[""],
        /// Account on the chain; not set: the one that belongs to the private key.
        blockchain_public_key: Option<String> = BLOCKCHAIN_PUBLIC_KEY | PUBLIC_KEY[""],
        /// Key of the account, which signs.
        blockchain_private_key: Option<SecretString> = BLOCKCHAIN_PRIVATE_KEY | PRIVATE_KEY[""],
        /// Number of the chain for which is signed; not set: the one that the provider says.
        chain_id: Option<u64> = CHAIN_ID[""],
        /// Address of the contract with the policies; not set: `blockchain deploy contract` makes one.
        contract: Option<String> = CONTRACT[""],
        /// The most that one unit of gas may cost, in Gwei (`2.5`): above it changes wait; not set: whatever the chain asks for.
        chain_max_fee_gwei: Option<Gwei> = CHAIN_MAX_FEE_GWEI[""],
        /// Blocks, that of the transaction included, after which a change counts as made.
        chain_confirmations: u32 = CHAIN_CONFIRMATIONS["1"],
        /// When members see a change that is relayed: `pending` (at once) or `confirmed` (when the chain has it).
        relay_visible: RelayVisible = RELAY_VISIBLE["pending"],
        /// Relay the policies of this company alone; not set: all.
        relay_company: Option<String> = RELAY_COMPANY[""],
        /// Relay policies of these types alone, with commas between them; not set: all.
        relay_types: List = RELAY_TYPES[""],
    }
}
