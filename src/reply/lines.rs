//! Answers of several lines: plain lines, and names with their values.

use serde_json::Value;

/// Lines of text, without their line breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The lines in order.
    pub lines: Vec<String>,
    /// Where `render` puts the line breaks; clients of the network compare them byte by byte.
    pub breaks: Breaks,
}

/// Where the line breaks of an answer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// Between the lines only.
    Between,
    /// In front of every line.
    Before,
    /// At the end of every line.
    Behind,
}

impl Lines {
    /// Creates lines with a break between each two of them.
    pub fn between(lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::with(Breaks::Between, lines)
    }

    /// Creates lines that each begin with a break.
    pub fn before(lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::with(Breaks::Before, lines)
    }

    /// Creates lines that each end with a break.
    pub fn behind(lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::with(Breaks::Behind, lines)
    }

    fn with(breaks: Breaks, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { lines: lines.into_iter().map(Into::into).collect(), breaks }
    }
}

/// Names with their values, one pair per line.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// Names and values in order.
    pub pairs: Vec<(String, Value)>,
    /// How a line is written.
    pub layout: PairsLayout,
}

/// How the network's nodes write pairs; each layout is known to clients byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairsLayout {
    /// `name : value`, the colons below each other: options that are set.
    Settings,
    /// `Name: value`, the values below each other: facts about a machine or a service.
    Facts,
    /// `  name : value`: levels of the trace.
    Levels,
    /// Pools of workers, not ended by a line break: the value is a list of the states of the workers and of the calls
    /// they served.
    Pools,
    /// As facts, but begun by two returns and not ended by a line break: the cores of a processor.
    Cores,
}

impl Pairs {
    /// Creates pairs of names and values.
    pub fn new(layout: PairsLayout, pairs: impl IntoIterator<Item = (impl Into<String>, Value)>) -> Self {
        Self { pairs: pairs.into_iter().map(|(name, value)| (name.into(), value)).collect(), layout }
    }
}
