//! What can be looked at without a node that runs: its ports, its address, names, the way to the database, the disk.

use crate::{
    boot,
    config::{Config, DbType},
    node::{concern, configured_checks, disk_check, name_checks},
    reply::ChecklistItem,
    runtime::{disk::Space, limits, listen::listen, net},
};
use anylog_values::{DatabaseHost, Host};
use std::{net::SocketAddr, num::NonZeroU16};
use tokio::{net::TcpStream, time::timeout};

/// Looks at everything that needs no node; the ports only when no node has them.
pub async fn checks(config: &Config, is_node_there: bool) -> Vec<ChecklistItem> {
    let mut items = configured_checks(config);
    if !is_node_there {
        let network = &config.network;
        items.push(port_check("TCP port", "ANYLOG_SERVER_PORT", network.anylog_server_port).await);
        items.push(port_check("REST port", "ANYLOG_REST_PORT", network.anylog_rest_port).await);
    }
    items.push(advertised_check(config));
    items.extend(name_checks(config).await);
    items.extend(database_checks(config).await);
    let path = &config.paths.anylog_path;
    items.push(disk_check(path, Space::read(path)));
    items
}

/// Sees whether a server could listen.
async fn port_check(name: &str, variable: &str, port: u16) -> ChecklistItem {
    let tried = "it was listened on for a moment";
    match listen(None, port).await {
        Ok(_) => ChecklistItem::good(name, tried, format!("{port} is free for the node")),
        Err(error) => ChecklistItem::wrong(
            name,
            tried,
            format!("nobody can listen on {port}: {error}"),
            format!("end the program that has the port, or set {variable} to another one"),
        ),
    }
}

/// Looks at who reaches the address that members would be told.
fn advertised_check(config: &Config) -> ChecklistItem {
    let (name, tried) = ("advertised address", "the kind of the address that members are told was looked at");
    let host = config.network.external_ip.clone().unwrap_or_else(|| boot::internal(&config.network));
    match host.ip().and_then(concern) {
        Some(concern) => ChecklistItem::wrong(name, tried, concern, "set EXTERNAL_IP to the address of the host"),
        None => ChecklistItem::good(name, tried, format!("members would be told {host}")),
    }
}

/// Sees whether the servers of the database take connections; who may log in is seen at a start.
async fn database_checks(config: &Config) -> Vec<ChecklistItem> {
    if config.database.db_type != DbType::Psql {
        return Vec::new();
    }
    let mut items = Vec::new();
    for place in config.database.db_ip.iter().flat_map(|hosts| hosts.list()) {
        match place {
            DatabaseHost::Tcp { host, port } => {
                items.push(place_check(host, port.map_or(config.database.db_port, NonZeroU16::get)).await);
            }
            DatabaseHost::Socket(directory) => items.push(socket_check(directory)),
        }
    }
    items
}

async fn place_check(host: &Host, port: u16) -> ChecklistItem {
    let (name, tried) = ("database", format!("a connection to port {port} of {host} was made"));
    let connected = async {
        let found = net::resolve(&host.to_string()).await?;
        let sockets: Vec<SocketAddr> = found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        TcpStream::connect(sockets.as_slice()).await
    };
    let reason = match timeout(limits::PEER_CONNECT_TIME, connected).await {
        Ok(Ok(_)) => return ChecklistItem::good(name, tried, "takes connections; the login is tried at a start"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    let found = format!("PostgreSQL cannot be reached at port {port} of {host}: {reason}");
    ChecklistItem::wrong(name, tried, found, "start it, or correct DB_IP and DB_PORT")
}

fn socket_check(directory: &std::path::Path) -> ChecklistItem {
    let (name, tried, shown) = ("database", "the directory of its socket was looked for", directory.display());
    if directory.is_dir() {
        return ChecklistItem::good(name, tried, format!("{shown} is there; the login is tried at a start"));
    }
    ChecklistItem::wrong(name, tried, format!("{shown} is no directory"), "start PostgreSQL, or correct DB_IP")
}
