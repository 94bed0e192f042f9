//! The sources of values: options, process environment, env file. The first one that sets a variable wins.

use crate::config::{
    EnvFile, Variable,
    merge::{Merge, Merged},
};

/// Everything that values are taken from; the first one that sets a variable wins.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Values of command-line options, with the option's name.
    pub options: Vec<(&'static str, &'static str, String)>,
    /// Environment of the process.
    pub process: Vec<(String, String)>,
    /// The env file, if there is one.
    pub file: Option<EnvFile>,
}

impl Sources {
    /// Merges the sources.
    #[must_use]
    pub fn merge(&self, variables: &[&'static Variable]) -> Merged {
        Merge::new(self, variables).finish()
    }
}
