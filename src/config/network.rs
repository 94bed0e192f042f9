//! Addresses, ports and servers.

use crate::config::{group::group, values::Url};
use anylog_values::Host;

group! {
    /// Addresses, ports and the servers that listen on them.
    pub struct Network {
        /// Port for other nodes (TCP).
        anylog_server_port: u16 = ANYLOG_SERVER_PORT["32048"],
        /// Port for clients (REST).
        anylog_rest_port: u16 = ANYLOG_REST_PORT["32049"],
        /// Address of the host at which compose publishes the REST port: `0.0.0.0` opens it to other machines. Compose reads
        /// it, the node does not.
        rest_publish: String = REST_PUBLISH["127.0.0.1"],
        /// Port of the message broker, which a master does not run; kept for scripts.
        anylog_broker_port: Option<u16> = ANYLOG_BROKER_PORT[""],
        /// True: the TCP server listens on the internal address alone.
        tcp_bind: bool = TCP_BIND["false"],
        /// True: the REST server listens on the internal address alone.
        rest_bind: bool = REST_BIND["false"],
        /// As the others, for the message broker; kept for scripts.
        broker_bind: bool = BROKER_BIND["false"],
        /// Size of the TCP pool that `get processes` shows.
        tcp_threads: u32 = TCP_THREADS | TCP_THREAD_POOL ["6"],
        /// Size of the REST pool that `get processes` shows.
        rest_threads: u32 = REST_THREADS["6"],
        /// Size of the pool of the message broker; kept for scripts.
        broker_threads: u32 = BROKER_THREADS["6"],
        /// Size of the pool of an operator; kept for scripts.
        operator_threads: u32 = OPERATOR_THREADS["3"],
        /// Seconds that a REST request may take, 0 for no limit; not set: 20.
        rest_timeout: Option<u32> = REST_TIMEOUT[""],
        /// Size of the query pool that `get processes` shows.
        query_pool: u32 = QUERY_POOL["3"],
        /// True: the node is reached through an overlay network at OVERLAY_IP.
        overlay_network: Option<bool> = OVERLAY_NETWORK[""],
        /// Address in the overlay network; it becomes the internal address.
        overlay_ip: Option<Host> = OVERLAY_IP[""],
        /// Address of this machine; not set: the address of NIC_TYPE, else the one that reaches the network.
        internal_ip: Option<Host> = INTERNAL_IP[""],
        /// Address that others use; not set: the internal address.
        external_ip: Option<Host> = EXTERNAL_IP[""],
        /// Where to ask for the external address; not set: nobody is asked.
        external_ip_url: Option<Url> = EXTERNAL_IP_URL[""],
        /// Interface that gives the internal address, for example eth0.
        nic_type: Option<String> = NIC_TYPE[""],
        /// True: names instead of addresses in scripts.
        enable_dns: bool = ENABLE_DNS["false"],
        /// Name by which others reach the node: browsers may call REST by it, and scripts read it.
        external_dns: Option<String> = EXTERNAL_DNS[""],
        /// Name of the node: browsers may call REST by it, and scripts read it.
        dns: Option<String> = DNS[""],
        /// Domain of the node: browsers may call REST by the name of the machine in it; not set: `local`.
        dns_domain: Option<String> = DNS_DOMAIN[""],
    }
}
