//! The `destination` of a request: other nodes run the command (reference/rest 4).

use crate::{
    command::{
        RemoteNodes, Selection,
        network::{run_client::RunClient, whole_network},
    },
    node::{Node, Origin, Role, Session},
    reply::{Code, Error, Reply},
    rest::{execute::CommandContext, parse::CommandRequest, verb::Verb},
};
use anylog_values::TimeSpan;
use std::time::Duration;

/// Sends the command to every destination, waits, and joins the answers, as `run client` does.
///
/// # Errors
/// 155 and 20 for destinations that are none, 182 for a wrong time-out, 212 for a caller who may only ask, and the first
/// node's error unless a subset is asked for.
pub async fn run(
    context: &CommandContext<'_>,
    session: &mut Session,
    request: &CommandRequest<'_>,
    selection: &Selection<'_>,
    verb: Verb,
) -> Result<Reply, Error> {
    let own = || context.node.settings.get().rest_timeout.map_or(context.timeout, Duration::from_secs);
    let timeout =
        request.timeout.as_deref().map(seconds).transpose()?.filter(|time| !time.is_zero()).unwrap_or_else(own);
    // GET also carries commands that do something where they run; what asks is answered.
    let only_asks = verb == Verb::Get && selection.only_asks();
    if !only_asks && session.role < Role::Admin {
        return Err(Error::with(
            Code::UNAUTHORIZED,
            "commands for other nodes that change something need the role admin",
        ));
    }
    let to = RemoteNodes::with_options(&request.destination, timeout, request.subset)?;
    whole_network::refuse(context.node, &to, &request.command)?;
    let asking = RunClient::asking(context.node, session, to, &request.command)?;
    // Other nodes may read more here than a page of another origin where they see the variables.
    let shows_more = context.node.peer_access.shows_variables();
    if context.rights.foreign && !shows_more && is_here(context.node, &request.destination) {
        // A page of another origin reaches no other node; what it may ask this one it may ask this way as well.
        let origin = Origin::Rest { caller: context.caller.ip(), user: context.rights.user.clone(), is_foreign: false };
        return asking.run(context.node, &mut Session { origin, ..session.clone() }).await;
    }
    asking.run(context.node, session).await
}

/// Tells whether all destinations are addresses of this node.
fn is_here(node: &Node, destination: &str) -> bool {
    let is_own = |part: &str| part.trim().parse().is_ok_and(|address| node.is_own_address(&address));
    destination.split(',').all(is_own)
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
        assert_eq!(seconds("18446744073709551615 days").unwrap_err().code, Code::TIMEOUT_VALUE);
    }
}
