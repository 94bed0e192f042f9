//! Lists of addresses.

use crate::config::Field;
use ipnet::IpNet;
use std::net::IpAddr;

/// Addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Tells whether an address is in the list; an IPv4 address that is written as an IPv6 one is the same.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Tells whether the list names nobody.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<IpAddr> for Networks {
    fn from_iter<T: IntoIterator<Item = IpAddr>>(addresses: T) -> Self {
        Self(addresses.into_iter().map(|address| address.to_canonical().into()).collect())
    }
}

impl Field for Networks {
    const EXPECTED: &'static str = "addresses and networks with commas between them";
    const EXAMPLE: &'static str = "10.0.0.5, 10.1.0.0/16";

    fn read(text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(word: &str) -> Result<IpNet, String> {
    let address = word.parse::<IpAddr>().map(|address| address.to_canonical().into());
    address.or_else(|_| word.parse()).map_err(|_| format!("{word} is neither an address nor a network"))
}

/// Who forwards the connections of others, so that their own addresses are not to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Gateway {
    /// Nobody.
    #[default]
    None,
    /// The gateway of the bridge that this container is on: that of its default route.
    Bridge,
    /// These addresses.
    At(Networks),
}

impl Field for Gateway {
    const EXPECTED: &'static str = "bridge, or addresses and networks with commas between them";
    const EXAMPLE: &'static str = "bridge";

    fn read(text: &str) -> Result<Self, String> {
        match text {
            "" => Ok(Self::None),
            "bridge" => Ok(Self::Bridge),
            other => Networks::read(other).map(Self::At),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_read() {
        let list = Networks::read("10.0.0.5, 10.1.0.0/16 fd00::/8").unwrap();
        for (address, is_in) in [
            ("10.0.0.5", true),
            ("::ffff:10.0.0.5", true),
            ("10.0.0.6", false),
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("fd12::1", true),
            ("fe80::1", false),
        ] {
            assert_eq!(list.has(address.parse().unwrap()), is_in, "{address}");
        }
        assert!(Networks::read("").unwrap().is_empty() && !list.is_empty());
        for wrong in ["10.0.0", "10.0.0.0/33", "name", "10.0.0.1:5"] {
            assert!(Networks::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gateway_is_that_of_the_bridge_or_named() {
        assert_eq!(Gateway::read(""), Ok(Gateway::None));
        assert_eq!(Gateway::read("bridge"), Ok(Gateway::Bridge));
        assert!(matches!(Gateway::read("172.18.0.1"), Ok(Gateway::At(_))));
        assert!(Gateway::read("router").is_err());
    }
}
