//! Figures of the REST calls, for `get rest calls` (spec/rest 10).

use crate::runtime::{clock, limits};
use jiff::Timestamp;
use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

/// Calls of one kind of caller with one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Product name of the caller's agent.
    pub caller: String,
    /// `GET`, `POST` or `PUT`.
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

/// Counters of all callers; at most [`limits::CALLERS`] kinds, the others are counted together.
#[derive(Debug, Default)]
pub struct CallBook {
    rows: Mutex<Vec<Calls>>,
}

impl CallBook {
    /// Counts one answered call; `error` is the text of its failure.
    pub fn count(&self, caller: &str, method: &str, address: SocketAddr, error: Option<&str>) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let known = rows.iter().position(|row| row.caller == caller && row.method == method);
        let at = known.unwrap_or_else(|| {
            let caller = if rows.len() < limits::CALLERS { caller } else { "others" };
            rows.iter().position(|row| row.caller == caller && row.method == method).unwrap_or_else(|| {
                rows.push(Calls::new(caller, method));
                rows.len() - 1
            })
        });
        if let Some(row) = rows.get_mut(at) {
            row.add(address, error);
        }
    }

    /// Returns the rows, the methods of one caller together, callers in the order of their first call.
    #[must_use]
    pub fn rows(&self) -> Vec<Calls> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut callers: Vec<&str> = Vec::new();
        for row in &rows {
            if !callers.contains(&row.caller.as_str()) {
                callers.push(&row.caller);
            }
        }
        callers.iter().flat_map(|caller| rows.iter().filter(move |row| row.caller == *caller)).cloned().collect()
    }
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
        let book = CallBook::default();
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        book.count("anylog", "POST", address, None);
        book.count("url", "GET", address, None);
        book.count("anylog", "GET", address, Some("Error Command Structure"));
        book.count("anylog", "GET", address, None);
        let rows = book.rows();
        let keys: Vec<_> = rows.iter().map(|r| (r.caller.as_str(), r.method.as_str(), r.processed, r.errors)).collect();
        assert_eq!(keys, [("anylog", "POST", 1, 0), ("anylog", "GET", 2, 1), ("url", "GET", 1, 0)]);
        assert_eq!(rows[1].last_error, "Error Command Structure");
    }

    #[test]
    fn never_grows_past_its_limit() {
        let book = CallBook::default();
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        for number in 0..limits::CALLERS * 3 {
            book.count(&format!("agent{number}"), "GET", address, None);
        }
        assert!(book.rows().len() <= limits::CALLERS + 1);
    }
}
