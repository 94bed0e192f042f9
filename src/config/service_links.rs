//! Variables that Kubernetes puts into every container for the services of its namespace: a service `db` makes
//! `DB_PORT=tcp://10.96.0.20:5432`, which is no port.

/// Transports that the address of a service begins with.
const TRANSPORTS: [&str; 3] = ["tcp://", "udp://", "sctp://"];

/// Tells whether a variable of the environment is the address of a service.
pub fn is_link(name: &str, value: &str) -> bool {
    let address = TRANSPORTS.iter().find_map(|transport| value.trim().strip_prefix(transport));
    let port = address.and_then(|address| address.rsplit_once(':')).map(|(_, port)| port);
    name.ends_with("_PORT") && port.is_some_and(|port| port.parse::<u16>().is_ok())
}

/// Tells whether a variable is one of the others that come with the address of a service.
pub fn is_about_service(name: &str) -> bool {
    let port = name.split_once("_PORT_").map(|(_, rest)| rest);
    let of_port = port.is_some_and(|rest| {
        let (number, transport) = rest.split_once('_').unwrap_or_default();
        number.parse::<u16>().is_ok() && ["TCP", "UDP", "SCTP"].iter().any(|word| transport.starts_with(word))
    });
    of_port || name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT")
}

/// Says which variables were left out.
pub fn warning(links: &[(String, String)]) -> Option<String> {
    let names: Vec<String> = links.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let service = links.first()?.0.trim_end_matches("_PORT").to_ascii_lowercase().replace('_', "-");
    Some(format!(
        "environment: {} left out: such values come from Kubernetes, for a service of that name in the namespace, here {service} \
         (a service link); write enableServiceLinks: false into the pod, or give the service another name",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_services_are_no_ports() {
        assert!(is_link("DB_PORT", "tcp://10.96.0.20:5432") && is_link("DB_PORT", "tcp://[fd00::1]:5432"));
        for (name, value) in [("DB_PORT", "5432"), ("DB_IP", "tcp://10.96.0.20:5432"), ("DB_PORT", "tcp://x")] {
            assert!(!is_link(name, value), "{name}={value}");
        }
        for name in ["DB_SERVICE_HOST", "DB_SERVICE_PORT", "DB_PORT_5432_TCP_ADDR", "DB_PORT_5432_TCP"] {
            assert!(is_about_service(name), "{name}");
        }
        assert!(!is_about_service("ANYLOG_SERVER_PORT") && !is_about_service("DB_PORT"));
    }
}
