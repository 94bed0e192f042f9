//! The destination `network`: a query of data for whoever holds the table (reference/rest 4).

use crate::{
    command::network::run_client::RemoteNodes,
    node::Node,
    reply::{Code, Error},
    script::words,
};

/// Refuses destinations that a master cannot ask: the whole network, whose answers a query node puts together, and lists in
/// parentheses, which are the form of `run client`.
///
/// # Errors
/// Why the command cannot go there.
pub fn refuse(node: &Node, to: &RemoteNodes, command: &str) -> Result<(), Error> {
    let is_network = to.text.eq_ignore_ascii_case("network");
    let words = if is_network { words(command)? } else { Vec::new() };
    if let [sql, dbms, ..] = words.as_slice()
        && sql.is("sql")
    {
        return Err(query_of_network(node, &dbms.text));
    }
    if is_network || to.text.starts_with('(') {
        let detail = format!("destination '{}': write ip:port[, ip:port] or 'blockchain get … bring.ip_port'", to.text);
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    Ok(())
}

/// Tells why a master does not put answers of operators together: no such table is known, nobody hosts it, or it has no
/// database to do so.
fn query_of_network(node: &Node, dbms: &str) -> Error {
    let view = node.ledger.view();
    let declared = view.of_type("table").filter_map(|entry| entry.policy()).any(|policy| policy.has("dbms", dbms));
    if declared {
        Error::known(Code::DBMS_NOT_OPEN, "Local query database not available: 'system_query'")
    } else if node.databases.get(dbms).is_some() {
        Code::NO_OPERATOR.into()
    } else {
        Code::TABLE_METADATA.into()
    }
}
