//! Limits that may be changed; those that may not are constants of `runtime::limits`.

use super::{group::group, values::Size};
use std::time::Duration;

group! {
    /// Limits that an operator may change.
    pub struct Limits {
        /// Connections that the TCP server holds at a time.
        max_tcp_connections: usize = MAX_TCP_CONNECTIONS["4096"],
        /// Connections that the REST server holds at a time.
        max_rest_connections: usize = MAX_REST_CONNECTIONS["16384"],
        /// Largest message of another node.
        max_message: Size = MAX_MESSAGE["64 MB"],
        /// Largest body of a REST request.
        max_body: Size = MAX_BODY["16 MB"],
        /// How long the TCP server waits for the rest of a message, and for a member to take an answer.
        tcp_timeout: Duration = TCP_TIMEOUT["20 seconds"],
    }
}
