//! `get metrics`: the figures of the node in the text that monitoring reads (OpenMetrics), also at `GET /metrics`.

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use std::{fs, sync::Arc};

/// Types of policies that are counted apart; those of further types are counted together as `others`.
const TYPES: usize = 64;

/// `get metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics;

/// Labels of one figure: names and values.
type Labels = Vec<(&'static str, String)>;

#[async_trait]
impl Command for Metrics {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let mut registry = Registry::default();
        let master = registry.sub_registry_with_prefix("master");
        state(master, node);
        ledger(master, node);
        calls(master, node);
        synchronizer(master, node);
        process(registry.sub_registry_with_prefix("process"));
        let mut text = String::new();
        text::encode(&mut text, &registry).map_err(|error| Error::with(Code::PROCESS_FAILURE, error.to_string()))?;
        Ok(Reply::Text(text))
    }
}

fn state(registry: &mut Registry, node: &Node) {
    let build = Family::<Labels, Gauge>::default();
    build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
    registry.register("build_info", "Version of the program", build);
    gauge(registry, "ready", "1 when the node may be given work", u64::from(node.unready().is_empty()));
    let servers = [("peer", node.services.peers.status()), ("rest", node.services.rest.status())];
    let (open, served) = (Family::<Labels, Gauge>::default(), Family::<Labels, Counter>::default());
    for (name, status) in servers {
        let labels = vec![("server", name.to_owned())];
        let (connections, calls) = status.map_or((0, 0), |status| (status.connections as u64, status.calls));
        set(&open.get_or_create(&labels), connections);
        served.get_or_create(&labels).inc_by(calls);
    }
    registry.register("connections", "Connections open now", open);
    registry.register("messages", "Messages and requests since the server started", served);
}

fn ledger(registry: &mut Registry, node: &Node) {
    let view = node.ledger.view();
    let policies = Family::<Labels, Gauge>::default();
    for (at, kind) in view.types().enumerate() {
        let name = if at < TYPES { kind.to_string() } else { "others".to_owned() };
        let count = i64::try_from(view.count_of(kind)).unwrap_or(i64::MAX);
        policies.get_or_create(&vec![("type", name)]).inc_by(count);
    }
    registry.register("policies", "Policies of the ledger by type", policies);
    let attached = u64::from(node.ledger.is_attached());
    gauge(registry, "ledger_attached", "1 when the database of the ledger is connected", attached);
    let takes = u64::from(node.ledger.takes_changes());
    gauge(registry, "ledger_takes_changes", "1 while the database of the ledger takes changes", takes);
    let faulty = view.faulty().len() as u64;
    gauge(registry, "policy_errors", "Rows of the ledger table with which something is wrong", faulty);
    let pending = node.ledger.held_changes().len() as u64;
    gauge(registry, "pending_changes", "Changes that wait for 'blockchain confirm changes'", pending);
    let held = u64::from(node.ledger.check_whole().is_err());
    gauge(registry, "export_held", "1 while deliveries wait for 'blockchain confirm export'", held);
    gauge(registry, "ledger_bytes", "Bytes of the texts of all policies", view.bytes());
    gauge(registry, "ledger_quota_bytes", "Bytes that the texts of all policies may have", node.ledger.quota());
    gauge(
        registry,
        "ledger_generation",
        "Number of the view of the ledger, higher after each change",
        view.generation(),
    );
}

fn calls(registry: &mut Registry, node: &Node) {
    let (all, failed) = (Family::<Labels, Counter>::default(), Family::<Labels, Counter>::default());
    for row in node.calls.rows() {
        let labels = vec![("caller", row.caller), ("method", row.method)];
        all.get_or_create(&labels).inc_by(row.processed);
        failed.get_or_create(&labels).inc_by(row.errors);
    }
    registry.register("rest_calls", "REST calls by kind of caller, failed ones included", all);
    registry.register("rest_errors", "REST calls that failed", failed);
}

fn synchronizer(registry: &mut Registry, node: &Node) {
    let Some(status) = node.services.synchronizer.status() else { return };
    let rounds = Family::<Labels, Counter>::default();
    for (outcome, count) in [("ok", status.ok), ("error", status.errors)] {
        rounds.get_or_create(&vec![("outcome", outcome.to_owned())]).inc_by(count);
    }
    registry.register("sync_rounds", "Rounds of the synchroniser", rounds);
    if let Some(seconds) = status.since_update {
        let age = Gauge::<i64>::default();
        set(&age, seconds);
        registry.register_with_unit("sync_age", "Time since the last change of the local copy", Unit::Seconds, age);
    }
}

/// Memory and open files, where the system tells them.
fn process(registry: &mut Registry) {
    if let Some(kilobytes) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident) {
        let memory = Gauge::<i64>::default();
        set(&memory, kilobytes.saturating_mul(1024));
        registry.register_with_unit("resident_memory", "Memory that the program has", Unit::Bytes, memory);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        gauge(registry, "open_fds", "Files and connections that are open", files.count() as u64);
    }
}

/// Finds the resident memory, in kilobytes.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let gauge = Gauge::<i64>::default();
    set(&gauge, value);
    registry.register(name, help, gauge);
}

fn set(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}

fn parse(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Metrics))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get metrics",
    parse,
    Help {
        usage: "get metrics",
        text: "Shows the figures of the node as monitoring reads them (OpenMetrics): readiness, connections, policies by type, REST calls, rounds of the synchroniser, memory. GET /metrics answers the same.",
        examples: &["get metrics"],
        index: &["node info"],
    },
)];

#[cfg(test)]
mod tests {
    use super::resident;

    #[test]
    fn reads_the_resident_memory() {
        assert_eq!(resident("VmPeak:\t  10 kB\nVmRSS:\t   15900 kB\nThreads:\t4\n"), Some(15_900));
        assert_eq!(resident("VmRSS:\n"), None);
    }
}
