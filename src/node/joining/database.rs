//! The database of the ledger, asked now: whether it answers and how fast, what it is, whether it takes changes, its clock.

use crate::{
    node::{LEDGER_DBMS, Node},
    reply::ChecklistItem,
    runtime::{clock, limits},
    telemetry::milliseconds,
};
use jiff::Timestamp;
use std::time::{Duration, Instant};

impl Node {
    /// Asks the database.
    pub(super) async fn database_checks(&self) -> Vec<ChecklistItem> {
        let name = "database";
        let Some(database) = self.databases.get(LEDGER_DBMS).filter(|_| self.ledger.is_attached()) else {
            let found = "the ledger is not loaded";
            let remedy = "get boot and get error log tell why; correct DB_TYPE, DB_IP, DB_USER and DB_PASSWD";
            return vec![ChecklistItem::wrong(name, "the connected databases were looked at", found, remedy)];
        };
        let started = Instant::now();
        let time = database.time().await;
        let took = started.elapsed();
        let tried = "it was asked for its version and its time";
        let time = match time {
            Ok(time) => time,
            Err(error) => {
                let remedy = "start it, or correct DB_IP, DB_PORT and the network between; reading goes on from memory";
                return vec![ChecklistItem::wrong(name, tried, error.to_string(), remedy)];
            }
        };
        let what = database.description().await;
        let answered = answered(name, tried, &what, took);
        vec![answered, self.change_check().await, clock_check(time, clock::now())]
    }

    /// Makes a change that leaves nothing behind: then the database is no standby, its disk has room, and the login has the rights.
    async fn change_check(&self) -> ChecklistItem {
        let (name, tried) = ("changes", "a change that leaves nothing behind was made");
        let started = Instant::now();
        match self.ledger.try_change().await {
            Ok(()) => {
                let ms = milliseconds(started.elapsed());
                ChecklistItem::good(name, tried, format!("the database takes changes, in {ms} ms"))
            }
            Err(error) => ChecklistItem::wrong(
                name,
                tried,
                format!("the database takes no changes: {error}"),
                "a standby, a full disk or a lost right: the login needs SELECT, INSERT, UPDATE and DELETE on the tables \
                 ledger, policy_history and policy_history_rows",
            ),
        }
    }
}

fn answered(name: &str, tried: &str, what: &str, took: Duration) -> ChecklistItem {
    let found = format!("{what} answers in {} ms", milliseconds(took));
    if took > limits::DATABASE_SLOW {
        let remedy = "put the database nearer to the node, or look at what keeps it busy: each change waits for it";
        return ChecklistItem::wrong(name, tried, found, remedy);
    }
    ChecklistItem::good(name, tried, found)
}

/// Compares the clock of a server with the one of this machine; a file has none of its own.
fn clock_check(of_database: Option<Timestamp>, own: Timestamp) -> ChecklistItem {
    let name = "clock";
    let Some(time) = of_database else {
        let found = format!("{own:.0}; the database is on this machine and has no other");
        return ChecklistItem::good(name, "the clock of this machine was read", found);
    };
    let tried = "the clock of the database was compared";
    let off = time.as_second().abs_diff(own.as_second());
    if off > limits::CLOCK_OFF {
        let found = format!("the database has {time:.0}, this machine {own:.0}: {off} s apart");
        return ChecklistItem::wrong(name, tried, found, "set both clocks (NTP): policies are ordered by their dates");
    }
    ChecklistItem::good(name, tried, format!("{own:.0}, and the one of the database is {off} s from it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ItemState;

    #[test]
    fn clocks_that_are_apart_are_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let own = at("2026-01-01T00:00:00Z");
        assert_eq!(clock_check(None, own).state, ItemState::Good);
        assert_eq!(clock_check(Some(at("2026-01-01T00:01:00Z")), own).state, ItemState::Good);
        let apart = clock_check(Some(at("2025-12-31T23:58:00Z")), own);
        assert!(apart.state == ItemState::Wrong && apart.found.ends_with(": 120 s apart"), "{apart:?}");
    }

    #[test]
    fn a_slow_database_is_told() {
        let state = |took| answered("database", "asked", "SQLite", took).state;
        assert_eq!(state(Duration::from_millis(3)), ItemState::Good);
        assert_eq!(state(limits::DATABASE_SLOW * 2), ItemState::Wrong);
    }
}
