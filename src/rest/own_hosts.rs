//! Under which names a browser may call this node.
//!
//! A page that somebody else wrote can have the name of its own origin lead to this node (DNS rebinding); the browser then
//! takes it for a page of the node. It cannot do that with an address, nor with a name that is not its own. Programs are
//! not asked: a container, a proxy or a hosts file may give a node any name, and no page sends what they send.

use std::net::IpAddr;

/// The names of the node that are not addresses.
#[derive(Clone, Debug, Default)]
pub struct OwnHosts {
    /// In lower case; one that begins with a point stands for everything below it.
    names: Vec<String>,
    /// True when every name may be used.
    any: bool,
}

impl OwnHosts {
    /// Takes the node's own names and those of `REST_HOSTS`, where `*` means all.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.trim_end_matches('.').to_lowercase()).collect();
        let any = names.iter().any(|name| name == "*");
        Self { names: names.into_iter().filter(|name| !name.is_empty()).collect(), any }
    }

    /// Tells whether a `host` or `host:port` leads here by right: an address, a name of loopback, or a name of the node.
    #[must_use]
    pub fn has(&self, authority: &str) -> bool {
        let host = host_of(authority).to_lowercase();
        let is_local = host == "localhost" || host.ends_with(".localhost");
        self.any || is_local || host.parse::<IpAddr>().is_ok() || self.names.iter().any(|name| is_named(name, &host))
    }
}

fn is_named(name: &str, host: &str) -> bool {
    name == host || (name.starts_with('.') && host.ends_with(name))
}

/// Returns the host of a `host:port`, without the brackets of an IPv6 address.
fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split_once(']').map_or("", |(host, _)| host);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_loopback_and_own_names_lead_here() {
        let own = OwnHosts::new(["master.example".to_owned(), ".corp.example".to_owned(), String::new()]);
        for host in [
            "127.0.0.1:32049",
            "10.9.8.7",
            "[::1]:32049",
            "[2001:db8::1]",
            "localhost:32049",
            "LOCALHOST",
            "a.localhost",
            "Master.Example:32049",
            "master.example.",
            "a.corp.example:80",
        ] {
            assert!(own.has(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:32049",
            "master.example.evil.example",
            "corp.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
            "[::1",
            "@127.0.0.1",
        ] {
            assert!(!own.has(host), "{host}");
        }
        assert!(OwnHosts::new(["*".to_owned()]).has("anything"));
    }
}
