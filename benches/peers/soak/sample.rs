//! Looks at the node every ten seconds, while everybody else works.

use super::{
    files,
    kind::Work,
    members::Crowd,
    process,
    tenths::Tenths,
    times::{Taken, Times, quantile},
};
use crate::node::Node;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(10);
/// Least looks of a run.
const LOOKS: u32 = 60;
/// How often the console is told how it goes.
const TOLD: u32 = 20;
/// Lines of the node's log that are told.
const WARNINGS: usize = 20;

/// The times of a while, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantiles {
    /// The one in the middle.
    pub p50: f64,
    /// That within which 99 of 100 were.
    pub p99: f64,
    /// The longest.
    pub longest: f64,
}

/// What one look saw.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Seconds since the begin.
    pub at: f64,
    /// What the node takes.
    pub node: process::Taken,
    /// What the load generator takes.
    pub own: process::Taken,
    /// Megabytes of the database's files.
    pub files: f64,
    /// Members that are there.
    pub members: f64,
    /// Requests answered in a second.
    pub rate: f64,
    /// The times of each work, through all doors.
    pub works: [Quantiles; Work::ALL.len()],
}

impl Sample {
    /// Says on the console how it goes.
    fn tell(&self, failures: u64) {
        let Self { at, node: process::Taken { memory, descriptors, threads }, rate, .. } = self;
        eprintln!(
            "{at:.0} s: {memory:.0} MB, {descriptors} descriptors, {threads} threads, {rate:.0} requests a second, {failures} failures"
        );
    }
}

/// What is looked at.
pub struct Sampler {
    node: Arc<Node>,
    place: PathBuf,
    present: Arc<AtomicUsize>,
    times: Arc<Times>,
    span: Duration,
    warnings: usize,
}

impl Sampler {
    /// Returns what looks at a node for a while.
    pub fn new(node: &Arc<Node>, times: &Arc<Times>, crowd: &Crowd, span: Duration) -> Self {
        let (place, present) = (files::place(node), crowd.present());
        Self { node: Arc::clone(node), place, present, times: Arc::clone(times), span, warnings: 0 }
    }

    /// Looks until the time is over; nothing when the node goes away before.
    pub async fn run(mut self) -> Option<(Vec<Sample>, Tenths)> {
        let pause = LOOK.min(self.span / LOOKS);
        let looks = (self.span.as_secs_f64() / pause.as_secs_f64()).round() as u32;
        let (mut samples, mut tenths) = (Vec::with_capacity(looks as usize), Tenths::default());
        self.times.take();
        let begin = Instant::now();
        for look in 0..looks {
            tokio::time::sleep_until((begin + pause * (look + 1)).into()).await;
            let taken = self.times.take();
            tenths.add(look * 10 / looks, &taken);
            self.read_log();
            let sample = self.sample(begin, &taken)?;
            if (look + 1) % (looks / TOLD).max(1) == 0 {
                sample.tell(taken.failures);
            }
            samples.push(sample);
        }
        Some((samples, tenths))
    }

    /// Reads what the node says, so that it does not pile up here, and tells the first lines.
    fn read_log(&mut self) {
        for event in self.node.log() {
            if self.warnings < WARNINGS {
                eprintln!("the node says {event}");
            }
            self.warnings += 1;
        }
    }

    fn sample(&self, begin: Instant, taken: &Taken) -> Option<Sample> {
        let quantiles = |work| {
            let times = taken.of(work);
            Quantiles { p50: quantile(&times, 0.5), p99: quantile(&times, 0.99), longest: quantile(&times, 1.0) }
        };
        Some(Sample {
            at: begin.elapsed().as_secs_f64(),
            node: process::Taken::of(self.node.process())?,
            own: process::Taken::of(std::process::id())?,
            files: files::size(&self.place, self.node.server().is_some()),
            members: self.present.load(Ordering::Relaxed) as f64,
            rate: taken.requests() as f64 / taken.since.elapsed().as_secs_f64(),
            works: Work::ALL.map(quantiles),
        })
    }
}
