//! The recorded commands of the prompt and of scripts, run inside this process (tests/vectors/commands).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

mod case;
mod node;
mod runner;

use runner::run;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn assign() {
    run("assign").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn bring() {
    run("bring").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn cli() {
    run("cli").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn config() {
    run("config").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn control() {
    run("control").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn dbms() {
    run("dbms").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn expressions() {
    run("expressions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn get() {
    run("get").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn help() {
    run("help").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn conditions() {
    run("if").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn json() {
    run("json").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn ledger() {
    run("ledger").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn policy() {
    run("policy").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn refs() {
    run("refs").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn sched() {
    run("sched").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn seed() {
    run("seed").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn servers() {
    run("servers").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn set() {
    run("set").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn setpolicy() {
    run("setpolicy").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not all of its commands are there yet"]
async fn tokens() {
    run("tokens").await;
}
