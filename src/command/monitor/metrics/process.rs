//! Figures of the process, under the names that every exporter gives them, and of the runtime inside it.

use super::figure::{Figure, MetricsPage};
use procfs::{CurrentSI, KernelStats, process::Process};
use rustix::process::{Resource, getrlimit};
use tokio::runtime::Handle;

const CPU: Figure = Figure::counter("process_cpu_seconds", &[], "Time of processors that the program took");
const RESIDENT: Figure = Figure::gauge("process_resident_memory_bytes", &[], "Memory that the program has");
const VIRTUAL: Figure = Figure::gauge("process_virtual_memory_bytes", &[], "Addresses that the program has");
const OPEN: Figure = Figure::gauge("process_open_fds", &[], "Files and connections that are open");
const MOST: Figure = Figure::gauge("process_max_fds", &[], "Files and connections that may be open");
const START: Figure = Figure::gauge("process_start_time_seconds", &[], "When the program was started");
const THREADS: Figure = Figure::gauge("process_threads", &[], "Threads of the program");
const WORKERS: Figure =
    Figure::gauge("anylog_master_runtime_workers", &[], "Threads of the runtime that serve connections");
const TASKS: Figure =
    Figure::gauge("anylog_master_runtime_tasks", &[], "Tasks of the runtime, those that wait included");
const QUEUE: Figure = Figure::gauge(
    "anylog_master_runtime_queue",
    &[],
    "Tasks that wait for any thread of the runtime: work that nobody takes",
);
const BUSY: Figure =
    Figure::counter("anylog_master_runtime_busy_seconds", &[], "Time that the threads of the runtime worked");

/// The figures of this file.
pub const FIGURES: &[&Figure] =
    &[&CPU, &RESIDENT, &VIRTUAL, &OPEN, &MOST, &START, &THREADS, &WORKERS, &TASKS, &QUEUE, &BUSY];

/// What the system tells of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ProcessFigures {
    /// Seconds of processors that it took.
    pub cpu_seconds: f64,
    /// Bytes of memory that it has.
    pub resident: u64,
    /// Bytes of addresses that it has.
    pub virtual_bytes: u64,
    /// Its threads.
    pub threads: u64,
    /// Files and connections that are open, where the system tells it.
    pub open_files: Option<usize>,
    /// When it was started, in seconds since 1970, where the system tells it.
    pub started: Option<f64>,
}

impl ProcessFigures {
    /// Asks the system.
    pub fn read() -> Option<Self> {
        let process = Process::myself().ok()?;
        let stat = process.stat().ok()?;
        let kernel = KernelStats::current().ok();
        let started = |kernel: KernelStats| {
            seconds(stat.starttime) + seconds(kernel.btime.saturating_mul(procfs::ticks_per_second()))
        };
        Some(Self {
            cpu_seconds: seconds(stat.utime.saturating_add(stat.stime)),
            resident: stat.rss.saturating_mul(procfs::page_size()),
            virtual_bytes: stat.vsize,
            threads: u64::try_from(stat.num_threads).unwrap_or_default(),
            open_files: process.fd_count().ok(),
            started: kernel.map(started),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks of a clock: a double counts them exactly for millions of years")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / procfs::ticks_per_second() as f64
}

/// Writes them, as far as the system tells them.
pub fn write(page: &mut MetricsPage) {
    if let Some(figures) = ProcessFigures::read() {
        of_the_system(page, figures);
    }
    page.write(&MOST, getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX));
    let runtime = Handle::current().metrics();
    let workers = runtime.num_workers();
    page.write(&WORKERS, workers);
    page.write(&TASKS, runtime.num_alive_tasks());
    page.write(&QUEUE, runtime.global_queue_depth());
    let busy: f64 = (0..workers).map(|worker| runtime.worker_total_busy_duration(worker).as_secs_f64()).sum();
    page.write(&BUSY, busy);
}

fn of_the_system(page: &mut MetricsPage, figures: ProcessFigures) {
    let ProcessFigures { cpu_seconds, resident, virtual_bytes, threads, open_files, started } = figures;
    if let Some(open) = open_files {
        page.write(&OPEN, open);
    }
    page.write(&CPU, cpu_seconds);
    page.write(&RESIDENT, resident);
    page.write(&VIRTUAL, virtual_bytes);
    page.write(&THREADS, threads);
    if let Some(started) = started {
        page.write(&START, started);
    }
}
