//! The options after `bring`, in any order.

use super::Error;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) unique: bool,
    pub(super) pick: Option<Pick>,
    pub(super) json: bool,
    pub(super) list: bool,
    pub(super) table: bool,
    pub(super) sort: Option<Vec<usize>>,
    pub(super) count: bool,
    pub(super) null: bool,
    pub(super) ip_port: bool,
    pub(super) edge: Option<Edge>,
    pub(super) children: bool,
}

/// One result instead of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    First,
    Last,
}

/// The smallest or the largest result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Least,
    Most,
}

impl Options {
    /// Reads `bring.unique.json` and the like.
    pub(super) fn parse(word: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        for name in word.split('.').skip(1) {
            match name {
                "unique" => options.unique = true,
                "first" => options.pick = Some(Pick::First),
                "recent" | "last" => options.pick = options.pick.or(Some(Pick::Last)),
                "json" => options.json = true,
                "list" => options.list = true,
                "table" => options.table = true,
                "sort" => options.sort = Some(Vec::new()),
                "count" => options.count = true,
                "null" => options.null = true,
                "ip_port" => options.ip_port = true,
                "min" => options.edge = Some(Edge::Least),
                "max" => options.edge = Some(Edge::Most),
                "children" => options.children = true,
                name => options.sort = Some(columns(name).ok_or_else(|| unknown(word))?),
            }
        }
        Ok(options)
    }

    /// Tells whether there is nothing to show without items.
    pub(super) const fn needs_items(&self) -> bool {
        let whole = self.unique
            || self.json
            || self.list
            || self.table
            || self.count
            || self.ip_port
            || self.children
            || self.edge.is_some();
        !whole && self.pick.is_none()
    }

    /// Tells whether children are shown in a form of their own; plain `bring.children` shows them whole.
    pub(super) const fn has_form(&self) -> bool {
        let texts = self.unique || self.list || self.null || self.edge.is_some() || self.pick.is_some();
        texts || self.json || self.table || self.count
    }

    /// Tells whether whole policies are joined without blanks.
    pub(super) const fn joins_whole(&self) -> bool {
        (self.unique || self.json || self.list) && self.pick.is_none()
    }
}

/// Reads `sort(1,0)`; what is no number is a column that no table has.
fn columns(name: &str) -> Option<Vec<usize>> {
    let list = name.strip_prefix("sort(")?.strip_suffix(')')?;
    Some(list.split(',').map(|column| column.trim().parse().unwrap_or(usize::MAX)).collect())
}

fn unknown(word: &str) -> Error {
    Error::structure(format!("Unrecognized 'bring' directive: '{word}'"))
}
