//! Exchanges that this node answers otherwise on purpose; `docs/compatibility.md` gives each reason to users.

/// File and exchange.
const KNOWN: &[(&str, &str)] = &[
    // The rows of the deployment document win over the recorded ones.
    ("client_anylog_api", "get_processes"),
    ("client_anylog_api", "get_processes-json"),
    ("html", "html-text"),
    ("node_tables", "processes"),
    ("node_tables", "processes-json"),
    ("node_tables", "processes-table"),
    ("post_json", "deploy-processes"),
    // The address that REST really binds.
    ("client_anylog_api", "get_connections"),
    ("client_anylog_api", "get_connections-json"),
    ("destination", "self-table"),
    ("node_tables", "connections"),
    ("node_tables", "connections-json"),
    // No blanks behind the address.
    ("node_tables", "databases-json"),
    // A policy is in the ledger when its insert is answered.
    ("client_anylog_api", "get-policy"),
    ("publish", "gui-12"),
    ("publish", "read-back-a"),
    // Variables that a boot sets; the node of these tests is put together by hand.
    ("dictionary", "dictionary-filter"),
    ("dictionary", "dictionary-filter-json"),
    // The recorded path has another length, so the columns are wider or narrower.
    ("node_tables", "databases"),
];

/// Tells whether an exchange differs on purpose.
pub fn known(file: &str, id: &str) -> bool {
    KNOWN.contains(&(file, id))
}
