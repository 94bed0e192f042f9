//! The effective value of one variable and where it came from.

use crate::config::{Variable, without_passwords};
use std::{borrow::Cow, fmt, path::PathBuf, sync::Arc};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// The environment of the process.
    Process,
    /// A line of the env file.
    File(Arc<PathBuf>, usize),
    /// The default of the variable.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(option) => f.write_str(option),
            Self::Process => f.write_str("environment"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One variable with its effective value.
#[derive(Clone)]
pub struct Setting {
    /// What is known about the variable.
    pub variable: &'static Variable,
    /// Its text; empty for "not set".
    pub value: String,
    /// Where the text came from.
    pub source: Source,
    /// False when the text was reported as a mistake.
    pub valid: bool,
}

impl Setting {
    /// Returns the text as it may be shown: secrets are stars, also the password of a URL.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        if self.variable.secret && !self.value.is_empty() { "********".into() } else { without_passwords(&self.value) }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?} ({})", self.variable.name, self.shown(), self.source)
    }
}
