//! The names of the platforms.

use std::{fmt, str::FromStr};

/// A platform that commands can name; each is a chain with the machine of Ethereum, so one client speaks to both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlatformName {
    /// `ethereum`.
    Ethereum,
    /// `optimism`.
    Optimism,
}

impl PlatformName {
    /// Every name, in the order in which texts list them.
    pub const ALL: [Self; 2] = [Self::Ethereum, Self::Optimism];

    /// Returns the name as commands write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ethereum => "ethereum",
            Self::Optimism => "optimism",
        }
    }
}

impl fmt::Display for PlatformName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PlatformName {
    type Err = ();

    /// Reads a name, whatever its case.
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|name| name.as_str().eq_ignore_ascii_case(text)).ok_or(())
    }
}
