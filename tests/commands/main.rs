//! The recorded commands of the prompt and of scripts, run inside this process (tests/vectors/commands).

mod case;
mod node;
mod runner;

use runner::run;

#[tokio::test(flavor = "multi_thread")]
async fn get() {
    run("get").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn set() {
    run("set").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refs() {
    run("refs").await;
}
