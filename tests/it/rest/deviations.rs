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
];

/// Tells whether an exchange differs on purpose.
pub fn known(file: &str, id: &str) -> bool {
    KNOWN.contains(&(file, id))
}
