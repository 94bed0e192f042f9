//! Limits that may be changed; those that may not are constants of `runtime::limits`.

use crate::config::{group::group, values::Size};
use std::time::Duration;

group! {
    /// Limits that an operator may change.
    pub struct Limits {
        /// Connections of other nodes open at the same time; one in eight is kept for local senders, node policies and
        /// PEER_ALLOW. Fewer when the system allows few open files: a quarter of them.
        peer_connections: usize = PEER_CONNECTIONS["4096"],
        /// Connections open at the same time from one address.
        peer_connections_per_host: usize = PEER_CONNECTIONS_PER_HOST["2048"],
        /// Policies that one sender may drop or replace in a minute, of what others published; more waits for
        /// `blockchain confirm changes`.
        peer_drop_limit: usize = PEER_DROP_LIMIT["20"],
        /// Changes that one sender may send in a second; callers with the role of an administrator may send more.
        peer_changes_per_second: usize = PEER_CHANGES_PER_SECOND["2000"],
        /// Changes that one sender may send in a minute.
        peer_changes_per_minute: usize = PEER_CHANGES_PER_MINUTE["60000"],
        /// Bytes of policies that one sender may send in a minute.
        peer_bytes_per_minute: Size = PEER_BYTES_PER_MINUTE["64 MB"],
        /// Bytes that the texts of all policies may have.
        ledger_quota: Size = LEDGER_QUOTA["1 GB"],
        /// REST connections open at the same time.
        rest_connections: usize = REST_CONNECTIONS["16384"],
        /// REST connections open at the same time from one address, or from one /64 of IPv6.
        rest_connections_per_host: usize = REST_CONNECTIONS_PER_HOST["2048"],
        /// Largest body of a REST request.
        rest_body_limit: Size = REST_BODY_LIMIT["16 MB"],
        /// Bodies of all REST requests under way together; one address gets half of it.
        rest_body_memory: Size = REST_BODY_MEMORY["48 MB"],
        /// Time that one query of policies may compute.
        query_time: Duration = QUERY_TIME["5 seconds"],
        /// Rows that one query of policies may keep, those that go into a join included.
        query_rows: usize = QUERY_ROWS["1000000"],
        /// Memory that one query of policies may take, its answer included.
        query_bytes: Size = QUERY_BYTES["256 MB"],
    }
}
