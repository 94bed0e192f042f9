//! Single policies, written by 1, 8 and 64 clients on either store, beside etcd and the store alone.

use crate::{
    contest::{Count, Load, Measured, Plan, contest, crash},
    etcd::Etcd,
    load::Peer,
    node::{Door, Ours, Store},
    raw,
    reference::Reference,
    report::{COLUMNS, Report, clients as in_words, counted, row},
};

/// Clients of the contests.
const CLIENTS: [usize; 3] = [1, 8, 64];
/// The number at which times, fixed rates and crashes are looked at.
const MANY: usize = 64;
/// Most clients of a reference node: with more it stops answering.
const REFERENCE_CLIENTS: usize = 8;
/// The part of etcd's own rate that all have to bear in the open loop.
const BEARABLE: f64 = 0.5;

/// Measures everything on both stores.
pub async fn run(report: &mut Report, plan: Plan) {
    for store in [Store::Sqlite, Store::Postgres] {
        for clients in CLIENTS {
            on(report, plan, store, clients).await;
        }
    }
}

async fn on(report: &mut Report, plan: Plan, store: Store, clients: usize) {
    report.section(&format!("Durable inserts, {}, {}, closed loop", store.name(), in_words(clients)));
    let mut peers = start(store, clients).await;
    let mut all = contest(&peers, clients, Load::Closed, plan).await;
    let etcd = all.iter().find(|measured| measured.name.starts_with("etcd"));
    let raw = all.iter().find(|measured| measured.name.starts_with("raw"));
    let rows: Vec<_> = all.iter().map(|measured| row(measured, etcd)).collect();
    report.table(&COLUMNS, &rows);
    for measured in all.iter().filter(|measured| matches!(&*measured.name, "ours, REST" | "ours, /v1")) {
        let what = format!("{}, {}, {}", measured.name, store.name(), in_words(clients));
        if let Some(etcd) = etcd {
            report.at_least(&format!("{what}: × etcd"), measured.ratio(etcd).median, 2.0, "");
        }
        if clients == MANY {
            times(report, &what, measured, raw);
        }
    }
    if clients == MANY {
        let rate = etcd.or(raw).map_or(1000.0, |measured| measured.rate().median) * BEARABLE;
        let open = contest(&peers, clients, Load::Open(rate), plan).await;
        report.section(&format!("Durable inserts, {}, open loop of {rate:.0} a second", store.name()));
        report.table(&COLUMNS, &open.iter().map(|measured| row(measured, None)).collect::<Vec<_>>());
        for (all, open) in all.iter_mut().zip(open) {
            all.acknowledged.extend(open.acknowledged);
        }
    }
    count(report, plan, &mut peers, &mut all, clients).await;
}

/// Adds the goals of the longest times.
pub fn times(report: &mut Report, what: &str, measured: &Measured, raw: Option<&Measured>) {
    if let Some(raw) = raw {
        report.at_most(
            &format!("{what}: p99 × that of the raw store"),
            measured.within(99.0) / raw.within(99.0),
            3.0,
            "",
        );
    }
    report.at_most(&format!("{what}: longest stall"), measured.longest(), 50.0, " ms");
}

/// Counts what was acknowledged, and again after a kill.
async fn count(report: &mut Report, plan: Plan, peers: &mut [Box<dyn Peer>], all: &mut [Measured], clients: usize) {
    let mut rows = Vec::new();
    for (peer, measured) in peers.iter_mut().zip(all) {
        let before = Count::of(&**peer, &measured.acknowledged).await;
        let after = match clients {
            MANY => crash(&mut **peer, clients, plan, &mut measured.acknowledged).await,
            _ => None,
        };
        for count in [Some(before), after].into_iter().flatten().filter(|_| measured.name.starts_with("ours")) {
            assert_eq!(count.lost, 0, "{} lost policies that it had acknowledged", measured.name);
        }
        rows.push(vec![measured.name.clone(), before.shown(), counted(after.as_ref())]);
    }
    report.table(&["peer", "acknowledged and there", "after a crash in the middle of a round"], &rows);
}

async fn start(store: Store, clients: usize) -> Vec<Box<dyn Peer>> {
    let mut peers: Vec<Box<dyn Peer>> = Vec::new();
    for door in [Door::Rest, Door::Api, Door::Tcp] {
        peers.push(Box::new(Ours::start(store, door)));
    }
    if Etcd::version().is_some() {
        peers.push(Box::new(Etcd::start().await));
    }
    peers.push(raw::start(store).await);
    if let Some(reference) = Reference::named().filter(|_| clients <= REFERENCE_CLIENTS) {
        peers.push(Box::new(reference));
    }
    peers
}
