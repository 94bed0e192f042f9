//! Queries over policies: `blockchain get …` (reference/ledger 7). Parsed once, evaluated on any [`Known`]. Pure.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

mod address;
mod bring;
mod condition;
mod error;
mod filter;
mod join;
mod output;
mod overlay;
mod path;
mod row;
mod types;

pub use address::Own;
pub use bring::Bring;
pub use error::Error;
pub use output::{Output, Texts};

use anylog_policy::{Known, Policy};
use anylog_script::{Scope, Word};
use filter::Filter;
use join::Join;
use overlay::Overlay;
use row::Row;
use types::Types;

/// One parsed query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    types: Types,
    filter: Filter,
    join: Option<Join>,
    bring: Option<Bring>,
}

impl Query {
    /// Reads the words after `blockchain get`: `TYPES [where …] [join|merge (…)] [bring…]`.
    ///
    /// # Errors
    /// What cannot be read, and what is expected there.
    pub fn parse(words: &[Word], scope: &dyn Scope) -> Result<Self, Error> {
        Self::parse_inner(words, scope, 0)
    }

    /// Reads a query that stands inside `level` others.
    fn parse_inner(words: &[Word], scope: &dyn Scope, level: usize) -> Result<Self, Error> {
        let (types, rest) = Types::parse(words, scope)?;
        let split = rest.iter().position(starts_tail).unwrap_or(rest.len());
        let (condition, mut tail) = rest.split_at(split);
        let filter = match condition {
            [] => Filter::default(),
            [object] if object.text.starts_with('{') => Filter::from_object(&object.text)?,
            [word, condition @ ..] if word.is("where") => Filter::parse(condition, scope, level > 0)?,
            [word, ..] => return Err(Error::structure(format!("'where' or 'bring' is expected at '{}'", word.text))),
        };
        let mut join = None;
        if let Some((word, rest)) = tail.split_first()
            && !is_bring(word)
        {
            join = Some(Join::parse(word, rest.first(), scope, level)?);
            tail = rest.get(1..).unwrap_or_default();
        }
        let bring = match tail.first() {
            None => None,
            Some(word) if is_bring(word) => Some(Bring::parse(tail, scope)?),
            Some(word) => return Err(Error::structure(format!("'bring' is expected at '{}'", word.text))),
        };
        Ok(Self { types, filter, join, bring })
    }

    /// Answers the query; `anmp` policies are laid over the others. `own` are the addresses of this node.
    ///
    /// # Errors
    /// When a join asks for an attribute that a left policy does not have.
    pub fn run(&self, known: &dyn Known, own: &Own) -> Result<Output, Error> {
        match Overlay::of(known) {
            Some(overlay) => self.read(&overlay, own),
            None => self.read(known, own),
        }
    }

    /// Answers the query from the policies as they are stored (`blockchain read`).
    ///
    /// # Errors
    /// Like [`Query::run`].
    pub fn read(&self, known: &dyn Known, own: &Own) -> Result<Output, Error> {
        let rows = self.select(known)?;
        match &self.bring {
            None => Ok(Output::Policies(rows.into_iter().map(Row::into_value).collect())),
            Some(bring) => bring.apply(rows, known, own),
        }
    }

    /// Tells which of the given policies the query selects, without `bring`.
    ///
    /// # Errors
    /// Like [`Query::run`].
    pub fn policies<'a>(&self, known: &'a dyn Known) -> Result<Vec<&'a Policy>, Error> {
        let rows = self.select(known)?;
        Ok(rows.into_iter().filter_map(|row| if let Row::Known(policy) = row { Some(policy) } else { None }).collect())
    }

    /// Tells whether the answer depends on nothing but the policies; `bring` may ask for the addresses of this node.
    #[must_use]
    pub fn reads_policies_alone(&self) -> bool {
        self.bring.is_none()
    }

    fn select<'a>(&self, known: &'a dyn Known) -> Result<Vec<Row<'a>>, Error> {
        let rows = self.types.select(known, &self.filter);
        match &self.join {
            None => Ok(rows),
            Some(join) => join.combine(rows, known),
        }
    }

    fn bound(&self, left: &Row<'_>) -> Result<Self, String> {
        Ok(Self { filter: self.filter.bound(left)?, ..self.clone() })
    }
}

/// Tells whether the words of the condition end here.
fn starts_tail(word: &Word) -> bool {
    word.is("join") || word.is("merge") || is_bring(word)
}

fn is_bring(word: &Word) -> bool {
    word.is("bring") || (word.text.starts_with("bring.") && word.is(&word.text))
}
