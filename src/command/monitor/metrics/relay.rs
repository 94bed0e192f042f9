//! Figures of the relay to a contract platform; there only with a relay.

use super::figure::{Figure, MetricsPage};
use crate::{node::Node, runtime::clock};
use jiff::Timestamp;

const ON: Figure = Figure::gauge("anylog_master_relay_on", &[], "1 while the relay is on, 0 after it was switched off");
const SENDER: Figure = Figure::gauge("anylog_master_relay_sender", &[], "1 when this master is the one that sends");
const UP: Figure = Figure::gauge("anylog_master_relay_up", &[], "1 while the last round of the relay ended well");
const QUEUE: Figure =
    Figure::gauge("anylog_master_relay_queue", &[], "Changes of the ledger that are in no block of the chain yet");
const OLDEST: Figure = Figure::gauge("anylog_master_relay_oldest_seconds", &[], "Age of the oldest of them");
const UNSETTLED: Figure = Figure::gauge(
    "anylog_master_relay_unsettled",
    &[],
    "Changes in a block that a re-organisation of the chain may still take back",
);
const BLOCK: Figure =
    Figure::gauge("anylog_master_relay_last_block", &[], "The highest block with a change of this ledger");
const TRANSACTIONS: Figure = Figure::counter(
    "anylog_master_relay_transactions",
    &["outcome"],
    "Transactions of the relay: sent, mined, refused (undone in the ledger), reorganised (looked up again)",
);
const PULLED: Figure = Figure::counter(
    "anylog_master_relay_pulled",
    &[],
    "Policies that others changed in the contract and that came into the ledger",
);

/// The figures of this file.
pub const FIGURES: &[&Figure] = &[&ON, &SENDER, &UP, &QUEUE, &OLDEST, &UNSETTLED, &BLOCK, &TRANSACTIONS, &PULLED];

/// Writes them.
pub fn write(page: &mut MetricsPage, node: &Node) {
    let Some(status) = node.services.relay.status() else { return };
    page.write(&ON, status.is_on);
    page.write(&SENDER, status.is_sender);
    page.write(&UP, status.is_on && status.trouble.is_none());
    page.write(&QUEUE, status.outbox.waiting);
    let oldest = status.outbox.oldest.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
    let age = oldest.map_or(0.0, |since| clock::now().duration_since(since).as_secs_f64().max(0.0));
    page.write(&OLDEST, age);
    page.write(&UNSETTLED, status.outbox.unsettled);
    if let Some(block) = status.outbox.last_block {
        page.write(&BLOCK, block.unsigned_abs());
    }
    let counters = status.counters;
    page.by(
        &TRANSACTIONS,
        [
            ("sent", counters.sent),
            ("mined", counters.mined),
            ("refused", counters.refused),
            ("reorganised", counters.reorganised),
        ],
    );
    page.write(&PULLED, counters.pulled);
}
