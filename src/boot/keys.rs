//! Keys that the node sets itself, before any command runs (reference/command-language 3.4).

use crate::{
    config::Config,
    node::{Dictionary, host_name, work_directories},
    runtime::address,
};
use std::env;

/// Ports that the keys show until servers run.
const PORTS: [(&str, &str); 2] = [("anylog_server_port", "2048"), ("anylog_rest_port", "2148")];

/// Sets the keys; `set anylog home` moves the paths later.
pub fn set(dictionary: &Dictionary, config: &Config) {
    dictionary.set("is_vm", if is_virtual(config) { "True" } else { "False" });
    let ip = address::of_this_machine().to_string();
    dictionary.set("external_ip", &*ip);
    dictionary.set("ip", ip);
    work_directories::locate(dictionary, &root(config));
    for (key, port) in PORTS {
        dictionary.set(key, port);
    }
    let user = user(config);
    dictionary.set("db_user", format!("{user}@127.0.0.1:demo"));
    dictionary.set("io_buff_size", anylog_block::BLOCK.to_string());
    dictionary.set("db_port", "5432");
    dictionary.set("dns", local_name(config));
    if let Some(dns) = &config.network.external_dns {
        dictionary.set("external_dns", dns);
    }
}

/// Returns the name of this machine in the local network: `DNS`, else the host's name in `DNS_DOMAIN` or `.local`.
fn local_name(config: &Config) -> String {
    let network = &config.network;
    let named = || format!("{}.{}", host_name(), network.dns_domain.as_deref().unwrap_or("local"));
    network.dns.clone().unwrap_or_else(named)
}

/// Tells whether the machine is a virtual one: `IS_VM` says so, or its processor is another machine's.
fn is_virtual(config: &Config) -> bool {
    let said = config.environment().get("IS_VM").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let flags = || std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    said || flags().lines().any(|line| line.starts_with("flags") && line.contains(" hypervisor"))
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
