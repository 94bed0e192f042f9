//! The recorded commands of the prompt and of scripts, run inside this process (tests/vectors/commands).
//!
//! Needs no rights and takes seconds; `tests/replay` runs all groups against the built program, which needs root.

mod case;
mod history;
mod hostile;
mod modes;
mod node;
mod pools;
mod publishers;
mod runner;
mod scripts;
mod secrets;
mod surplus;
mod waits;
mod whole_ledger;

use runner::run;

#[tokio::test(flavor = "multi_thread")]
async fn assign() {
    run("assign").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions() {
    run("if").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control() {
    run("control").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions() {
    run("expressions").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn get() {
    run("get").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json() {
    run("json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger() {
    run("ledger").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policy() {
    run("policy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refs() {
    run("refs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn set() {
    run("set").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn setpolicy() {
    run("setpolicy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens() {
    run("tokens").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bring() {
    run("bring").await;
}
