//! Figures of the backups that the node writes by itself; there only with a schedule.

use super::figure::{Figure, MetricsPage};
use crate::node::Node;

const LAST: Figure = Figure::gauge(
    "anylog_master_backup_last_success_timestamp_seconds",
    &[],
    "Time of the newest backup of the schedule, also of an earlier start, in seconds since 1970",
);
const UP: Figure = Figure::gauge("anylog_master_backup_up", &[], "1 when the last backup of the schedule was written");
const BACKUPS: Figure =
    Figure::counter("anylog_master_backups", &["outcome"], "Backups of the schedule: written, failed");

/// The figures of this file.
pub const FIGURES: &[&Figure] = &[&LAST, &UP, &BACKUPS];

/// Writes them.
pub fn write(page: &mut MetricsPage, node: &Node) {
    let Some(status) = node.services.backups.status() else { return };
    if let Some(last) = status.last {
        page.write(&LAST, last.as_second().unsigned_abs());
    }
    page.write(&UP, status.trouble.is_none());
    page.by(&BACKUPS, [("written", status.written), ("failed", status.failed)]);
}
