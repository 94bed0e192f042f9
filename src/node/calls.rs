//! Figures of the REST calls, for `get rest calls` (reference/rest 10).

use crate::runtime::{clock, limits};
use jiff::Timestamp;
use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Calls of one kind of caller with one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Product name of the caller's agent.
    pub caller: String,
    /// `GET`, `POST` and the like, `OTHER` for what HTTP does not know.
    pub method: String,
    /// Calls answered, failed ones included.
    pub processed: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Text of the last failure; empty when there was none.
    pub last_error: String,
    /// Time of the first call.
    pub first: Timestamp,
    /// Time of the last call.
    pub last: Timestamp,
    /// Address of the last caller.
    pub address: Option<SocketAddr>,
}

/// Methods that are counted apart.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "VIEW"];
/// Bytes that are kept of the name of a caller.
const CALLER_NAME: usize = 64;

/// Counters of all callers; at most [`limits::CALLERS`] kinds, the others are counted together.
#[derive(Debug, Default)]
pub struct RestCallStats {
    rows: Mutex<Vec<Calls>>,
}

impl RestCallStats {
    /// Counts one answered call; `error` is the text of its failure.
    pub fn count(&self, caller: &str, method: &str, address: SocketAddr, error: Option<&str>) {
        // Names come from callers: what is kept of them has its limits.
        let caller = caller.get(..caller.floor_char_boundary(CALLER_NAME)).unwrap_or_default();
        let method = if METHODS.contains(&method) { method } else { "OTHER" };
        let mut rows = self.lock();
        let known = rows.iter().position(|row| row.is(caller, method));
        let at = known.unwrap_or_else(|| {
            let caller = if rows.len() < limits::CALLERS { caller } else { "others" };
            place(&mut rows, caller, method)
        });
        if let Some(row) = rows.get_mut(at) {
            row.add(address, error);
        }
    }

    /// Returns the rows, the methods of one caller together, callers in the order of their first call.
    #[must_use]
    pub fn rows(&self) -> Vec<Calls> {
        let rows = self.lock().clone();
        let mut callers: Vec<&str> = Vec::new();
        for row in &rows {
            if !callers.contains(&row.caller.as_str()) {
                callers.push(&row.caller);
            }
        }
        callers.iter().flat_map(|caller| rows.iter().filter(move |row| row.caller == *caller)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Calls>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the place of a row, which is added when it is not there.
fn place(rows: &mut Vec<Calls>, caller: &str, method: &str) -> usize {
    rows.iter().position(|row| row.is(caller, method)).unwrap_or_else(|| {
        rows.push(Calls::new(caller, method));
        rows.len() - 1
    })
}

impl Calls {
    fn new(caller: &str, method: &str) -> Self {
        Self {
            caller: caller.to_owned(),
            method: method.to_owned(),
            processed: 0,
            errors: 0,
            last_error: String::new(),
            first: clock::now(),
            last: clock::now(),
            address: None,
        }
    }

    fn is(&self, caller: &str, method: &str) -> bool {
        self.caller == caller && self.method == method
    }

    fn add(&mut self, address: SocketAddr, error: Option<&str>) {
        self.processed += 1;
        self.last = clock::now();
        self.address = Some(address);
        if let Some(text) = error {
            self.errors += 1;
            text.clone_into(&mut self.last_error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_the_methods_of_a_caller() {
        let stats = RestCallStats::default();
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        stats.count("anylog", "POST", address, None);
        stats.count("url", "GET", address, None);
        stats.count("anylog", "GET", address, Some("Error Command Structure"));
        stats.count("anylog", "GET", address, None);
        let rows = stats.rows();
        let keys: Vec<_> = rows.iter().map(|r| (r.caller.as_str(), r.method.as_str(), r.processed, r.errors)).collect();
        assert_eq!(keys, [("anylog", "POST", 1, 0), ("anylog", "GET", 2, 1), ("url", "GET", 1, 0)]);
        assert_eq!(rows[1].last_error, "Error Command Structure");
    }

    #[test]
    fn never_grows_past_its_limit() {
        let stats = RestCallStats::default();
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        for number in 0..limits::CALLERS * 3 {
            stats.count(&format!("agent{number}"), "GET", address, None);
            stats.count("agent", &format!("M{number}"), address, None);
        }
        stats.count(&"é".repeat(1000), "GET", address, None);
        let rows = stats.rows();
        assert!(rows.len() <= limits::CALLERS + 2, "{}", rows.len());
        assert!(rows.iter().all(|row| row.caller.len() <= CALLER_NAME && row.method.len() <= 7));
    }
}
