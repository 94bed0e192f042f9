//! What members are sent, and how often.

use crate::config::{group::group, values::LedgerGzip};
use std::time::Duration;

group! {
    /// What members of the network are sent, and how often.
    pub struct MemberOptions {
        /// On: after a change every member that asked lately gets the new ledger at once, without asking.
        member_push: bool = MEMBER_PUSH["on"],
        /// Time after its last request in which a member gets the ledger without asking.
        member_ttl: Duration = MEMBER_TTL["10 minutes"],
        /// Least time between two ledgers that one member gets without asking; the last state always comes.
        member_push_interval: Duration = MEMBER_PUSH_INTERVAL["250 ms"],
        /// Longest time for which a node that has the ledger and keeps asking in its rhythm is not sent it again; 0: every
        /// request is answered with the file.
        member_refresh: Duration = MEMBER_REFRESH["1 minute"],
        /// Ledgers are sent compressed: `auto` to nodes that are known to unpack them, `on` to every member that did not
        /// refuse one, `off` to nobody.
        ledger_gzip: LedgerGzip = LEDGER_GZIP["auto"],
    }
}
