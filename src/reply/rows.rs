//! Rows that a query of a database selected (reference/rest 7.2, 8).

use serde_json::Value;
use std::time::Duration;

/// The result of a query: names of columns, one value per column and row, and how the caller wants to read them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Names of the columns; none when no row was selected.
    pub columns: Vec<String>,
    /// The rows, each with a value for every column.
    pub rows: Vec<Vec<Value>>,
    /// The form in which they are written as text.
    pub layout: RowLayout,
    /// Time that the query took, when its caller asked for statistics.
    pub elapsed: Option<Duration>,
}

/// How rows are written as text (`format` of `sql`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowLayout {
    /// `{"Query":[…]}`.
    #[default]
    Json,
    /// `[{…},…]`.
    List,
    /// Columns of text.
    Table,
}
