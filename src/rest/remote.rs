//! The `destination` of a request: other nodes run the command (reference/rest 4).

use crate::{
    command::{self, network::run_client::Destination},
    node::{Node, Role, Session},
    reply::{Code, Error},
    rest::{call::Context, carrier::Call, method::Verb},
};
use anylog_values::TimeSpan;
use std::time::Duration;

/// Sends the command to every destination, waits, and joins the answers.
///
/// # Errors
/// 155 and 20 for destinations that are none, 182 for a wrong time-out, and the first node's error unless a subset is asked for.
pub async fn run(context: &Context<'_>, session: &mut Session, call: &Call<'_>) -> Result<String, Error> {
    let own = || context.node.settings.get().rest_timeout.map_or(context.timeout, Duration::from_secs);
    let timeout = call.timeout.as_deref().map(seconds).transpose()?.filter(|time| !time.is_zero()).unwrap_or_else(own);
    if call.verb == Verb::Post && session.role < Role::Admin {
        return Err(Error::with(
            Code::UNAUTHORIZED,
            "commands for other nodes that change something need the role admin",
        ));
    }
    let to = Destination::with_options(&call.destination, timeout, call.subset)?;
    let destinations = destinations(context, session, &to.text, &call.command).await?;
    let text = command::remote::outgoing(context.node, session, &call.command)?;
    let answers = context.node.services.peers.ask(context.node, &destinations, &text, to.timeout).await;
    command::remote::join(answers, to.subset)
}

/// Returns the addresses that a destination stands for.
async fn destinations(
    context: &Context<'_>,
    session: &mut Session,
    written: &str,
    text: &str,
) -> Result<Vec<String>, Error> {
    let network = written.eq_ignore_ascii_case("network");
    if network && let Some(dbms) = text.strip_prefix("sql ").map(|rest| rest.split_whitespace().next()) {
        return Err(query_of_network(context.node, dbms.unwrap_or_default()));
    }
    if written.starts_with('(') || network {
        let detail = format!("destination '{written}': write ip:port[, ip:port] or 'blockchain get … bring.ip_port'");
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    command::addresses(context.node, session, written).await
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

/// Reads `N` or `N unit`.
fn seconds(text: &str) -> Result<Duration, Error> {
    let wrong =
        || Error::with(Code::TIMEOUT_VALUE, format!("timeout '{text}': write a number of seconds, or 5 minutes"));
    text.parse().map(TimeSpan::duration).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times() {
        assert_eq!(seconds("5 seconds").unwrap(), Duration::from_secs(5));
        assert_eq!(seconds("2 minutes").unwrap(), Duration::from_secs(120));
        assert_eq!(seconds("abc").unwrap_err().code, Code::TIMEOUT_VALUE);
        assert_eq!(seconds("5 apples").unwrap_err().code, Code::TIMEOUT_VALUE);
    }
}
