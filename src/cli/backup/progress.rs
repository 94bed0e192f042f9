//! Shows on a terminal that something goes on.

use crate::backup::Progress;
use std::{
    future::Future,
    io::{self, IsTerminal, Write as _},
    time::{Duration, Instant},
};

/// Time between two pictures.
const PICTURE: Duration = Duration::from_millis(200);

/// Does something that may take a while; a terminal behind the standard error sees how long and how many rows.
pub async fn shown<T>(what: &str, progress: &Progress, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let started = Instant::now();
    let mut work = std::pin::pin!(work);
    let mut pictures = tokio::time::interval(PICTURE);
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            _ = pictures.tick() => {
                let rows = match progress.rows() {
                    0 => String::new(),
                    rows => format!(", {rows} rows"),
                };
                draw(&format!("{what}: {} s{rows}", started.elapsed().as_secs()));
            }
        }
    };
    draw("");
    done
}

fn draw(text: &str) {
    // A terminal that is gone sees nothing.
    let _ = write!(io::stderr(), "\r\x1b[K{text}");
    let _ = io::stderr().flush();
}
