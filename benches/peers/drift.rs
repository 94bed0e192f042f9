//! Ten minutes in which the ledger grows to 200,000 policies: whether the last minute is as fast as the first.

use crate::{
    contest::Count,
    load::{self, histogram},
    node::{Door, Ours, Store},
    report::{Report, short},
};
use std::time::{Duration, Instant};

/// Minutes.
const MINUTES: usize = 10;
/// Policies that each of them brings.
const EACH: usize = 20_000;
const CLIENTS: usize = 64;
/// One piece of a minute's work.
const PIECE: Duration = Duration::from_millis(250);

/// Measures both stores; a short run leaves out the rest of each minute.
pub async fn run(report: &mut Report, is_quick: bool) {
    for store in [Store::Sqlite, Store::Postgres] {
        report.section(&format!("Drift over {MINUTES} minutes to {} policies, {}", MINUTES * EACH, store.name()));
        let (peer, mut acknowledged, mut rates, mut rows) =
            (Ours::start(store, Door::Rest), Vec::new(), Vec::new(), Vec::new());
        for minute in 1..=MINUTES {
            let (begin, mut busy, mut written, mut times) = (Instant::now(), Duration::ZERO, 0, histogram());
            while written < EACH {
                let started = Instant::now();
                let round = load::closed(&peer, CLIENTS, PIECE).await;
                busy += started.elapsed();
                assert!(round.failures.is_empty(), "{:?}", round.failures);
                written += round.acknowledged.len();
                times.add(round.times).unwrap();
                acknowledged.extend(round.acknowledged);
            }
            let rate = written as f64 / busy.as_secs_f64();
            let ms = |micros: u64| short(micros as f64 / 1000.0);
            rows.push(vec![
                minute.to_string(),
                acknowledged.len().to_string(),
                short(rate),
                ms(times.value_at_quantile(0.99)),
                ms(times.max()),
            ]);
            rates.push(rate);
            if !is_quick {
                tokio::time::sleep(Duration::from_secs(60).saturating_sub(begin.elapsed())).await;
            }
        }
        report.table(&["minute", "policies", "per second", "p99 ms", "longest ms"], &rows);
        let kept = rates[MINUTES - 1] / rates[0];
        report.at_least(&format!("last minute × first, {}", store.name()), kept, 0.95, "");
        let count = Count::of(&peer, &acknowledged).await;
        assert_eq!(count.lost, 0, "policies were lost that had been acknowledged");
    }
}
