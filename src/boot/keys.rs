//! Keys that the node sets itself, before any command runs (spec/command-language 3.4).

use super::address;
use crate::{command::Dictionary, config::Config};

/// Ports that the keys show until servers run.
const PORTS: [(&str, &str); 2] = [("anylog_server_port", "2048"), ("anylog_rest_port", "2148")];

/// Sets the keys that are not paths; `set anylog home` sets those.
pub fn set(dictionary: &Dictionary, config: &Config) {
    let ip = address::of_this_machine().to_string();
    dictionary.set("external_ip", &*ip);
    dictionary.set("ip", ip);
    for (key, port) in PORTS {
        dictionary.set(key, port);
    }
    let user = config.environment().get("USER").map_or("anylog", String::as_str);
    dictionary.set("db_user", format!("{user}@127.0.0.1:demo"));
    dictionary.set("db_port", "5432");
    if let Some(dns) = &config.network.dns {
        dictionary.set("dns", dns);
    }
    if let Some(dns) = &config.network.external_dns {
        dictionary.set("external_dns", dns);
    }
}
