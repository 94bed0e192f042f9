//! What is counted and timed at the doors of the node, for monitoring.

use super::session::Door;
use crate::reply::{Error, ErrorKind};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
};
use std::time::Duration;

/// Seconds that a command or a request may take, from a look at memory to a question to other nodes.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0];

/// Doors and reasons for which callers are turned away.
const REFUSALS: [(&str, &str); 4] = [("rest", "proof"), ("rest", "too_many"), ("rest", "rights"), ("tcp", "rights")];

/// Figures of the doors since the start.
#[derive(Debug)]
pub struct Figures {
    /// Seconds that commands took.
    pub commands: Family<CommandLabels, Histogram>,
    /// Seconds that REST requests took, their bodies included.
    pub requests: Family<RequestLabels, Histogram>,
    /// Callers that were turned away because of who they are or are not.
    pub auth_failures: Family<AuthLabels, Counter>,
    /// Ledgers that members asked for.
    pub deliveries: Family<DeliveryLabels, Counter>,
}

/// Names of one row of commands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CommandLabels {
    /// The first word of its name, or the first two of a large family.
    pub command: &'static str,
    /// Where it came from.
    pub door: &'static str,
    /// `ok`, or the kind of its failure.
    pub status: &'static str,
}

/// Names of one row of REST requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// `command`, `api`, `probe`, `metrics` or `grafana`.
    pub route: &'static str,
    /// `GET`, `POST` and the like, `other` for what HTTP does not know.
    pub method: &'static str,
    /// Status of the reply.
    pub status: u16,
}

/// Names of one row of refusals.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AuthLabels {
    /// Where the caller came from.
    pub door: &'static str,
    /// `proof` (no token or certificate, or a wrong one), `too_many` (wrong ones) or `rights` (a known caller asks for more).
    pub reason: &'static str,
}

/// Names of one row of deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DeliveryLabels {
    /// `sent`, `unchanged` (the member says that it has it), `spared` (it surely has it) or `refused`.
    pub outcome: &'static str,
}

impl Default for Figures {
    fn default() -> Self {
        let (auth_failures, deliveries) = (Family::default(), Family::default());
        // Rows that are there from the start: what happens for the first time is a change of one.
        for (door, reason) in REFUSALS {
            drop(auth_failures.get_or_create(&AuthLabels { door, reason }));
        }
        for outcome in ["sent", "unchanged", "spared", "refused"] {
            drop(deliveries.get_or_create(&DeliveryLabels { outcome }));
        }
        Self {
            commands: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            requests: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            auth_failures,
            deliveries,
        }
    }
}

impl Figures {
    /// Counts a command that has ended.
    pub fn command<T>(&self, command: &'static str, door: Door, outcome: &Result<T, Error>, took: Duration) {
        let (door, status) = (short(door), status(outcome.as_ref().err()));
        if status == "refused" {
            self.auth_failures.get_or_create(&AuthLabels { door, reason: "rights" }).inc();
        }
        self.commands.get_or_create(&CommandLabels { command, door, status }).observe(took.as_secs_f64());
    }

    /// Counts a REST request that has been answered.
    pub fn request(&self, route: &'static str, method: &str, status: u16, took: Duration) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        self.requests.get_or_create(&RequestLabels { route, method, status }).observe(took.as_secs_f64());
    }

    /// Returns how many callers were turned away.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        let count = |(door, reason)| self.auth_failures.get_or_create(&AuthLabels { door, reason }).get();
        REFUSALS.into_iter().map(count).sum()
    }

    /// Counts a caller that was turned away.
    pub fn auth_failure(&self, door: Door, reason: &'static str) {
        self.auth_failures.get_or_create(&AuthLabels { door: short(door), reason }).inc();
    }

    /// Counts a member that asked for the ledger.
    pub fn delivery(&self, outcome: &'static str) {
        self.deliveries.get_or_create(&DeliveryLabels { outcome }).inc();
    }
}

/// Methods that are counted apart.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"];

/// Returns the name of a door in a label.
const fn short(door: Door) -> &'static str {
    match door {
        Door::Peer => "tcp",
        Door::RestRead | Door::RestPublish | Door::RestAdmin | Door::OtherOrigin => "rest",
        Door::Prompt => "prompt",
        Door::Boot => "boot",
    }
}

/// Says in one word how a command ended.
const fn status(error: Option<&Error>) -> &'static str {
    let Some(error) = error else { return "ok" };
    match error.kind {
        ErrorKind::UnknownCommand | ErrorKind::WrongMember => "unknown",
        ErrorKind::Usage => "usage",
        ErrorKind::Refused => "refused",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Stopping => "stopping",
        ErrorKind::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Code;

    #[test]
    fn a_refused_command_is_a_failure_of_rights() {
        let figures = Figures::default();
        let refused: Result<(), Error> = Err(Code::UNAUTHORIZED.into());
        figures.command("set", Door::RestRead, &refused, Duration::from_millis(1));
        figures.command("get", Door::Peer, &Ok(()), Duration::from_millis(1));
        let labels = AuthLabels { door: "rest", reason: "rights" };
        assert_eq!(figures.auth_failures.get_or_create(&labels).get(), 1);
    }

    #[test]
    fn methods_that_nobody_knows_are_one() {
        let figures = Figures::default();
        figures.request("command", "BREW", 405, Duration::ZERO);
        figures.request("command", "MAKE", 405, Duration::ZERO);
        let labels = RequestLabels { route: "command", method: "other", status: 405 };
        drop(figures.requests.get_or_create(&labels));
    }
}
