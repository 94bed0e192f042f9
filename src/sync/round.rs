//! One round: this node is its own source, or another master is.

use crate::{
    ledger::{Author, Change, Location, OnDuplicate, PolicyCheck, PolicyInsert, SyncReport},
    node::{Node, Pull, RemoteChange, SyncOptions},
    reply::{Code, Error},
};
use futures_util::{StreamExt, stream};
use std::time::Duration;

/// Longest time that another master may take to send its ledger.
const PULL_TIMEOUT: Duration = Duration::from_secs(60);
/// Rows that are written at the same time into the node's own table (`dest = dbms`).
const COPY_WRITES: usize = 256;

/// Tells whether the source is this node: its own table, or an address on which it listens.
pub(super) fn is_own(node: &Node, options: &SyncOptions) -> bool {
    options.platform.is_none()
        && (options.source == "dbms" || options.connection.as_ref().is_none_or(|address| node.is_own_address(address)))
}

/// Brings the local copy in step once; true when it changed.
pub(super) async fn run(node: &Node, options: &SyncOptions) -> Result<bool, Error> {
    if is_own(node, options) {
        return Ok(node.ledger.sync_from_self(&own_host(node)).await?.changed);
    }
    let master = options.connection.as_ref().map(ToString::to_string).unwrap_or_default();
    let bytes = node.services.peers.pull(node, &master, Pull::Ledger, PULL_TIMEOUT).await?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::with(Code::WRONG_BLOCKCHAIN, format!("the ledger of {master} is no text")))?;
    let report = node.ledger.sync_from_master(&text).await?;
    tell(node, &master, &report).await;
    copy_if_asked(node, options).await?;
    Ok(report.changed)
}

/// Returns the address under which this node publishes.
fn own_host(node: &Node) -> String {
    let listening = node.services.peers.status().map(|listening| listening.options);
    let told = listening.map(|options| if options.bind { options.internal.host } else { options.external.host });
    told.map(|host| host.to_string()).or_else(|| node.dictionary.get("ip")).unwrap_or_else(|| "127.0.0.1".to_owned())
}

/// Tells the source what only this node knows. A change that finds nobody there is in the log. Whether one was taken
/// shows in the ledger that is pulled next: until that has a policy, the local copy keeps it and it is sent again, for
/// some rounds.
async fn tell(node: &Node, master: &str, report: &SyncReport) {
    let pushes = report.push.iter().map(|policy| RemoteChange::Push { policy: policy.clone(), ignore: true });
    let drops = report.drop.iter().map(|id| RemoteChange::Drop { id: id.clone() });
    for change in pushes.chain(drops) {
        if let Err(error) = node.services.peers.request_change(node, master, &change).await {
            tracing::warn!(peer.addr = master, %error, "the source of the ledger did not take a change");
        }
    }
}

/// Copies what the file has into the node's own table, when a copy there is asked for.
pub(super) async fn copy_if_asked(node: &Node, options: &SyncOptions) -> Result<(), Error> {
    match options.destinations.iter().any(|dest| dest == "dbms") {
        true => copy_to_table(node).await,
        false => Ok(()),
    }
}

/// Copies what the file has into the node's own table; rows that are there stay (reference/ledger 8.7).
async fn copy_to_table(node: &Node) -> Result<(), Error> {
    let view = node.ledger.view();
    let lines = view.iter().filter(|entry| entry.location == Location::File && !entry.local);
    let policies: Vec<_> = lines.filter_map(|entry| entry.policy()).collect();
    let host = own_host(node);
    let writes = policies.into_iter().map(|policy| {
        let insert =
            PolicyInsert { policy, host: host.clone(), on_duplicate: OnDuplicate::Ignore, check: PolicyCheck::Nothing };
        node.ledger.write(Change::Insert(insert), Author::new("blockchain sync"))
    });
    let outcomes: Vec<_> = stream::iter(writes).buffered(COPY_WRITES).collect().await;
    for outcome in outcomes {
        match outcome {
            Err(error) if error.is_of_policy() => {
                tracing::warn!(%error, "a policy of the source is not copied to the table")
            }
            outcome => drop(outcome?),
        }
    }
    Ok(())
}
