//! The life of the node's process, from the configuration to the last flush.

use super::{Failure, external_ip, home, node, plan, runner::Runner, signals, stop};
use crate::{
    command::{self, Node, Origin, Session},
    config::Config,
    prompt::Prompt,
    runtime::shutdown::Shutdown,
};
use std::{sync::Arc, time::Instant};

/// What starts scheduler 0.
const SYSTEM_SCHEDULER: [&str; 2] = [
    "schedule time = 1 minute and scheduler = 0 and name = \"Metadata Ping\" task set servers ping",
    "run scheduler 0",
];

/// What a start is given.
pub struct Start {
    /// Effective configuration.
    pub config: Config,
    /// Commands that replace the built-in plan.
    pub commands: Vec<String>,
    /// When the process began.
    pub started: Instant,
    /// What SIGHUP does.
    pub reload: Box<dyn Fn() + Send + Sync>,
}

/// Starts the node and stays until a signal or `exit node` ends it.
///
/// # Errors
/// Why the boot stopped.
pub async fn run(start: Start) -> Result<(), Failure> {
    let Start { config, commands, started, reload } = start;
    let shutdown = Shutdown::new();
    let prompt = Prompt::open(&shutdown);
    let commands = if commands.is_empty() { script(&config) } else { commands };
    if commands.is_empty() {
        home::prepare(&config.paths.anylog_path)?;
    }
    let limit = config.startup.shutdown_timeout;
    let node = node(config, prompt.console(), shutdown.clone())?;
    signals::watch(&node, reload).map_err(|error| Failure::System { what: "signals", error })?;
    schedule_ping(&node, &prompt).await;
    prompt.greet(&node).await;
    let token = shutdown.token();
    let booted = tokio::select! {
        result = boot(&node, &prompt, &commands) => result,
        () = token.cancelled() => Err(Failure::Stopped),
    };
    if booted.is_ok() {
        ready(&node, started);
        prompt.listen(&node).map_err(|error| Failure::System { what: "reader of the prompt", error })?;
        token.cancelled().await;
    }
    stop::stop(&node, limit).await;
    match booted {
        Err(Failure::Stopped) => Ok(()),
        result => result,
    }
}

/// Returns the command that runs `BOOT_SCRIPT`, if it is set.
fn script(config: &Config) -> Vec<String> {
    let script = config.startup.boot_script.as_ref();
    script.map(|path| format!("process {}", path.display())).into_iter().collect()
}

/// Runs scheduler 0 with its one task, as every node does.
async fn schedule_ping(node: &Arc<Node>, prompt: &Prompt) {
    let mut session = Session::local(Origin::Boot, prompt.console(), "MainThread");
    for text in SYSTEM_SCHEDULER {
        if let Err(error) = command::run(node, &mut session, text).await {
            tracing::warn!(command = text, "scheduler 0: {error}");
        }
    }
}

/// Runs the commands, or the plan when there are none.
async fn boot(node: &Arc<Node>, prompt: &Prompt, commands: &[String]) -> Result<(), Failure> {
    if commands.is_empty() {
        let session = Session::local(Origin::Boot, prompt.console(), "MainThread");
        plan::run(&mut Runner::new(Arc::clone(node), session)).await?;
        external_ip::look_up(node);
        return Ok(());
    }
    let started = Instant::now();
    node.boot.begin("script");
    let result = prompt.arguments(node, commands).await;
    let outcome = result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    for text in commands {
        node.boot.command(text, outcome.clone(), started);
    }
    node.boot.end(outcome.clone(), started);
    tracing::info!(step = "script", outcome, ms = started.elapsed().as_millis(), "boot step");
    node.readiness.boot_finished();
    Ok(())
}

/// Says that the node is there, and what a member needs to join.
fn ready(node: &Arc<Node>, started: Instant) {
    let missing = node.unready();
    let ms = started.elapsed().as_millis();
    let tcp = node.services.peers.status().map(|server| server.bound.to_string());
    let rest = node.services.rest.status().map(|server| server.bound.to_string());
    if missing.is_empty() {
        let join = node.dictionary.get("ledger_conn").unwrap_or_default();
        tracing::info!(ms, tcp, rest, join = format!("LEDGER_CONN={join}"), "ready");
    } else {
        tracing::warn!(ms, tcp, rest, missing = missing.join(", "), "boot finished, the node is not ready");
    }
}
