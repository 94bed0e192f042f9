//! Hours at four fifths of what the node bears, while members join and leave: whether memory, descriptors, threads and times stay
//! flat, and whether anything that was acknowledged is missing. `scripts/soak` runs it.

mod count;
mod files;
mod kind;
pub mod ledger_files;
mod members;
mod options;
mod picture;
mod process;
mod road;
mod sample;
mod tenths;
mod times;
mod verdict;
mod window;
mod worker;

use crate::{
    load::Pace,
    machine,
    node::{Door, Node},
    report::{self, Report, short},
};
use count::Counted;
use members::Crowd;
use options::Options;
use sample::Sampler;
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use times::Times;
use verdict::Judged;
use worker::Worker;

/// Time of the closed loop that tells how much the node bears.
const MEASURED: Duration = Duration::from_secs(30);
/// The part of it that the open loop asks for.
const BORNE: f64 = 0.8;
/// Workers, a third at each door.
const WORKERS: u64 = 48;

/// Runs it and returns the exit code.
pub async fn run(arguments: &[String]) -> i32 {
    let options = match Options::read(arguments) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return 64;
        }
    };
    let is_kept = options.is_for_the_documents() && (options.is_anyway || machine::is_quiet());
    let head = machine::head(&options.command(), &[]);
    let node = Arc::new(Node::start(options.store));
    let (times, crowd) = (Arc::new(Times::default()), Crowd::start(&node));
    eprintln!("each of {WORKERS} workers adds {} policies", window::POLICIES);
    let workers = fill(&node, &options, &times).await;
    eprintln!("closed loop of {} seconds", MEASURED.as_secs());
    times.take();
    let workers = work(workers, Pace::Closed, MEASURED).await;
    let sustained = times.take().requests() as f64 / MEASURED.as_secs_f64();
    let rate = sustained * BORNE;
    eprintln!("{sustained:.0} requests a second are borne; {} minutes at {rate:.0} a second", options.minutes);
    crowd.begin();
    let working = tokio::spawn(work(workers, Pace::open(rate), options.span()));
    let Some((samples, tenths)) = Sampler::new(&node, &times, &crowd, options.span()).run().await else {
        eprintln!("the node is gone");
        return 1;
    };
    let workers = working.await.unwrap();
    let attendance = crowd.end();
    let counted = Counted::of(&node, workers).await;
    let judged = verdict::judge(&samples, &tenths, &counted, &attendance);
    let mut report = Report::default();
    write(&mut report, &options, (sustained, rate), &judged);
    report.note(&attendance.shown);
    report.note(&counted.shown());
    let picture = picture::draw(&options.title(rate), &samples, options.span());
    tell(&options, is_kept, &report.body(&head), &picture);
    i32::from(!judged.is_flat())
}

/// Connects the workers and has each fill its window through its own door.
async fn fill(node: &Node, options: &Options, times: &Arc<Times>) -> Vec<Worker> {
    let mut filling = Vec::new();
    for (lane, door) in (0..WORKERS).zip(Door::ALL.into_iter().cycle()) {
        let worker = Worker::connect(node, lane, door, options.ids, Arc::clone(times)).await;
        filling.push(tokio::spawn(worker.fill()));
    }
    all(filling).await
}

/// Has all workers work at a pace.
async fn work(workers: Vec<Worker>, pace: Pace, span: Duration) -> Vec<Worker> {
    let (pace, start) = (Arc::new(pace), Instant::now());
    pace.begin(start, span, workers.len());
    let working = workers.into_iter().map(|worker| tokio::spawn(worker.work(Arc::clone(&pace), start, span)));
    all(working.collect()).await
}

async fn all(tasks: Vec<tokio::task::JoinHandle<Worker>>) -> Vec<Worker> {
    let mut workers = Vec::with_capacity(tasks.len());
    for task in tasks {
        workers.push(task.await.unwrap());
    }
    workers
}

/// Writes what was done, how it was judged, and what is not flat.
fn write(report: &mut Report, options: &Options, (sustained, rate): (f64, f64), judged: &Judged) {
    report.section(&options.title(rate));
    report.note(&format!(
        "The closed loop of {} seconds bore {} requests a second; {} of it were asked for. {} of 10 requests are look-ups, one is a \
         replacement, and one an insert or a drop in turn. {}",
        MEASURED.as_secs(),
        short(sustained),
        BORNE,
        worker::LOOK_UPS,
        options.ids.shown()
    ));
    report.table(&verdict::COLUMNS, &judged.rows());
    report.note(&judged.shown());
}

/// Prints the report, and keeps it with its picture in the documents when it is for them, or where it was told to.
fn tell(options: &Options, is_kept: bool, report: &str, picture: &str) {
    println!("{report}");
    let name = options.name();
    if is_kept {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures");
        fs::write(format!("{path}/{name}.svg"), picture).unwrap();
        let shown = format!("\n![{}](../pictures/{name}.svg)\n{report}", picture::ALT);
        report::keep(&name, "Soak", &shown);
    }
    if let Some(path) = &options.picture {
        fs::write(path, picture).unwrap();
    }
}
