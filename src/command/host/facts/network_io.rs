//! Traffic of the host's network interfaces.

use crate::{command::host::facts::unreadable::unreadable, reply::Error};
use procfs::net::DeviceStatus;

/// Returns the counters of all interfaces together by the names that monitoring clients know.
///
/// # Errors
/// The host does not tell.
pub fn counters() -> Result<Vec<(&'static str, u64)>, Error> {
    let interfaces = procfs::net::dev_status().map_err(unreadable)?;
    Ok(sums(&interfaces.into_values().collect::<Vec<_>>()))
}

fn sums(interfaces: &[DeviceStatus]) -> Vec<(&'static str, u64)> {
    let sum = |counter: fn(&DeviceStatus) -> u64| {
        interfaces.iter().fold(0_u64, |sum, interface| sum.saturating_add(counter(interface)))
    };
    vec![
        ("bytes_sent", sum(|interface| interface.sent_bytes)),
        ("bytes_recv", sum(|interface| interface.recv_bytes)),
        ("packets_sent", sum(|interface| interface.sent_packets)),
        ("packets_recv", sum(|interface| interface.recv_packets)),
        ("errin", sum(|interface| interface.recv_errs)),
        ("errout", sum(|interface| interface.sent_errs)),
        ("dropin", sum(|interface| interface.recv_drop)),
        ("dropout", sum(|interface| interface.sent_drop)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::{FromRead, net::InterfaceDeviceStatus};

    #[test]
    fn adds_the_interfaces() {
        let text = "Inter-| Receive | Transmit\n face |bytes\n lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n eth0: 100 5 2 3 0 0 0 0 50 4 1 6 0 0 0 0\n";
        let interfaces = InterfaceDeviceStatus::from_read(text.as_bytes()).unwrap().0;
        let sums: Vec<u64> =
            sums(&interfaces.into_values().collect::<Vec<_>>()).into_iter().map(|(_, sum)| sum).collect();
        assert_eq!(sums, [60, 110, 5, 6, 2, 1, 3, 6]);
    }
}
