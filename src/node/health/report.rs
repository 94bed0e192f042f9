//! What the checks of the node came to.

use jiff::Timestamp;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckName {
    /// The node is not stopping.
    Shutdown,
    /// Every step of the boot is done.
    Boot,
    /// The database of the ledger answers and takes changes.
    Database,
    /// The writer of the ledger works.
    Writer,
    /// The TCP server listens.
    TcpListener,
    /// The REST server listens.
    RestListener,
    /// Nothing is wrong with what the ledger holds.
    Ledger,
    /// The local copy is in step with its source.
    Sync,
    /// The relay reaches its platform; there only with a relay.
    Relay,
    /// The members that asked for the ledger still do.
    Members,
    /// The disk of the node has room.
    Disk,
    /// The certificate of the REST server is valid for a while; there only with TLS.
    Certificate,
    /// The backups of the schedule are written; there only with a schedule.
    Backup,
}

impl CheckName {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::Shutdown,
        Self::Boot,
        Self::Database,
        Self::Writer,
        Self::TcpListener,
        Self::RestListener,
        Self::Ledger,
        Self::Sync,
        Self::Relay,
        Self::Members,
        Self::Disk,
        Self::Certificate,
        Self::Backup,
    ];

    /// Returns the name that probes and people use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::Boot => "boot",
            Self::Database => "database",
            Self::Writer => "writer",
            Self::TcpListener => "tcp_listener",
            Self::RestListener => "rest_listener",
            Self::Ledger => "ledger",
            Self::Sync => "sync",
            Self::Relay => "relay",
            Self::Members => "members",
            Self::Disk => "disk",
            Self::Certificate => "certificate",
            Self::Backup => "backup",
        }
    }
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    /// All is well.
    Pass,
    /// The node works, and an operator has to look.
    Degraded,
    /// It is not there yet, because the boot has not finished.
    Starting,
    /// The node may not be given work.
    Fail,
}

impl CheckStatus {
    /// Returns the word that probes and people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Degraded => "degraded",
            Self::Starting => "starting",
            Self::Fail => "fail",
        }
    }
}

/// What stands in place of a detail for callers whom it is not for.
const WITHHELD: &str = "withheld: whoever may read is told";

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// What was found.
    pub status: CheckStatus,
    /// Since when it has been so, as far as somebody looked; looks follow each other within seconds.
    pub since: Timestamp,
    /// One sentence: what is, and what to do where something is wrong.
    pub detail: String,
}

impl Check {
    /// Tells whether the node may not be given work for it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.status >= CheckStatus::Starting
    }
}

/// How the node is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// All checks pass.
    Healthy,
    /// It works, and an operator has to look.
    Degraded,
    /// The boot has not finished.
    Starting,
    /// It may not be given work.
    Unhealthy,
    /// It is stopping.
    Stopping,
}

impl Overall {
    /// Returns the word that probes and people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Starting => "starting",
            Self::Unhealthy => "unhealthy",
            Self::Stopping => "stopping",
        }
    }
}

/// All checks of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The checks, in the order of [`CheckName::ALL`].
    pub checks: Vec<Check>,
}

impl Report {
    /// Leaves checks out by their names, as a probe may ask.
    #[must_use]
    pub fn without(self, names: &[&str]) -> Self {
        let checks = self.checks.into_iter().filter(|check| !names.contains(&check.name.as_str()));
        Self { checks: checks.collect() }
    }

    /// Keeps one check alone.
    #[must_use]
    pub fn only(self, name: CheckName) -> Self {
        Self { checks: self.checks.into_iter().filter(|check| check.name == name).collect() }
    }

    /// Takes from a report what is not for everybody: what is wrong with the database and the members may name addresses and
    /// users, and what is wrong with the backups names files.
    #[must_use]
    pub fn withheld(self) -> Self {
        let is_private = |check: &Check| {
            let is_wrong = matches!(check.status, CheckStatus::Degraded | CheckStatus::Fail);
            is_wrong
                && matches!(check.name, CheckName::Database | CheckName::Relay | CheckName::Members | CheckName::Backup)
        };
        let told = |check: Check| {
            if is_private(&check) { Check { detail: WITHHELD.to_owned(), ..check } } else { check }
        };
        Self { checks: self.checks.into_iter().map(told).collect() }
    }

    /// Returns the checks for which the node may not be given work.
    pub fn missing(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.is_missing())
    }

    /// Returns the checks that an operator has to look at although the node works.
    pub fn degraded(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.status == CheckStatus::Degraded)
    }

    /// Tells whether the node may be given work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Returns how the node is as a whole.
    #[must_use]
    pub fn overall(&self) -> Overall {
        let is_stopping = self.missing().any(|check| check.name == CheckName::Shutdown);
        match self.checks.iter().map(|check| check.status).max() {
            _ if is_stopping => Overall::Stopping,
            None | Some(CheckStatus::Pass) => Overall::Healthy,
            Some(CheckStatus::Degraded) => Overall::Degraded,
            Some(CheckStatus::Starting) => Overall::Starting,
            Some(CheckStatus::Fail) => Overall::Unhealthy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(statuses: &[(CheckName, CheckStatus)]) -> Report {
        let check = |&(name, status): &(CheckName, CheckStatus)| Check {
            name,
            status,
            since: Timestamp::UNIX_EPOCH,
            detail: String::new(),
        };
        Report { checks: statuses.iter().map(check).collect() }
    }

    #[test]
    fn the_worst_check_says_how_the_node_is() {
        use CheckName::{Boot, Database, Disk, Shutdown};
        use CheckStatus::{Degraded, Fail, Pass, Starting};
        for (checks, overall, ready) in [
            (&[(Boot, Pass), (Database, Pass)][..], Overall::Healthy, true),
            (&[(Boot, Pass), (Database, Degraded)], Overall::Degraded, true),
            (&[(Boot, Starting), (Database, Degraded)], Overall::Starting, false),
            (&[(Boot, Starting), (Database, Fail)], Overall::Unhealthy, false),
            (&[(Shutdown, Fail), (Database, Pass)], Overall::Stopping, false),
        ] {
            let report = report(checks);
            assert_eq!((report.overall(), report.is_ready()), (overall, ready), "{checks:?}");
        }
        let without = report(&[(Database, Fail), (Disk, Degraded)]).without(&["database"]);
        assert_eq!((without.overall(), without.is_ready()), (Overall::Degraded, true));
    }

    #[test]
    fn what_is_wrong_with_the_database_is_not_for_everybody() {
        let found = report(&[(CheckName::Database, CheckStatus::Fail), (CheckName::Disk, CheckStatus::Degraded)]);
        let told: Vec<String> = found.withheld().checks.into_iter().map(|check| check.detail).collect();
        assert_eq!(told, [WITHHELD, ""]);
    }

    #[test]
    fn every_name_stands_once_in_the_list() {
        let mut names: Vec<_> = CheckName::ALL.iter().map(|name| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CheckName::ALL.len());
    }
}
