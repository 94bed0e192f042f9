//! Step 2: the TCP and the REST server listen.

use crate::boot::{BootFailure, addresses::is_overlay_alone, ledger_address, runner::Runner, steps::parameters};
use std::sync::Arc;

const REMEDY: &str = "free the port (one below 1024 may be for root alone), or correct ANYLOG_SERVER_PORT, ANYLOG_REST_PORT, addresses \
                      and certificates, and start again";

/// Starts the servers that do not run yet.
///
/// # Errors
/// The command that failed, for example because a port is taken.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let config = Arc::clone(&runner.node.config);
    let bound = is_overlay_alone(&config.network) || config.network.tcp_bind;
    let mut started = false;
    if runner.node.services.peers.status().is_none() {
        let mut text = server("tcp", "anylog_server_port", bound);
        text.push_str(" and threads = !tcp_threads");
        listen(runner, &text).await?;
        started = true;
    }
    if runner.node.services.rest.status().is_none() {
        let mut text = server("rest", "anylog_rest_port", config.network.rest_bind);
        text.push_str(" and threads = !rest_threads");
        if config.network.rest_timeout.is_some() {
            text.push_str(" and timeout = !rest_timeout");
        }
        listen(runner, &text).await?;
        if let Some(server) = runner.node.services.rest.status().filter(|_| config.network.anylog_rest_port == 0) {
            runner.run(&format!("anylog_rest_port = {}", server.bound.port())).await?;
        }
        started = true;
    }
    if config.network.anylog_server_port == 0 {
        parameters::ledger_connection(runner).await?;
    }
    if ledger_address::is_wrong_port(&runner.node).await {
        parameters::own_ledger_connection(runner).await?;
    }
    ledger_address::recognise(&runner.node).await;
    Ok(if started { "done" } else { "was there" })
}

/// Returns the command that starts a server.
fn server(kind: &str, port: &str, bind: bool) -> String {
    format!(
        "run {kind} server where external_ip = !external_ip and external_port = !{port} \
         and internal_ip = !internal_ip and internal_port = !{port} and bind = {bind}"
    )
}

async fn listen(runner: &mut Runner, text: &str) -> Result<(), BootFailure> {
    match runner.attempt(text).await {
        Ok(_) => Ok(()),
        Err(error) => Err(runner.failed(text, error, REMEDY)),
    }
}
