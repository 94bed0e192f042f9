//! What `set …` switches while the node runs, and what `config from policy` has tried.

use anylog_values::Host;
use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

/// Settings of the running node; a restart forgets them.
#[derive(Debug, Default)]
pub struct NodeSettings {
    choices: RwLock<Choices>,
}

/// The settings at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Choices {
    /// `set cli on|off`: the prompt takes commands after the start.
    pub prompt: bool,
    /// `set compression on|off`.
    pub compression: bool,
    /// `set exception traceback on|off`.
    pub traceback: bool,
    /// `set debug on|off|interactive`: scripts tell each line they run.
    pub debug: bool,
    /// `set output table width N`: longest piece of a cell on one line, in characters.
    pub table_width: Option<usize>,
    /// `set query mode using …`.
    pub query_mode: QueryMode,
    /// `set rest timeout N unit`: seconds that a REST request may take; the server's own when not set.
    pub rest_timeout: Option<u64>,
    /// `trace level = N command`: levels by command; an empty command is the level of all.
    pub trace: BTreeMap<String, u8>,
    /// `set reply ip [and port] = …`: address that messages of this node announce instead of its own.
    pub reply: Option<(Host, Option<u16>)>,
    /// `set self ip [and port] = …`: address used when this node sends a message to itself.
    pub itself: Option<(Host, Option<u16>)>,
    /// `get system threads where reset = true`: calls of each pool that are no longer counted.
    pub pool_calls: BTreeMap<&'static str, u64>,
    /// Every attempt of `config from policy`, by policy id.
    pub configurations: Vec<Configuration>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            prompt: true,
            compression: false,
            traceback: false,
            debug: false,
            table_width: None,
            query_mode: QueryMode::default(),
            rest_timeout: None,
            trace: BTreeMap::new(),
            reply: None,
            itself: None,
            pool_calls: BTreeMap::new(),
            configurations: Vec::new(),
        }
    }
}

/// Limits and modes of queries (`get query mode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryMode {
    /// Seconds that a query may take; 0 is no limit.
    pub timeout: u64,
    /// Bytes that a query may return.
    pub max_volume: u64,
    /// `all` or `any`.
    pub send_mode: String,
    /// `all` or `any`.
    pub reply_mode: String,
    /// Whether a query shows its id.
    pub show_id: bool,
}

impl Default for QueryMode {
    fn default() -> Self {
        let all = || "all".to_owned();
        Self { timeout: 0, max_volume: 10_000_000, send_mode: all(), reply_mode: all(), show_id: false }
    }
}

/// One attempt of `config from policy` (`get config policies`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Id of the policy.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Code it ended with, 0 when it was applied.
    pub code: u16,
    /// What failed, empty when it was applied.
    pub message: String,
}

impl NodeSettings {
    /// Returns the settings as they are now.
    #[must_use]
    pub fn get(&self) -> Choices {
        self.choices.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes settings.
    pub fn change(&self, change: impl FnOnce(&mut Choices)) {
        change(&mut self.choices.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Remembers an attempt of `config from policy`; a later one with the same policy takes its place.
    pub fn configured(&self, attempt: Configuration) {
        self.change(|choices| {
            choices.configurations.retain(|earlier| earlier.id != attempt.id);
            choices.configurations.push(attempt);
        });
    }
}
