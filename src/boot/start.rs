//! The life of the node's process, from the configuration to the last flush.

use crate::{
    boot::{
        BootFailure, addresses, decisions, early_end, external_ip, first_block, home, node, plan,
        runner::Runner,
        signals::{self, TakenSignals},
        stop,
    },
    command,
    config::{Config, ConsoleOutput},
    node::{Node, Origin, Session, events::Log, health, members},
    prompt::{InputEnd, Prompt},
    reply::Code,
    runtime::shutdown::Shutdown,
    telemetry,
};
use std::{sync::Arc, time::Instant};

/// Name of the step that runs commands instead of the plan.
const SCRIPT: &str = "script";

/// Errors of the error log that the log line of a node that is not ready repeats.
const ERRORS_SHOWN: usize = 16;

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
    pub reload: Box<dyn signals::ReloadHandler>,
}

/// Starts the node and stays until a signal or `exit node` ends it.
///
/// # Errors
/// Why the boot stopped.
pub async fn run(start: Start) -> Result<(), BootFailure> {
    let Start { config, commands, started, reload } = start;
    // Before anything that takes time: nobody else takes a signal that comes to PID 1.
    let mut signals = TakenSignals::new().map_err(|error| BootFailure::System { what: "signals", error })?;
    let shutdown = Shutdown::new();
    let prompt = Prompt::open(&shutdown, config.logging.console_output == ConsoleOutput::Always);
    shutdown.spawn(telemetry::sum_up(shutdown.token()));
    let plan = Plan::choose(&config, commands);
    if matches!(plan, Plan::Steps) {
        tokio::select! {
            checked = check_place(&config) => checked?,
            name = signals.stop() => {
                tracing::info!(signal = name, "stopping");
                return Ok(());
            }
        }
    }
    let limit = config.startup.shutdown_timeout;
    let cli = !config.startup.disable_cli;
    let node = node(config, prompt.console(), shutdown.clone())?;
    node.settings.change(|choices| choices.prompt = cli);
    signals::watch(&node, signals, reload);
    health::watch(&node, &shutdown);
    members::keep(&node, &shutdown);
    node.services.backups.start(&node);
    schedule_ping(&node, &prompt).await;
    prompt.greet(&node);
    let token = shutdown.token();
    let mut booted = tokio::select! {
        result = boot(&node, &prompt, &plan) => result,
        () = token.cancelled() => Err(BootFailure::Stopped),
    };
    // Commands that a signal cut short are done as well, and nobody is to be told that such a node is not ready.
    if booted.is_ok() && !token.is_cancelled() {
        ready(&node, started).await;
        let end = prompt.listen(&node).map_err(|error| BootFailure::System { what: "reader of the prompt", error })?;
        booted = tokio::select! {
            () = token.cancelled() => Ok(()),
            failure = abandoned(&node, &plan, end) => Err(failure),
        };
    }
    // What the stop itself ended is no failure of the boot.
    if token.is_cancelled() && booted.is_err() {
        booted = Err(BootFailure::Stopped);
    }
    stop::stop(&node, limit).await;
    match booted {
        Err(BootFailure::Stopped) => Ok(()),
        result => result,
    }
}

/// Sees that the node can be where it is to be: its directories can be used, and the machine has its addresses. Both may wait, for
/// a disk and for a name server.
async fn check_place(config: &Config) -> Result<(), BootFailure> {
    let at_home = config.clone();
    let prepared = tokio::task::spawn_blocking(move || home::prepare(&at_home)).await;
    prepared.unwrap_or_else(|error| Err(BootFailure::System { what: "directories", error: error.into() }))?;
    addresses::check(config).await
}

/// What the boot runs.
enum Plan {
    /// The built-in steps.
    Steps,
    /// `BOOT_SCRIPT`, which must do what the steps do.
    Script(String),
    /// Words behind the program's name, which may do anything.
    Words(Vec<String>),
}

impl Plan {
    /// Chooses: words, else the script, else the steps.
    fn choose(config: &Config, words: Vec<String>) -> Self {
        match &config.startup.boot_script {
            _ if !words.is_empty() => Self::Words(words),
            None => Self::Steps,
            Some(path) => Self::Script(format!("process {}", path.display())),
        }
    }
}

/// Waits until nobody can type any more; then a node that its program words left without a server, or a master without
/// its ledger, must not look alive.
async fn abandoned(node: &Arc<Node>, plan: &Plan, end: InputEnd) -> BootFailure {
    if end.await.is_ok() && matches!(plan, Plan::Words(_)) {
        let silent = node.services.peers.status().is_none() && node.services.rest.status().is_none();
        let later = !silent && is_master(node) && !node.ledger.is_attached();
        if silent || later {
            let errors = Some(errors(node).join("; ")).filter(|errors| !errors.is_empty());
            let errors = errors.unwrap_or_else(|| "no command failed, the console above tells why".to_owned());
            return BootFailure::Abandoned { missing: node.unready().join(", "), errors, later };
        }
    }
    std::future::pending().await
}

/// Tells whether the scripts made this node a master.
fn is_master(node: &Node) -> bool {
    let kind = node.dictionary.get("node_type").or_else(|| node.dictionary.environment("NODE_TYPE"));
    kind.is_some_and(|kind| kind.starts_with("master"))
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

/// Runs what was chosen.
async fn boot(node: &Arc<Node>, prompt: &Prompt, plan: &Plan) -> Result<(), BootFailure> {
    let ended_early = match plan {
        Plan::Steps => {
            run_plan(node).await?;
            external_ip::look_up(node);
            decisions::publish_afterwards(node);
            None
        }
        Plan::Words(words) => {
            external_ip::name(node).await;
            // Whatever the words did, the node stays: its terminal and the log tell the errors.
            let _told = commands(node, prompt, words).await;
            // Words may start the servers before they say where the files are.
            node.restore_members().await;
            early_end::reason(node, None)
        }
        Plan::Script(text) => {
            external_ip::name(node).await;
            let result = commands(node, prompt, std::slice::from_ref(text)).await;
            node.restore_members().await;
            let ended_early = early_end::reason(node, result.as_ref().err());
            if !node.ledger.is_attached() {
                let error = result.err().unwrap_or(Code::DBMS_NOT_CONNECTED.into());
                let remedy = "the script connected no ledger: get error log and the lines above tell why".to_owned();
                return Err(BootFailure::Unavailable { step: SCRIPT, command: text.clone(), error, remedy });
            }
            ended_early
        }
    };
    node.keep_own_names();
    match ended_early {
        None => node.readiness.boot_finished(),
        Some(reason) => node.events.error("boot", &reason),
    }
    Ok(())
}

/// Runs the steps of the built-in plan on a node that nothing runs on yet.
///
/// # Errors
/// The step and the command that failed.
pub async fn run_plan(node: &Arc<Node>) -> Result<(), BootFailure> {
    let session = Session::local(Origin::Plan, Arc::clone(&node.console), "MainThread");
    node.ledger.await_table();
    plan::run(&mut Runner::new(Arc::clone(node), session)).await
}

/// Runs commands as one step of the boot.
async fn commands(node: &Arc<Node>, prompt: &Prompt, commands: &[String]) -> Result<(), crate::reply::Error> {
    let started = Instant::now();
    node.boot.begin(SCRIPT);
    let result = prompt.arguments(node, commands).await;
    let outcome = result.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    for text in commands {
        node.boot.command(text, outcome.clone(), started);
    }
    node.boot.end(outcome.clone(), started);
    tracing::info!(step = SCRIPT, outcome, ms = telemetry::milliseconds(started.elapsed()), "boot step");
    result
}

/// Says that the node is there, or what it lacks.
async fn ready(node: &Arc<Node>, started: Instant) {
    let missing = node.unready();
    if missing.is_empty() {
        let is_known = node.config.network.external_ip_url.is_none();
        if is_known {
            addresses::warn(node);
        }
        first_block::tell(node, started).await;
        if is_known {
            addresses::try_from_inside(node);
        }
        return;
    }
    let ms = telemetry::milliseconds(started.elapsed());
    let tcp = node.services.peers.status().map(|server| server.bound.to_string());
    let rest = node.services.rest.status().map(|server| server.bound.to_string());
    let failed = errors(node);
    let (missing, errors) = (missing.join(", "), failed.join("; "));
    node.readiness.boot_failed(failed);
    tracing::warn!(ms, tcp, rest, missing, errors, "boot finished, the node is not ready");
}

/// Returns the last errors of the boot, oldest first: why a node that stays is not ready.
fn errors(node: &Node) -> Vec<String> {
    let mut last: Vec<_> = node.events.records(Log::Error, &[]).into_iter().rev().take(ERRORS_SHOWN).collect();
    last.reverse();
    last.into_iter().map(|record| record.text).collect()
}
