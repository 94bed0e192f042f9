//! Where the servers of a database are: one place or several, each an address, a name, or a directory of sockets.

use crate::{
    address::host_and_port,
    host::{Host, HostError},
};
use std::{fmt, num::NonZeroU16, path::PathBuf, str::FromStr};

/// One place where a server of a database may answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DatabaseHost {
    /// A machine; without a port it is the one that goes for all.
    Tcp {
        /// Address or name.
        host: Host,
        /// Port.
        port: Option<NonZeroU16>,
    },
    /// A directory of this machine in which the server keeps its socket.
    Socket(PathBuf),
}

/// The places where the servers of one database may answer, in the order in which they are tried; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseHosts(Vec<DatabaseHost>);

/// Why a text names no servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseHostsError {
    /// There is nothing between two commas.
    #[error("a host between two commas is missing")]
    Missing,
    /// The port is no number in range.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// The host is none.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl DatabaseHosts {
    /// Returns the places.
    #[must_use]
    pub fn list(&self) -> &[DatabaseHost] {
        &self.0
    }

    /// Writes the places as `host:port` with commas between them; `port` is that of hosts without one of their own.
    #[must_use]
    pub fn with_port(&self, port: u16) -> String {
        let shown = self.0.iter().map(|place| match place {
            DatabaseHost::Tcp { host, port: own } => {
                host_and_port(&host.to_string(), &own.map_or(port, NonZeroU16::get).to_string())
            }
            DatabaseHost::Socket(directory) => directory.display().to_string(),
        });
        shown.collect::<Vec<_>>().join(",")
    }
}

impl From<DatabaseHost> for DatabaseHosts {
    fn from(one: DatabaseHost) -> Self {
        Self(vec![one])
    }
}

impl FromStr for DatabaseHosts {
    type Err = DatabaseHostsError;

    fn from_str(text: &str) -> Result<Self, DatabaseHostsError> {
        text.split(',').map(|one| one.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for DatabaseHost {
    type Err = DatabaseHostsError;

    fn from_str(text: &str) -> Result<Self, DatabaseHostsError> {
        if text.is_empty() {
            return Err(DatabaseHostsError::Missing);
        }
        if text.starts_with('/') {
            return Ok(Self::Socket(text.into()));
        }
        let error = match text.parse() {
            Ok(host) => return Ok(Self::Tcp { host, port: None }),
            Err(error) => error,
        };
        // An IPv6 address in brackets, an IPv4 address or a name may have a port behind it.
        match text.rsplit_once(':') {
            Some((host, port))
                if matches!(error, HostError::Port | HostError::Zone)
                    && (host.ends_with(']') || !host.contains(':')) =>
            {
                let port = port.parse().map_err(|_| DatabaseHostsError::Port)?;
                Ok(Self::Tcp { host: host.parse()?, port: Some(port) })
            }
            _ => Err(error.into()),
        }
    }
}

impl fmt::Display for DatabaseHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port: None } => host.fmt(f),
            Self::Tcp { host, port: Some(port) } => f.write_str(&host_and_port(&host.to_string(), &port.to_string())),
            Self::Socket(directory) => directory.display().fmt(f),
        }
    }
}

impl fmt::Display for DatabaseHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, place) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{place}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        for text in
            ["10.0.0.5", "pg1,pg2:5433", "::1", "[::1]:5433", "::1,127.0.0.1:1", "/var/run/postgresql", "pg1,/run/pg"]
        {
            assert_eq!(text.parse::<DatabaseHosts>().unwrap().to_string(), text);
        }
        let hosts: DatabaseHosts = " pg1 , [::1], pg2:5433".parse().unwrap();
        assert_eq!(hosts.with_port(5432), "pg1:5432,[::1]:5432,pg2:5433");
        assert_eq!(hosts.list().len(), 3);
    }

    #[test]
    fn wrong_places_are_told() {
        for (text, error) in [
            ("", DatabaseHostsError::Missing),
            ("pg1,,pg2", DatabaseHostsError::Missing),
            ("pg1:0", DatabaseHostsError::Port),
            ("pg1:99999", DatabaseHostsError::Port),
            ("10.0.0.256", HostError::Ipv4.into()),
            ("http://pg1", HostError::Url.into()),
            ("pg 1", HostError::Other.into()),
            ("pg1;pg2:5433", HostError::Several.into()),
            ("pg1,[fe80::1%eth0]:5433", HostError::Zone.into()),
        ] {
            assert_eq!(text.parse::<DatabaseHosts>(), Err(error), "{text}");
        }
    }
}
