//! Figures of the ledger: its database, its policies, its changes, its copies and its members.

use super::figure::{Figure, MetricsPage, Value};
use crate::{
    node::{JoinTrouble, LEDGER_DBMS, Node, members::MemberState},
    runtime::clock,
};

const ATTACHED: Figure =
    Figure::gauge("anylog_master_ledger_attached", &[], "1 when a database is connected as the ledger");
const UP: Figure = Figure::gauge("anylog_master_database_up", &[], "1 while the database of the ledger answers");
const TAKES: Figure = Figure::gauge(
    "anylog_master_database_takes_changes",
    &[],
    "1 while the database of the ledger answers and takes changes",
);
const POOL: Figure = Figure::gauge(
    "anylog_master_database_connections",
    &["state"],
    "Connections to the server of the ledger, by what they do",
);
const WAITING: Figure =
    Figure::gauge("anylog_master_changes_waiting", &[], "Changes and look-ups of the ledger that wait for the writer");
const WAITING_MAX: Figure =
    Figure::gauge("anylog_master_changes_waiting_max", &[], "How many may wait before changes are refused");
const CHANGES: Figure = Figure::counter(
    "anylog_master_changes",
    &["outcome"],
    "Changes by what came of them: committed, unchanged (was there), refused (by a rule), held (waits for an operator), over_quota, \
     busy (too many wait), unavailable (the database)",
);
const CHANGE_SECONDS: Figure =
    Figure::histogram("anylog_master_change_seconds", &[], "Time from the moment a change was sent to its answer");
const COMMIT_SECONDS: Figure = Figure::histogram(
    "anylog_master_commit_seconds",
    &[],
    "Time that the database took for a transaction, failed ones included",
);
const COMMIT_CHANGES: Figure =
    Figure::histogram("anylog_master_commit_changes", &[], "Changes that one transaction wrote");
const POLICIES: Figure = Figure::gauge(
    "anylog_master_policies",
    &["type"],
    "Policies of the ledger by type; those of further types together as others",
);
const FAULTY: Figure = Figure::gauge(
    "anylog_master_policy_errors",
    &[],
    "Rows of the ledger table with which something is wrong: 'get policy errors'",
);
const PENDING: Figure =
    Figure::gauge("anylog_master_pending_changes", &[], "Changes that wait for 'blockchain confirm changes'");
const HELD: Figure = Figure::gauge(
    "anylog_master_export_held",
    &[],
    "1 while deliveries wait for 'blockchain confirm export' or 'blockchain start from'",
);
const BYTES: Figure = Figure::gauge("anylog_master_ledger_bytes", &[], "Bytes of the texts of all policies");
const QUOTA: Figure =
    Figure::gauge("anylog_master_ledger_quota_bytes", &[], "Bytes that the texts of all policies may have");
const GENERATION: Figure =
    Figure::gauge("anylog_master_ledger_generation", &[], "Number of the view of the ledger, higher after each change");
const MEMBERS: Figure = Figure::gauge(
    "anylog_master_members",
    &["state"],
    "Members by how it stands with them: current, behind, unknown (nothing delivered since the start), silent for five minutes, \
     failing (what they are sent does not arrive); after a day without a request they are forgotten",
);
const DELIVERIES: Figure = Figure::counter(
    "anylog_master_deliveries",
    &["outcome"],
    "Ledgers that members asked for: sent, unchanged (the member says that it has it), spared (it surely has it), refused",
);
const MEMBERS_REFUSED: Figure = Figure::gauge(
    "anylog_master_members_refused",
    &[],
    "Members whose own policy the ledger refused, and which therefore stay out",
);
const JOIN_TROUBLES: Figure = Figure::gauge(
    "anylog_master_join_troubles",
    &["kind"],
    "What keeps senders from joining, as it was recognised in the last minutes: 'test join' tells each with the remedy",
);
const MEMBERS_LAG: Figure = Figure::gauge(
    "anylog_master_members_lag_seconds",
    &[],
    "The longest time for which a member that asks has lacked a change",
);
const DELIVERED: Figure = Figure::counter(
    "anylog_master_delivered",
    &["cause"],
    "Ledgers that arrived at members to the last byte: pull (the member asked), push (it did not have to)",
);
const DELIVERED_COMPRESSED: Figure =
    Figure::counter("anylog_master_delivered_compressed", &[], "Those of them that were compressed");
const DELIVERED_BYTES: Figure =
    Figure::counter("anylog_master_delivered_bytes", &[], "Bytes of all of them on the wire");
const DELIVERIES_FAILED: Figure =
    Figure::counter("anylog_master_deliveries_failed", &[], "Ledgers that did not arrive after all tries");
const ROUNDS: Figure = Figure::counter("anylog_master_sync_rounds", &["outcome"], "Rounds of the synchroniser");
const COPIES: Figure = Figure::counter("anylog_master_sync_copies", &[], "Changes of the local copy");
const SYNC_AGE: Figure = Figure::gauge(
    "anylog_master_sync_age_seconds",
    &[],
    "Time since the last good round of the synchroniser, or since its start when none was good yet",
);
const LAST_SYNC: Figure = Figure::gauge(
    "anylog_master_sync_last_success_timestamp_seconds",
    &[],
    "When the last good round of the synchroniser ended",
);

/// The figures of this file.
pub const FIGURES: &[&Figure] = &[
    &ATTACHED,
    &UP,
    &TAKES,
    &POOL,
    &WAITING,
    &WAITING_MAX,
    &CHANGES,
    &CHANGE_SECONDS,
    &COMMIT_SECONDS,
    &COMMIT_CHANGES,
    &POLICIES,
    &FAULTY,
    &PENDING,
    &HELD,
    &BYTES,
    &QUOTA,
    &GENERATION,
    &MEMBERS,
    &MEMBERS_REFUSED,
    &JOIN_TROUBLES,
    &MEMBERS_LAG,
    &DELIVERIES,
    &DELIVERED,
    &DELIVERED_COMPRESSED,
    &DELIVERED_BYTES,
    &DELIVERIES_FAILED,
    &ROUNDS,
    &COPIES,
    &SYNC_AGE,
    &LAST_SYNC,
];

/// Types of policies that are counted apart; those of further types are counted together as `others`.
const TYPES: usize = 64;

/// Writes them.
pub fn write(page: &mut MetricsPage, node: &Node) {
    database(page, node);
    changes(page, node);
    policies(page, node);
    members(page, node);
    page.kept(&DELIVERIES, node.figures.deliveries.clone());
    synchronizer(page, node);
}

fn members(page: &mut MetricsPage, node: &Node) {
    let (survey, totals) = (node.survey_members(), node.members.totals());
    page.by(&MEMBERS, MemberState::ALL.map(|state| (state.as_str(), survey.count(state))));
    page.write(&MEMBERS_REFUSED, survey.refused.len());
    let troubles = node.joining.troubles.recent();
    page.by(
        &JOIN_TROUBLES,
        JoinTrouble::KINDS.map(|kind| (kind, troubles.iter().filter(|noted| noted.trouble.kind() == kind).count())),
    );
    page.write(&MEMBERS_LAG, survey.longest_lag.as_secs_f64());
    page.by(&DELIVERED, [("pull", totals.pulled), ("push", totals.pushed)]);
    page.write(&DELIVERED_COMPRESSED, totals.compressed);
    page.write(&DELIVERED_BYTES, totals.bytes);
    page.write(&DELIVERIES_FAILED, totals.failed);
}

fn database(page: &mut MetricsPage, node: &Node) {
    let (attached, silent) = (node.ledger.is_attached(), node.ledger.silence().is_some());
    page.write(&ATTACHED, attached);
    page.write(&UP, attached && !silent);
    page.write(&TAKES, attached && !silent && node.ledger.takes_changes());
    if let Some((open, idle)) = node.databases.get(LEDGER_DBMS).and_then(|database| database.connections()) {
        page.by(&POOL, [("idle", idle), ("busy", open.saturating_sub(idle))]);
    }
}

fn changes(page: &mut MetricsPage, node: &Node) {
    let (waiting, most) = node.ledger.waiting();
    page.write(&WAITING, waiting);
    page.write(&WAITING_MAX, most);
    let figures = node.ledger.figures();
    page.kept(&CHANGES, figures.changes.clone());
    page.kept(&CHANGE_SECONDS, figures.change_seconds.clone());
    page.kept(&COMMIT_SECONDS, figures.commit_seconds.clone());
    page.kept(&COMMIT_CHANGES, figures.commit_changes.clone());
}

fn policies(page: &mut MetricsPage, node: &Node) {
    let view = node.ledger.view();
    let mut others = 0_usize;
    let mut rows = Vec::new();
    for (at, kind) in view.types().enumerate() {
        let count = view.count_of(kind);
        if at < TYPES {
            rows.push((vec![("type", kind.to_string())], Value::from(count)));
        } else {
            others += count;
        }
    }
    if others > 0 {
        rows.push((vec![("type", "others".to_owned())], Value::from(others)));
    }
    page.rows(&POLICIES, rows);
    page.write(&FAULTY, view.faulty().len());
    page.write(&PENDING, node.ledger.held_changes().len());
    page.write(&HELD, node.held_deliveries().is_some());
    page.write(&BYTES, view.bytes());
    page.write(&QUOTA, node.ledger.quota());
    page.write(&GENERATION, view.generation());
}

fn synchronizer(page: &mut MetricsPage, node: &Node) {
    let Some(status) = node.services.synchronizer.status() else { return };
    page.by(&ROUNDS, [("ok", status.ok), ("error", status.errors)]);
    page.write(&COPIES, status.loads);
    page.write(&SYNC_AGE, status.since_success.unwrap_or(status.since_start).as_secs_f64());
    if let Some(age) = status.since_success {
        let now = clock::now().as_duration().as_secs_f64();
        page.write(&LAST_SYNC, now - age.as_secs_f64());
    }
}
