//! Queries over policies: `blockchain get …` (reference/ledger 7). Parsed once, evaluated on any [`Known`]. Pure.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

mod address;
mod bring;
mod budget;
mod condition;
mod error;
mod filter;
mod join;
mod join_index;
mod output;
mod overlay;
mod path;
mod reads;
mod row;
mod types;

pub use address::{Own, of as address_of, part};
pub use bring::Bring;
pub use budget::{Budget, Exhausted, Limits, Watch};
pub use error::Error;
pub use output::{Output, Texts};

use anylog_policy::{Known, PolicyRef};
use anylog_script::{Scope, Word};
use filter::Filter;
use join::Join;
use overlay::Overlay;
use reads::Reads;
use row::Row;
use types::Types;

/// Words of one query; whoever compares with more values asks several times.
const WORDS: usize = 10_000;
/// Bytes of all words of one query.
const TEXT: usize = 512 * 1024;

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
        let text: usize = words.iter().map(|word| word.text.len()).sum();
        if words.len() > WORDS || text > TEXT {
            return Err(Error::structure(format!(
                "a query has at most {WORDS} words and {TEXT} bytes: ask for less at once"
            )));
        }
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
    /// When a join asks for an attribute that a left policy does not have, and when the budget is used up.
    pub fn run(&self, known: &dyn Known, own: &Own, budget: &Budget<'_>) -> Result<Output, Error> {
        match Overlay::of(known, budget)? {
            Some(overlay) => self.read(&overlay, own, budget),
            None => self.read(known, own, budget),
        }
    }

    /// Answers the query from the policies as they are stored (`blockchain read`).
    ///
    /// # Errors
    /// Like [`Query::run`].
    pub fn read(&self, known: &dyn Known, own: &Own, budget: &Budget<'_>) -> Result<Output, Error> {
        let Some(bring) = &self.bring else { return self.list(known, budget) };
        let rows = self.select(known, bring.reads(), budget)?;
        bring.apply(rows, known, own, budget)
    }

    /// Tells which of the given policies the query selects, without `bring`.
    ///
    /// # Errors
    /// Like [`Query::run`].
    pub fn policies<'a>(&self, known: &'a dyn Known, budget: &Budget<'_>) -> Result<Vec<PolicyRef<'a>>, Error> {
        let rows = self.select(known, Reads::Whole, budget)?;
        Ok(rows.into_iter().filter_map(|row| if let Row::Known(policy) = row { Some(policy) } else { None }).collect())
    }

    /// Tells whether the answer depends on nothing but the policies; `bring` may ask for the addresses of this node.
    #[must_use]
    pub fn reads_policies_alone(&self) -> bool {
        self.bring.is_none()
    }

    /// Returns how many queries stand inside each other behind `join` and `merge`; 0 without one.
    #[must_use]
    pub fn joins(&self) -> usize {
        self.join.as_ref().map_or(0, |join| 1 + join.query().joins())
    }

    /// Lists the results. A policy that is shown as it is stored stays unread until then.
    fn list(&self, known: &dyn Known, budget: &Budget<'_>) -> Result<Output, Error> {
        if self.join.is_none() {
            return Ok(Output::Policies(self.types.list(known, &self.filter, budget)?));
        }
        let rows = self.select(known, Reads::Whole, budget)?;
        Ok(Output::of_values(row::into_values(rows, budget)?))
    }

    /// Returns the results, with as much of each as is shown of them.
    fn select<'a>(&self, known: &'a dyn Known, shown: Reads<'_>, budget: &Budget<'_>) -> Result<Vec<Row<'a>>, Error> {
        match &self.join {
            None => Ok(self.types.select(known, &self.filter, shown, budget)?),
            Some(join) => {
                let rows = self.types.select(known, &self.filter, Reads::Whole, budget)?;
                join.combine(rows, known, budget)
            }
        }
    }
}

/// Tells whether the words of the condition end here.
fn starts_tail(word: &Word) -> bool {
    word.is("join") || word.is("merge") || is_bring(word)
}

fn is_bring(word: &Word) -> bool {
    word.is("bring") || (word.text.starts_with("bring.") && word.is(&word.text))
}
