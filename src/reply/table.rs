//! Tables: titles and rows. How wide a column is belongs to `render`.

use serde_json::Value;

/// Titles and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names and values about the table as a whole, above its header.
    pub facts: Vec<(String, Value)>,
    /// What stands between the text before the table and its header.
    pub gap: Gap,
    /// A line above the titles.
    pub header: Option<String>,
    /// Blanks in front of every line.
    pub margin: usize,
    /// Longest piece of a cell on one line, in characters; 100 when not set (`set output table width`).
    pub width: Option<usize>,
    /// Characters of a line where the table is read; none where lines may be as long as they get, as programs expect it.
    pub columns: Option<usize>,
    /// Column titles; a line feed makes a title of two lines.
    pub titles: Vec<String>,
    /// One value per column: text, number, boolean, list, or null for blanks.
    pub rows: Vec<Vec<Value>>,
}

/// The distance above the header of a table; clients of the network compare it byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gap {
    /// None.
    #[default]
    Closed,
    /// An empty line.
    Line,
    /// A line feed without a return, as the nodes of the network write it before statistics.
    Feed,
}

impl Table {
    /// Creates a table from its titles and rows.
    #[must_use]
    pub fn new<const N: usize>(titles: [&str; N], rows: Vec<Vec<Value>>) -> Self {
        Self { titles: titles.map(str::to_owned).to_vec(), rows, ..Self::default() }
    }

    /// Puts a line above the titles.
    #[must_use]
    pub fn with_header(self, header: impl Into<String>) -> Self {
        Self { header: Some(header.into()), ..self }
    }
}
