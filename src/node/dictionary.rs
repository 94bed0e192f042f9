//! The node's variables: `!name` from the dictionary, `$NAME` from the environment (reference/command-language 3).

use indexmap::IndexMap;
use std::sync::{PoisonError, RwLock};

/// One shared map of texts, in the order in which keys were first set.
#[derive(Debug, Default)]
pub struct Dictionary {
    variables: RwLock<IndexMap<String, String>>,
    environment: RwLock<IndexMap<String, String>>,
}

impl Dictionary {
    /// Creates a dictionary over the node's own copy of the environment.
    #[must_use]
    pub fn new(environment: IndexMap<String, String>) -> Self {
        Self { variables: RwLock::default(), environment: RwLock::new(environment) }
    }

    /// Returns the value of a key, if it is set.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.variables.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Sets a key; an empty value removes it.
    pub fn set(&self, key: &str, value: impl Into<String>) {
        let value = value.into();
        let mut map = self.variables.write().unwrap_or_else(PoisonError::into_inner);
        if value.is_empty() {
            map.shift_remove(key);
        } else {
            map.insert(key.to_owned(), value);
        }
    }

    /// Removes a key.
    pub fn remove(&self, key: &str) {
        self.variables.write().unwrap_or_else(PoisonError::into_inner).shift_remove(key);
    }

    /// Returns a variable of the environment as this node sees it.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<String> {
        self.environment.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Sets a variable of the environment for this node only.
    pub fn set_environment(&self, name: &str, value: impl Into<String>) {
        self.environment.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.into());
    }

    /// Returns all variables in the order in which they were first set.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let map = self.variables.read().unwrap_or_else(PoisonError::into_inner);
        map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// Returns the node's copy of the environment.
    #[must_use]
    pub fn environment_variables(&self) -> Vec<(String, String)> {
        let map = self.environment.read().unwrap_or_else(PoisonError::into_inner);
        map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}
