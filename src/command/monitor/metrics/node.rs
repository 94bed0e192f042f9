//! Figures of the node as a whole: what it is, whether it works, what its doors do.

use super::figure::{Figure, MetricsPage, Value};
use crate::{
    node::{Node, health::CheckStatus},
    runtime::clock,
    telemetry,
};

const BUILD: Figure = Figure::gauge(
    "anylog_master_build_info",
    &["version", "revision"],
    "Version of the program and revision of its sources, always 1",
);
const READY: Figure = Figure::gauge("anylog_master_ready", &[], "1 while the node may be given work");
const CHECKS: Figure = Figure::gauge(
    "anylog_master_check_passes",
    &["check"],
    "1 while a check of /health passes, 0 while it is degraded or fails",
);
const BOOT: Figure = Figure::gauge("anylog_master_boot_step_seconds", &["step"], "Time that a step of the boot took");
const CONNECTIONS: Figure = Figure::gauge("anylog_master_connections", &["server"], "Connections open now");
const MESSAGES: Figure =
    Figure::counter("anylog_master_messages", &["server"], "Messages and requests since the server was started");
const COMMANDS: Figure = Figure::histogram(
    "anylog_master_command_seconds",
    &["command", "door", "status"],
    "Time that commands took, by kind, by where they came from and by how they ended; REST replies that are kept run none",
);
const REQUESTS: Figure = Figure::histogram(
    "anylog_master_rest_request_seconds",
    &["route", "method", "status"],
    "Time from the header of a REST request to its reply",
);
const CALLS: Figure = Figure::counter(
    "anylog_master_rest_calls",
    &["caller", "method"],
    "REST calls by kind of caller, failed ones included",
);
const ERRORS: Figure = Figure::counter("anylog_master_rest_errors", &["caller", "method"], "REST calls that failed");
const AUTH: Figure = Figure::counter(
    "anylog_master_auth_failures",
    &["door", "reason"],
    "Callers that were turned away: without a proof or with a wrong one, too many wrong ones, or without the rights",
);
const CERTIFICATE: Figure = Figure::gauge(
    "anylog_master_certificate_expiry_timestamp_seconds",
    &[],
    "When the certificate of the REST server ends; only with TLS",
);
const LOG: Figure = Figure::counter("anylog_master_log_lines", &["level"], "Lines of the log by level");
const DISK_FREE: Figure =
    Figure::gauge("anylog_master_disk_free_bytes", &[], "Free bytes of the disk that holds the directory of the node");
const DISK_SIZE: Figure =
    Figure::gauge("anylog_master_disk_size_bytes", &[], "Bytes of the disk that holds the directory of the node");
const TIME: Figure = Figure::gauge("anylog_master_time_seconds", &[], "The clock of the node, as seconds since 1970");

/// The revision of the sources, where the build was told it: the image's is.
const REVISION: &str = match option_env!("ANYLOG_MASTER_REVISION") {
    Some(revision) if !revision.is_empty() => revision,
    _ => "unknown",
};

/// The figures of this file.
pub const FIGURES: &[&Figure] = &[
    &BUILD,
    &READY,
    &CHECKS,
    &BOOT,
    &CONNECTIONS,
    &MESSAGES,
    &COMMANDS,
    &REQUESTS,
    &CALLS,
    &ERRORS,
    &AUTH,
    &CERTIFICATE,
    &LOG,
    &DISK_FREE,
    &DISK_SIZE,
    &TIME,
];

/// Writes them.
pub fn write(page: &mut MetricsPage, node: &Node) {
    let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("revision", REVISION.to_owned())];
    page.rows(&BUILD, vec![(build, Value::Whole(1))]);
    let report = node.health_report();
    page.write(&READY, report.is_ready());
    page.by(&CHECKS, report.checks.iter().map(|check| (check.name.as_str(), check.status == CheckStatus::Pass)));
    let steps = node.boot.steps();
    page.by(&BOOT, steps.iter().map(|step| (step.name, step.time.as_secs_f64())));
    let servers = [("tcp", node.services.peers.status()), ("rest", node.services.rest.status())];
    let counted =
        servers.map(|(name, status)| (name, status.map_or((0, 0), |status| (status.connections, status.calls))));
    page.by(&CONNECTIONS, counted.map(|(name, (connections, _))| (name, connections)));
    page.by(&MESSAGES, counted.map(|(name, (_, calls))| (name, calls)));
    page.kept(&COMMANDS, node.figures.commands.clone());
    page.kept(&REQUESTS, node.figures.requests.clone());
    calls(page, node);
    page.kept(&AUTH, node.figures.auth_failures.clone());
    if let Some(until) = node.services.rest.certificate_until() {
        page.write(&CERTIFICATE, u64::try_from(until.as_second()).unwrap_or_default());
    }
    page.by(&LOG, telemetry::log_lines());
    if let Some(space) = node.health.space() {
        page.write(&DISK_FREE, space.free);
        page.write(&DISK_SIZE, space.total);
    }
    page.write(&TIME, u64::try_from(clock::now().as_second()).unwrap_or_default());
}

fn calls(page: &mut MetricsPage, node: &Node) {
    let rows = node.calls.rows();
    let row = |count: fn(&crate::node::Calls) -> u64| {
        rows.iter()
            .map(|row| {
                let labels = vec![("caller", row.caller.clone()), ("method", row.method.clone())];
                (labels, Value::Whole(count(row)))
            })
            .collect::<Vec<_>>()
    };
    page.rows(&CALLS, row(|calls| calls.processed));
    page.rows(&ERRORS, row(|calls| calls.errors));
}
