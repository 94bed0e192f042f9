//! The other nodes of the ledger, asked now: whether this node reaches them, which version of the metadata they have, and
//! what their clocks say.

use crate::{
    ledger::HistorySelection,
    node::{LedgerNode, Node},
    reply::{ChecklistItem, PeerAnswer},
    runtime::{clock, limits},
};
use jiff::Timestamp;

/// What a node is asked for the version of its metadata.
const VERSION: &str = "get metadata version";
/// What a node is asked for its clock.
const TIME: &str = "get datetime utc now()";
/// Nodes that are named in a line.
const NAMED: usize = 8;

impl Node {
    /// Asks the other nodes.
    pub(super) async fn node_checks(&self) -> Vec<ChecklistItem> {
        let mut nodes = self.ledger_nodes(|policy| !self.is_own_policy(policy));
        let left_out = nodes.len().saturating_sub(limits::JOIN_NODES);
        nodes.truncate(limits::JOIN_NODES);
        if nodes.is_empty() {
            return vec![ChecklistItem::not_known(
                "nodes of the ledger",
                "their policies were looked for",
                "no other node has published itself yet",
                format!("write LEDGER_CONN={} at the first one and start it", self.join_address()),
            )];
        }
        let addresses: Vec<String> = nodes.iter().map(|node| node.address.clone()).collect();
        let (peers, limit, most) = (&self.services.peers, limits::PEER_TEST_TIME, limits::PEER_SHORT_ANSWER);
        let (versions, times) = tokio::join!(
            peers.ask(self, &addresses, VERSION, limit, most),
            peers.ask(self, &addresses, TIME, limit, most)
        );
        let asked_at = clock::now();
        let own = self.ledger.version().await.unwrap_or_default();
        let is_quiet = self.has_been_quiet().await;
        vec![
            reached(&nodes, &versions, left_out),
            version_check(&own, &nodes, &versions, is_quiet),
            clocks(&nodes, &times, asked_at),
        ]
    }

    /// Tells whether the last change of the ledger is long enough ago that every node that asks has it.
    async fn has_been_quiet(&self) -> bool {
        let changes = self.ledger.past_changes(&HistorySelection::Last(1), 1).await;
        let last = changes.ok().and_then(|changes| changes.first()?.time.parse::<Timestamp>().ok());
        let quiet = i64::try_from(limits::MEMBER_SILENT.as_secs()).unwrap_or(i64::MAX);
        last.is_some_and(|last| clock::now().as_second().saturating_sub(last.as_second()) > quiet)
    }
}

/// Returns the texts that nodes answered, each with its node.
fn answered<'a>(
    nodes: &'a [LedgerNode],
    answers: &'a [PeerAnswer],
) -> impl Iterator<Item = (&'a LedgerNode, Option<String>)> {
    nodes.iter().zip(answers).map(|(node, answer)| {
        let text = answer.outcome.as_ref().ok().map(ToString::to_string);
        (node, text.map(|text| text.trim().to_owned()))
    })
}

fn reached(nodes: &[LedgerNode], answers: &[PeerAnswer], left_out: usize) -> ChecklistItem {
    let (name, tried) = ("nodes of the ledger", "each was asked at the address of its policy");
    let silent: Vec<String> =
        answered(nodes, answers).filter(|(_, text)| text.is_none()).map(|(node, _)| node.to_string()).collect();
    let more = if left_out > 0 { format!("; {left_out} more were not asked") } else { String::new() };
    if silent.is_empty() {
        return ChecklistItem::good(name, tried, format!("all {} answer{more}", nodes.len()));
    }
    ChecklistItem::wrong(
        name,
        tried,
        format!("{} of {} do not answer: {}{more}", silent.len(), nodes.len(), listed(&silent)),
        "start them, open their TCP port to this node, and set EXTERNAL_IP there to an address that this node reaches; drop \
         the policy of a node that is gone",
    )
}

fn version_check(own: &str, nodes: &[LedgerNode], answers: &[PeerAnswer], is_quiet: bool) -> ChecklistItem {
    let (name, tried) = ("versions", "each was asked for the version of its metadata");
    let known: Vec<_> = answered(nodes, answers)
        .filter_map(|(node, text)| Some((node, text?)))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let apart: Vec<String> =
        known.iter().filter(|(_, version)| version != own).map(|(node, _)| node.to_string()).collect();
    match (known.len(), apart.len()) {
        (0, _) => ChecklistItem::not_known(name, tried, "no node told its version", "see 'nodes of the ledger'"),
        (known, 0) => ChecklistItem::good(name, tried, format!("{known} nodes have the version of this node")),
        (_, apart_count) => {
            let found = format!("{apart_count} nodes have another version than this one: {}", listed(&apart));
            if is_quiet {
                let remedy = "run blockchain sync there; if it stays so, LEDGER_CONN of that node names another master";
                return ChecklistItem::wrong(name, tried, found, remedy);
            }
            let remedy = "look again in a few minutes: the ledger has changed lately, and nodes ask in rounds";
            ChecklistItem::not_known(name, tried, found, remedy)
        }
    }
}

fn clocks(nodes: &[LedgerNode], answers: &[PeerAnswer], now: Timestamp) -> ChecklistItem {
    let (name, tried) = ("clocks of nodes", "each was asked for its time");
    let told = answered(nodes, answers).filter_map(|(node, text)| Some((node, text?.parse::<Timestamp>().ok()?)));
    let told: Vec<_> = told.map(|(node, time)| (node, time.as_second().saturating_sub(now.as_second()))).collect();
    let off: Vec<String> = told
        .iter()
        .filter(|(_, seconds)| seconds.unsigned_abs() > limits::CLOCK_OFF)
        .map(|(node, seconds)| format!("{node} by {seconds} s"))
        .collect();
    match (told.len(), off.len()) {
        (0, _) => ChecklistItem::not_known(name, tried, "no node told its time", "see 'nodes of the ledger'"),
        (told, 0) => ChecklistItem::good(name, tried, format!("{told} are within a minute of the one of this node")),
        _ => ChecklistItem::wrong(
            name,
            tried,
            format!("the clock is off at {}", listed(&off)),
            "set the clocks (NTP): policies are ordered by their dates",
        ),
    }
}

/// Names some of many.
fn listed(all: &[String]) -> String {
    let shown = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::{Code, Error, ItemState, PeerContent};

    fn nodes(count: u8) -> Vec<LedgerNode> {
        let node =
            |n| LedgerNode { address: format!("10.0.0.{n}:1"), kind: "operator".to_owned(), name: format!("o{n}") };
        (1..=count).map(node).collect()
    }

    fn answers(texts: &[&str]) -> Vec<PeerAnswer> {
        let outcome = |text: &str| match text {
            "" => Err(Error::new(Code::PEER_REFUSED)),
            text => Ok(PeerContent::Text(text.to_owned())),
        };
        texts.iter().map(|text| PeerAnswer { destination: String::new(), outcome: outcome(text) }).collect()
    }

    #[test]
    fn nodes_that_do_not_answer_are_named() {
        assert_eq!(reached(&nodes(2), &answers(&["v", "v"]), 0).state, ItemState::Good);
        let silent = reached(&nodes(2), &answers(&["v", ""]), 3);
        assert_eq!(silent.found, "1 of 2 do not answer: o2 (10.0.0.2:1); 3 more were not asked");
    }

    #[test]
    fn another_version_is_wrong_when_the_ledger_was_quiet() {
        let check = |texts: &[&str], quiet| version_check("v", &nodes(2), &answers(texts), quiet).state;
        assert_eq!(check(&["v", ""], true), ItemState::Good);
        assert_eq!((check(&["v", "w"], false), check(&["v", "w"], true)), (ItemState::NotKnown, ItemState::Wrong));
        assert_eq!(check(&["", ""], true), ItemState::NotKnown);
    }

    #[test]
    fn clocks_are_compared_with_the_one_of_this_node() {
        let now: Timestamp = "2026-01-01T00:10:00Z".parse().unwrap();
        let check = |texts: &[&str]| clocks(&nodes(2), &answers(texts), now);
        assert_eq!(check(&["2026-01-01T00:10:03.000001Z", "nonsense"]).state, ItemState::Good);
        let off = check(&["2026-01-01T00:10:03Z", "2026-01-01T00:00:00Z"]);
        assert!(off.state == ItemState::Wrong && off.found.ends_with("o2 (10.0.0.2:1) by -600 s"), "{off:?}");
        assert_eq!(check(&["", ""]).state, ItemState::NotKnown);
    }
}
