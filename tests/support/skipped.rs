//! What this machine does not let a test do. For the harness a test that returns has passed, so what is left out is written down.

use std::{env, fmt::Display, fs::OpenOptions, io::Write as _};

/// Names the test in whose name another process of the tests leaves something out.
pub const IN_THE_NAME_OF: &str = "TEST_SKIPS_OF";

/// Says that the running test, or a part of it, is left out. The file that `TEST_SKIPS` names gets a line with the name of the test
/// and the reason, which `scripts/test` counts and shows.
///
/// # Panics
/// When `TESTS_COMPLETE` is set: nothing may be left out then.
pub fn skipped(why: impl Display) {
    let why = why.to_string();
    eprintln!("skipped: {why}");
    let is_refused = env::var_os("TESTS_COMPLETE").is_some_and(|value| !value.is_empty());
    assert!(!is_refused, "TESTS_COMPLETE is set, and this cannot be tested here: {why}");
    let Some(file) = env::var_os("TEST_SKIPS") else { return };
    let thread = std::thread::current();
    let name = env::var(IN_THE_NAME_OF).ok().or_else(|| thread.name().map(str::to_owned));
    let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!("{}\t{why}\n", name.unwrap_or_default());
    // Other tests write into it at the same time: one write to the end of the file is never torn.
    OpenOptions::new().create(true).append(true).open(file).unwrap().write_all(line.as_bytes()).unwrap();
}
