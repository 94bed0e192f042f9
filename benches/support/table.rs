//! The rows of the one table that the benchmarks print together (`scripts/bench`).

use std::fmt::Display;

/// Prints the head of the table.
pub fn head() {
    row("measured", "value", ["p50 ms", "p99 ms", "max ms"], "goal");
}

/// Prints what was measured, its value, the times of single operations as far as there are some, and the goal.
pub fn row(what: &str, value: impl Display, [p50, p99, max]: [&str; 3], goal: &str) {
    println!("{what:<56} {value:>10} {p50:>8} {p99:>8} {max:>8}  {goal}");
}
