//! The kinds of requests: what is done, and through which door.

use crate::node::Door;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Reads one policy.
    LookUp,
    /// Adds a policy.
    Insert,
    /// Gives one another text.
    Replace,
    /// Removes the oldest one.
    Drop,
}

impl Work {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::LookUp, Self::Insert, Self::Replace, Self::Drop];

    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LookUp => "look-up",
            Self::Insert => "insert",
            Self::Replace => "replace",
            Self::Drop => "drop",
        }
    }

    /// What the history calls it; a look-up is in no history.
    pub const fn in_history(self) -> Option<&'static str> {
        match self {
            Self::LookUp => None,
            Self::Insert => Some("insert"),
            Self::Replace => Some("replace"),
            Self::Drop => Some("drop"),
        }
    }
}

/// How many kinds there are.
pub const KINDS: usize = Work::ALL.len() * Door::ALL.len();

/// A kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What is done.
    pub work: Work,
    /// Through which door.
    pub door: Door,
}

impl Kind {
    /// Returns all kinds, in the order of [`Kind::place`].
    pub fn all() -> impl Iterator<Item = Self> {
        Work::ALL.into_iter().flat_map(|work| Door::ALL.map(|door| Self { work, door }))
    }

    /// Returns its place among all of them.
    pub const fn place(self) -> usize {
        self.work as usize * Door::ALL.len() + self.door as usize
    }

    /// What tables call it.
    pub fn name(self) -> String {
        format!("{}, {}", self.work.name(), self.door.name())
    }
}
