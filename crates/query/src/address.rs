//! The address under which a policy's node is reached (reference/ledger 7.7).

use anylog_policy::matching::comparable_text;
use anylog_values::host_and_port;
use serde_json::Value;
use std::net::Ipv4Addr;

/// Addresses of the node that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Address that the Internet knows.
    pub external: String,
    /// Address inside the own network.
    pub internal: String,
}

/// Returns `ip:port` under which the node of a policy is reached, by the values of its attributes; nothing when they are no
/// complete address.
pub fn of(attribute: &dyn Fn(&str) -> Option<String>, own: &Own) -> Option<String> {
    let local_port = || attribute("local_port").or_else(|| attribute("port"));
    let (ip, port) = match attribute("ip") {
        None => (attribute("local_ip")?, local_port()?),
        Some(ip) if !is_private(&ip) && ip == own.external => {
            let ip = attribute("local_ip").or_else(|| Some(own.internal.clone()).filter(|own| !own.is_empty()))?;
            (ip, local_port()?)
        }
        Some(ip) => (ip, attribute("port")?),
    };
    Some(host_and_port(&ip, &port))
}

/// Returns the text of a value when it says something.
#[must_use]
pub fn part(value: &Value) -> Option<String> {
    Some(comparable_text(value)).filter(|text| !text.is_empty() && !value.is_null())
}

fn is_private(ip: &str) -> bool {
    ip.parse::<Ipv4Addr>().is_ok_and(|ip| {
        let [a, b, ..] = ip.octets();
        matches!((a, b), (10 | 127, _) | (192, 168) | (172, 16..=31) | (100, 64..=127))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn address(body: &Value, external: &str) -> Option<String> {
        let own = Own { external: external.into(), internal: "10.9.9.9".into() };
        of(&|key| body.get(key).and_then(part), &own)
    }

    #[test]
    fn prefers_what_reaches_the_node_from_here() {
        let cases = [
            (json!({"ip": "10.0.0.1", "port": 1}), "10.0.0.1", Some("10.0.0.1:1")),
            (json!({"ip": "8.8.8.8", "port": 1, "local_ip": "10.0.0.2"}), "", Some("8.8.8.8:1")),
            (json!({"ip": "8.8.8.8", "port": 1, "local_ip": "10.0.0.2"}), "8.8.8.8", Some("10.0.0.2:1")),
            (json!({"ip": "8.8.8.8", "port": 1, "local_port": 2}), "8.8.8.8", Some("10.9.9.9:2")),
            (json!({"local_ip": "10.0.0.2", "port": 1}), "", Some("10.0.0.2:1")),
            (json!({"ip": "fd00::1", "port": 1}), "", Some("[fd00::1]:1")),
            (json!({"ip": "10.0.0.1"}), "", None),
            (json!({"port": 1}), "", None),
        ];
        for (body, external, expected) in cases {
            assert_eq!(address(&body, external).as_deref(), expected, "{body}");
        }
    }
}
