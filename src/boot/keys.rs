//! Keys that the node sets itself, before any command runs (spec/command-language 3.4).

use crate::{
    command::{Dictionary, directories},
    config::Config,
    runtime::address,
};
use std::env;

/// Ports that the keys show until servers run.
const PORTS: [(&str, &str); 2] = [("anylog_server_port", "2048"), ("anylog_rest_port", "2148")];

/// Sets the keys; `set anylog home` moves the paths later.
pub fn set(dictionary: &Dictionary, config: &Config) {
    let ip = address::of_this_machine().to_string();
    dictionary.set("external_ip", &*ip);
    dictionary.set("ip", ip);
    directories::locate(dictionary, &root(config));
    for (key, port) in PORTS {
        dictionary.set(key, port);
    }
    let user = user(config);
    dictionary.set("db_user", format!("{user}@127.0.0.1:demo"));
    dictionary.set("db_port", "5432");
    if let Some(dns) = &config.network.dns {
        dictionary.set("dns", dns);
    }
    if let Some(dns) = &config.network.external_dns {
        dictionary.set("external_dns", dns);
    }
}

/// Returns the name of the user that the process runs as, as its home directory shows it first; a container without
/// user names has `anylog`.
fn user(config: &Config) -> String {
    let home = config.environment().get("HOME").and_then(|home| home.rsplit('/').next());
    if let Some(user) = home.filter(|user| !user.is_empty()) {
        return user.to_owned();
    }
    let named = ["LOGNAME", "USER"].iter().find_map(|name| config.environment().get(*name));
    named.filter(|name| !name.is_empty()).cloned().or_else(listed_user).unwrap_or_else(|| "anylog".to_owned())
}

fn listed_user() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut entries = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    entries
        .find_map(|entry| (entry.get(2) == Some(&id.as_str())).then(|| entry.first().map(|name| (*name).to_owned()))?)
}

/// Returns the directory below which the paths are: `EDGELAKE_HOME`, else the working directory.
fn root(config: &Config) -> String {
    let here = || env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    config.environment().get("EDGELAKE_HOME").filter(|home| !home.is_empty()).cloned().unwrap_or_else(here)
}
