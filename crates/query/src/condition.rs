//! Conditions on paths: `[port] > 9999.int and ([city] == Austin or not [main])` (reference/ledger 7.3).

use super::{
    Budget, Error, Exhausted,
    filter::{unquoted, without_single_quotes},
    path::Path,
    row::Row,
};
use anylog_policy::matching::comparable_text;
use anylog_script::{Resolved, Scope, Word, resolve, words};
use anylog_values::{Comparison, UnknownComparison};
use std::{collections::BTreeSet, str::FromStr};

/// Levels of parentheses and `not` inside each other.
const LEVELS: usize = 64;

/// Parts combined from left to right, without precedence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    first: Part,
    rest: Vec<(Link, Part)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Group(Box<Condition>),
    Not(Box<Part>),
    Present(Operand),
    /// A comparison with nothing.
    Never,
    Compare(Operand, Comparison, Operand),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(Path, Number),
    Text(String),
    Int(i64),
    Float(f64),
}

/// Whether a value is compared as a number, and as which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Int,
    Float,
    No,
}

impl Condition {
    /// Reads the words of a condition to their end.
    pub(super) fn parse(words: &[Word], scope: &dyn Scope) -> Result<Self, Error> {
        Self::parse_at(words, scope, 0)
    }

    fn parse_at(words: &[Word], scope: &dyn Scope, level: usize) -> Result<Self, Error> {
        let (first, mut words) = Part::parse(words, scope, level)?;
        let mut rest = Vec::new();
        while let Some((word, after)) = words.split_first() {
            let link = match word {
                word if word.is("and") => Link::And,
                word if word.is("or") => Link::Or,
                word => return Err(Error::Condition(format!("'and' or 'or' is expected at '{}'", word.text))),
            };
            let (part, after) = Part::parse(after, scope, level)?;
            rest.push((link, part));
            words = after;
        }
        Ok(Self { first, rest })
    }

    /// Adds the attributes of a policy that are read.
    pub(super) fn reads<'c>(&'c self, reads: &mut BTreeSet<&'c str>) {
        self.first.reads(reads);
        self.rest.iter().for_each(|(_, part)| part.reads(reads));
    }

    /// Evaluates from left to right: an `or` after a true part ends with true, an `and` after a false one with false.
    pub(super) fn holds(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        let mut value = self.first.holds(row, budget)?;
        for (link, part) in &self.rest {
            match (link, value) {
                (Link::Or, true) => return Ok(true),
                (Link::And, false) => return Ok(false),
                _ => value = part.holds(row, budget)?,
            }
        }
        Ok(value)
    }
}

impl Part {
    fn parse<'w>(input: &'w [Word], scope: &dyn Scope, level: usize) -> Result<(Self, &'w [Word]), Error> {
        if level > LEVELS {
            return Err(Error::Condition("too many parentheses inside each other".to_owned()));
        }
        let Some((first, rest)) = input.split_first() else {
            return Err(Error::Condition("a condition is expected at the end".to_owned()));
        };
        if first.is("not") {
            let (part, rest) = Self::parse(rest, scope, level + 1)?;
            return Ok((Self::Not(Box::new(part)), rest));
        }
        if let Some(inner) = first.text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            let group = Condition::parse_at(&words(inner)?, scope, level + 1)?;
            return Ok((Self::Group(Box::new(group)), rest));
        }
        let left = Operand::parse(first, scope);
        match rest {
            [sign] if matches!(left, Operand::Path(..)) && sign.text.parse::<Comparison>().is_ok() => {
                Ok((Self::Never, &[]))
            }
            [sign, value, rest @ ..] if !(sign.is("and") || sign.is("or")) => {
                let operator =
                    sign.text.parse().map_err(|error: UnknownComparison| Error::Condition(error.to_string()))?;
                Ok((Self::Compare(left, operator, Operand::parse(value, scope)), rest))
            }
            [] => Ok((Self::Present(left), rest)),
            [_, _, ..] if matches!(left, Operand::Path(..)) => Ok((Self::Present(left), rest)),
            [sign, ..] => Err(Error::Condition(format!("a value is expected after '{} {}'", first.text, sign.text))),
        }
    }

    fn reads<'c>(&'c self, reads: &mut BTreeSet<&'c str>) {
        match self {
            Self::Group(condition) => condition.reads(reads),
            Self::Not(part) => part.reads(reads),
            Self::Present(operand) => reads.extend(operand.attribute()),
            Self::Never => {}
            Self::Compare(left, _, right) => reads.extend(left.attribute().into_iter().chain(right.attribute())),
        }
    }

    fn holds(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        Ok(match self {
            Self::Group(condition) => condition.holds(row, budget)?,
            Self::Not(part) => !part.holds(row, budget)?,
            Self::Present(operand) => !operand.read(row, budget)?.is_empty(),
            Self::Never => false,
            Self::Compare(left, operator, right) => {
                compare(&left.read(row, budget)?, *operator, &right.read(row, budget)?, left.number_with(right))
            }
        })
    }
}

impl Operand {
    fn parse(word: &Word, scope: &dyn Scope) -> Self {
        let path = |text: &str| Path::parse(text, &|name| resolve(name, scope).into_text());
        if word.text.starts_with('[') {
            let (text, number) = match (word.text.strip_suffix(".int"), word.text.strip_suffix(".float")) {
                (Some(text), _) => (text, Number::Int),
                (_, Some(text)) => (text, Number::Float),
                _ => (word.text.as_str(), Number::No),
            };
            if let Some(path) = path(text) {
                return Self::Path(path, number);
            }
        }
        match resolve(word, scope) {
            Resolved::Int(number) => Self::Int(number),
            Resolved::Float(number) => Self::Float(number),
            other if word.is_reference() => Self::Text(unquoted(other.into_text(), scope)),
            other => Self::Text(without_single_quotes(&other.into_text()).to_owned()),
        }
    }

    /// Returns the attribute that is read.
    fn attribute(&self) -> Option<&str> {
        match self {
            Self::Path(path, _) => path.attribute_of_body(),
            Self::Text(_) | Self::Int(_) | Self::Float(_) => None,
        }
    }

    /// Returns the text that is compared, and charges the reading of it.
    fn read(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<String, Exhausted> {
        let text = match self {
            Self::Path(path, _) => match path.body_value(row) {
                Some(value) if !value.is_null() => comparable_text(value),
                _ => String::new(),
            },
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
        };
        budget.read(text.len())?;
        Ok(text)
    }

    /// Returns as what two sides are compared: as numbers when one of them asks for it.
    const fn number_with(&self, other: &Self) -> Number {
        match (self.asks_for(), other.asks_for()) {
            (Number::Float, _) | (_, Number::Float) => Number::Float,
            (Number::Int, _) | (_, Number::Int) => Number::Int,
            (Number::No, Number::No) => Number::No,
        }
    }

    const fn asks_for(&self) -> Number {
        match self {
            Self::Int(_) => Number::Int,
            Self::Float(_) => Number::Float,
            Self::Path(_, number) => *number,
            Self::Text(_) => Number::No,
        }
    }
}

/// Compares the texts of two sides.
fn compare(left: &str, operator: Comparison, right: &str, number: Number) -> bool {
    match number {
        Number::Float => compare_numbers::<f64>(left, operator, right),
        Number::Int => compare_numbers::<i64>(left, operator, right),
        Number::No => operator.holds_text(&left.to_lowercase(), &right.to_lowercase()),
    }
}

/// Compares two sides as numbers; one that is none makes the comparison false: `1.5` is no whole number.
fn compare_numbers<T: FromStr + PartialOrd>(left: &str, operator: Comparison, right: &str) -> bool {
    let (Ok(left), Ok(right)) = (left.trim().parse::<T>(), right.trim().parse::<T>()) else { return false };
    operator.holds(&left, &right)
}
