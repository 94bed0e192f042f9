//! Step 1: variables of the environment become keys of the dictionary.

use crate::{
    boot::{BootFailure, addresses::is_overlay_alone, runner::Runner},
    config::{DbType, Network},
};
use anylog_values::TimeSpan;
use std::{net::Ipv6Addr, sync::Arc};

/// Keys of every master and the variables they come from.
const KEYS: [(&str, &str); 26] = [
    ("node_type", "NODE_TYPE"),
    ("company_name", "COMPANY_NAME"),
    ("loc", "LOCATION"),
    ("country", "COUNTRY"),
    ("state", "STATE"),
    ("city", "CITY"),
    ("anylog_server_port", "ANYLOG_SERVER_PORT"),
    ("anylog_rest_port", "ANYLOG_REST_PORT"),
    ("broker_bind", "BROKER_BIND"),
    ("tcp_bind", "TCP_BIND"),
    ("rest_bind", "REST_BIND"),
    ("broker_threads", "BROKER_THREADS"),
    ("operator_threads", "OPERATOR_THREADS"),
    ("tcp_threads", "TCP_THREADS"),
    ("rest_threads", "REST_THREADS"),
    ("rest_timeout", "REST_TIMEOUT"),
    ("is_hidden", "IS_HIDDEN"),
    ("query_pool", "QUERY_POOL"),
    ("db_type", "DB_TYPE"),
    ("autocommit", "AUTOCOMMIT"),
    ("system_query", "SYSTEM_QUERY"),
    ("system_query_db", "SYSTEM_QUERY_DB"),
    ("memory", "MEMORY"),
    ("deploy_local_script", "DEPLOY_LOCAL_SCRIPT"),
    ("blockchain_source", "BLOCKCHAIN_SOURCE"),
    ("blockchain_destination", "BLOCKCHAIN_DESTINATION"),
];

/// What an interface that is not there needs.
const INTERFACE_REMEDY: &str = "write an interface with an address into NIC_TYPE (ip address lists them), or its address into INTERNAL_IP, and start again";

/// Keys of a node with PostgreSQL.
const PSQL_KEYS: [(&str, &str); 4] =
    [("db_ip", "DB_IP"), ("db_port", "DB_PORT"), ("db_user", "DB_USER"), ("db_passwd", "DB_PASSWD")];

/// Sets the keys.
///
/// # Errors
/// The command that failed.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let config = Arc::clone(&runner.node.config);
    // As every deployment has it: echoes and errors of scripts wait in the queue until somebody looks.
    if !runner.node.events.echo_is_on() {
        runner.run("set echo queue on").await?;
    }
    runner.run(&format!("set anylog_path = {}", runner.value_of("ANYLOG_PATH"))).await?;
    runner.run("set anylog home !anylog_path").await?;
    scripts(runner).await?;
    runner.run_all(&["create work directories", "hostname = get hostname"]).await?;
    assign(runner, &KEYS).await?;
    synchronization_time(runner).await?;
    // Clients ask for the data of their company by it, as they do where deployment scripts boot the node.
    let given = config.environment().get("DEFAULT_DBMS").is_some_and(|name| !name.is_empty());
    let dbms = if given { "set default_dbms = $DEFAULT_DBMS" } else { "set default_dbms = !company_name.name" };
    runner.run(dbms).await?;
    if config.database.db_type == DbType::Psql {
        assign(runner, &PSQL_KEYS).await?;
    }
    let name = match config.identity.node_name {
        Some(_) => "node_name = $NODE_NAME",
        None => "node_name = !hostname + \" \" + !node_type",
    };
    runner.run_all(&[name, "set node name !node_name", "sync_time = !blockchain_sync"]).await?;
    addresses(runner).await?;
    if config.network.anylog_server_port != 0 {
        ledger_connection(runner).await?;
    }
    Ok("done")
}

/// Sets where scripts of the deployment are.
async fn scripts(runner: &mut Runner) -> Result<(), BootFailure> {
    let local = match runner.node.config.paths.local_scripts {
        Some(_) => "local_scripts = $LOCAL_SCRIPTS",
        None => "local_scripts = !anylog_path + /deployment-scripts",
    };
    let test = match runner.node.config.paths.test_dir {
        Some(_) => "test_dir = $TEST_DIR",
        None => "test_dir = !local_scripts + /test",
    };
    runner.run_all(&[local, test]).await
}

async fn assign(runner: &mut Runner, keys: &[(&str, &str)]) -> Result<(), BootFailure> {
    for (key, variable) in keys {
        let value = runner.value_of(variable);
        if !value.is_empty() {
            // `set`, because a plain assignment would take the value `file` for the command of that name.
            runner.run(&format!("set {key} = {value}")).await?;
        }
    }
    Ok(())
}

/// Sets the time of the synchronisation with its unit, which commands want and a configuration may leave out.
async fn synchronization_time(runner: &mut Runner) -> Result<(), BootFailure> {
    let config = &runner.node.config;
    let has_unit = config.setting("BLOCKCHAIN_SYNC").is_some_and(|setting| TimeSpan::with_unit(&setting.value).is_ok());
    let time = match has_unit {
        true => runner.value_of("BLOCKCHAIN_SYNC"),
        false => format!("\"{}\"", TimeSpan::from(config.ledger.blockchain_sync)),
    };
    runner.run(&format!("set blockchain_sync = {time}")).await?;
    Ok(())
}

/// Sets the internal and the external address; with an overlay address the internal one is the overlay's.
async fn addresses(runner: &mut Runner) -> Result<(), BootFailure> {
    let network = runner.node.config.network.clone();
    let is_alone = is_overlay_alone(&network);
    runner.run(&format!("overlay_network = {is_alone}")).await?;
    if network.overlay_ip.is_some() {
        runner.run("overlay_ip = $OVERLAY_IP").await?;
    }
    if !is_alone {
        machine_address(runner, &network).await?;
    }
    let outside = if is_alone { "!overlay_ip" } else { "!ip" };
    let external = if network.external_ip.is_some() { "$EXTERNAL_IP" } else { outside };
    let internal = if network.overlay_ip.is_some() { "!overlay_ip" } else { "!ip" };
    let all = [format!("external_ip = {external}"), format!("internal_ip = {internal}")];
    runner.run_all(&all).await?;
    if is_alone {
        runner.run("ip = !internal_ip").await?;
    }
    Ok(())
}

/// Sets the address that this machine has of its own.
async fn machine_address(runner: &mut Runner, network: &Network) -> Result<(), BootFailure> {
    if network.internal_ip.is_some() {
        runner.run("ip = $INTERNAL_IP").await?;
    } else if network.nic_type.is_some() {
        runner.run("nic_type = $NIC_TYPE").await?;
        let text = "set internal ip with !nic_type";
        runner.attempt(text).await.map_err(|error| runner.failed(text, error, INTERFACE_REMEDY))?;
    }
    Ok(())
}

/// Sets the address of the master: the configured one, or this node's own when it is not set or is loopback.
///
/// # Errors
/// The command that failed.
pub async fn ledger_connection(runner: &mut Runner) -> Result<(), BootFailure> {
    let configured = runner.node.config.ledger.ledger_conn.clone();
    if configured.is_some_and(|address| !address.host().is_localhost()) {
        runner.run("ledger_conn = $LEDGER_CONN").await?;
        return Ok(());
    }
    own_ledger_connection(runner).await
}

/// Sets the address of the master to this node's own.
///
/// # Errors
/// The command that failed.
pub async fn own_ledger_connection(runner: &mut Runner) -> Result<(), BootFailure> {
    let is_ipv6 = runner.node.dictionary.get("internal_ip").is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok());
    runner
        .run(match is_ipv6 {
            true => "ledger_conn = \"[\" + !internal_ip + \"]:\" + !anylog_server_port",
            false => "ledger_conn = !internal_ip + \":\" + !anylog_server_port",
        })
        .await?;
    Ok(())
}
