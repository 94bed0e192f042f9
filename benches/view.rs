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

use anylog_master::{ledger::Author, policy::Known};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

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

criterion_group!(benches, look_ups, changes);
criterion_main!(benches);
