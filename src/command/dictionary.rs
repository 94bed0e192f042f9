//! The node's variables: `!name` from the dictionary, `$NAME` from the environment (spec/command-language 3).

use arc_swap::ArcSwap;
use imbl::HashMap;
use indexmap::IndexMap;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// One shared map of texts, in the order in which keys were first set.
#[derive(Debug, Default)]
pub struct Dictionary {
    variables: Variables,
    environment: Variables,
}

/// Variables that are read far more often than set: each change makes a new map, and readers share nothing that changes.
#[derive(Debug, Default)]
struct Variables {
    values: ArcSwap<HashMap<String, Variable>>,
    /// Place of the next new key.
    next: AtomicU64,
}

#[derive(Clone, Debug)]
struct Variable {
    place: u64,
    value: Arc<str>,
}

impl Variables {
    fn get(&self, key: &str) -> Option<String> {
        self.values.load().get(key).map(|variable| variable.value.as_ref().to_owned())
    }

    fn set(&self, key: &str, value: &str) {
        let (next, value) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::from(value));
        self.values.rcu(|values| {
            let place = values.get(key).map_or(next, |variable| variable.place);
            values.update(key.to_owned(), Variable { place, value: Arc::clone(&value) })
        });
    }

    fn remove(&self, key: &str) {
        self.values.rcu(|values| values.without(key));
    }

    fn list(&self) -> Vec<(String, String)> {
        let values = self.values.load();
        let mut list: Vec<_> = values.iter().collect();
        list.sort_unstable_by_key(|(_, variable)| variable.place);
        list.into_iter().map(|(key, variable)| (key.clone(), variable.value.as_ref().to_owned())).collect()
    }
}

impl Dictionary {
    /// Creates a dictionary over the node's own copy of the environment.
    #[must_use]
    pub fn new(environment: IndexMap<String, String>) -> Self {
        let dictionary = Self::default();
        environment.iter().for_each(|(name, value)| dictionary.environment.set(name, value));
        dictionary
    }

    /// Returns the value of a key, if it is set.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.variables.get(key)
    }

    /// Sets a key; an empty value removes it.
    pub fn set(&self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.variables.remove(key);
        } else {
            self.variables.set(key, &value);
        }
    }

    /// Removes a key.
    pub fn remove(&self, key: &str) {
        self.variables.remove(key);
    }

    /// Returns a variable of the environment as this node sees it.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    /// Sets a variable of the environment for this node only.
    pub fn set_environment(&self, name: &str, value: impl Into<String>) {
        self.environment.set(name, &value.into());
    }

    /// Returns all variables in the order in which they were first set.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        self.variables.list()
    }

    /// Returns the node's copy of the environment.
    #[must_use]
    pub fn environment_variables(&self) -> Vec<(String, String)> {
        self.environment.list()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_in_which_keys_were_first_set() {
        let dictionary = Dictionary::default();
        for (key, value) in [("b", "1"), ("a", "2"), ("c", "3"), ("b", "4"), ("a", ""), ("a", "5")] {
            dictionary.set(key, value);
        }
        let expected = [("b", "4"), ("c", "3"), ("a", "5")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(dictionary.variables(), expected);
    }

    #[test]
    fn loses_nothing_that_many_set_at_once() {
        let dictionary = Dictionary::default();
        std::thread::scope(|scope| {
            for number in 0..20 {
                let dictionary = &dictionary;
                scope.spawn(move || dictionary.set(&format!("key{number}"), number.to_string()));
            }
        });
        assert_eq!(dictionary.variables().len(), 20);
    }
}
