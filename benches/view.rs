//! Look-ups, exports and changes of the view, at 100 and at 50,000 policies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a benchmark that meets the unexpected fails"
)]

#[path = "support/rows.rs"]
mod rows;
#[path = "../tests/support/silent.rs"]
mod silent;

use anylog_master::{
    boot, command,
    config::Config,
    ledger::Author,
    node::{Origin, Output, Session},
    policy::Known,
    reply::Reply,
    runtime::shutdown::Shutdown,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use silent::Silent;
use std::{hint::black_box, sync::Arc};

fn look_ups(criterion: &mut Criterion) {
    let runtime = rows::runtime();
    let mut group = criterion.benchmark_group("look-up");
    for count in [100, 50_000] {
        let (ledger, shutdown) = runtime.block_on(rows::ledger(count));
        let view = ledger.view();
        let (id, name) = (format!("id{}", count / 2), format!("device {}", count / 2));
        group.bench_function(BenchmarkId::new("by id", count), |b| b.iter(|| black_box(Known::by_id(&*view, &id))));
        group.bench_function(BenchmarkId::new("by type and name", count), |b| {
            b.iter(|| Known::named(&*view, "device", black_box(&name)).count());
        });
        shutdown.begin();
    }
}

/// Whole commands, from the text to the policies found.
fn commands(criterion: &mut Criterion) {
    let runtime = rows::runtime();
    let mut group = criterion.benchmark_group("blockchain get device where");
    for count in [100, 50_000] {
        let output: Arc<dyn Output> = Arc::new(Silent);
        let entered = runtime.enter();
        let node = boot::node(Config::default(), Arc::clone(&output), Shutdown::new()).unwrap();
        drop(entered);
        runtime.block_on(node.ledger.attach(rows::store(count))).unwrap();
        let session = Session::local(Origin::Prompt, output, "bench");
        let conditions =
            [("name", format!("name = \"device {}\"", count / 2)), ("id", format!("id = id{}", count / 2))];
        for (what, condition) in conditions {
            let text = format!("blockchain get device where {condition}");
            let get = || runtime.block_on(command::run(&node, &mut session.clone(), black_box(&text))).unwrap();
            assert!(matches!(get(), Reply::Policies(found) if found.len() == 1), "{text}");
            group.bench_function(BenchmarkId::new(what, count), |b| b.iter(get));
        }
        node.shutdown.begin();
    }
}

fn changes(criterion: &mut Criterion) {
    let runtime = rows::runtime();
    let mut group = criterion.benchmark_group("insert without a disk");
    for count in [100, 50_000] {
        let (ledger, shutdown) = runtime.block_on(rows::ledger(count));
        let mut next = count;
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter(|| {
                next += 1;
                runtime.block_on(ledger.write(rows::insert(next), Author::new("bench"))).unwrap()
            });
        });
        shutdown.begin();
    }
}

criterion_group!(benches, look_ups, commands, changes);
criterion_main!(benches);
