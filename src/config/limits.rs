//! Limits that may be changed; those that may not are constants of `runtime::limits`.

use super::{group::group, values::Size};

group! {
    /// Limits that an operator may change.
    pub struct Limits {
        /// Connections that the TCP server holds at a time.
        tcp_connections: usize = TCP_CONNECTIONS["4096"],
        /// Connections that the REST server holds at a time.
        rest_connections: usize = REST_CONNECTIONS["16384"],
        /// Largest message of another node.
        tcp_message_limit: Size = TCP_MESSAGE_LIMIT["64 MB"],
        /// Largest body of a REST request.
        rest_body_limit: Size = REST_BODY_LIMIT["16 MB"],
    }
}
