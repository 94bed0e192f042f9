//! Conditions on paths: `[port] > 9999.int and ([city] == Austin or not [main])` (reference/ledger 7.3).

use super::{Error, filter::without_single_quotes, path::Path, row::Row};
use anylog_policy::matching::sought;
use anylog_script::{Resolved, Scope, Word, resolve, words};
use std::{cmp::Ordering, str::FromStr};

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
    Compare(Operand, Operator, Operand),
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    StartsWith,
    EndsWith,
    ChildFrom,
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

    /// Evaluates from left to right: an `or` after a true part ends with true, an `and` after a false one with false.
    pub(super) fn holds(&self, row: &Row<'_>) -> bool {
        let mut value = self.first.holds(row);
        for (link, part) in &self.rest {
            match (link, value) {
                (Link::Or, true) => return true,
                (Link::And, false) => return false,
                _ => value = part.holds(row),
            }
        }
        value
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
            [sign] if matches!(left, Operand::Path(..)) && Operator::parse(&sign.text).is_ok() => {
                Ok((Self::Never, &[]))
            }
            [sign, value, rest @ ..] if !(sign.is("and") || sign.is("or")) => {
                let operator = Operator::parse(&sign.text)?;
                Ok((Self::Compare(left, operator, Operand::parse(value, scope)), rest))
            }
            [] => Ok((Self::Present(left), rest)),
            [_, _, ..] if matches!(left, Operand::Path(..)) => Ok((Self::Present(left), rest)),
            [sign, ..] => Err(Error::Condition(format!("a value is expected after '{} {}'", first.text, sign.text))),
        }
    }

    fn holds(&self, row: &Row<'_>) -> bool {
        match self {
            Self::Group(condition) => condition.holds(row),
            Self::Not(part) => !part.holds(row),
            Self::Present(operand) => !operand.text(row).is_empty(),
            Self::Never => false,
            Self::Compare(left, operator, right) => operator.holds(left, right, row),
        }
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
            other => Self::Text(without_single_quotes(&other.into_text()).to_owned()),
        }
    }

    fn text(&self, row: &Row<'_>) -> String {
        match self {
            Self::Path(path, _) => match path.body_value(row) {
                Some(value) if !value.is_null() => sought(value),
                _ => String::new(),
            },
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
        }
    }

    /// Returns the value as the number that is asked for: `1.5` is no whole number.
    fn number<T: FromStr>(&self, row: &Row<'_>) -> Option<T> {
        self.text(row).trim().parse().ok()
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

impl Operator {
    fn parse(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "contains" => Self::Contains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "childfrom" => Self::ChildFrom,
            _ => {
                return Err(Error::Condition(format!(
                    "'{text}' is no operator; use == != > >= < <= contains startswith endswith childfrom"
                )));
            }
        })
    }

    fn holds(self, left: &Operand, right: &Operand, row: &Row<'_>) -> bool {
        match (left.asks_for(), right.asks_for()) {
            (Number::Float, _) | (_, Number::Float) => return self.fits_numbers::<f64>(left, right, row),
            (Number::Int, _) | (_, Number::Int) => return self.fits_numbers::<i64>(left, right, row),
            (Number::No, Number::No) => {}
        }
        let (left, right) = (left.text(row).to_lowercase(), right.text(row).to_lowercase());
        match self {
            Self::Contains => left.contains(&right),
            Self::StartsWith => left.starts_with(&right),
            Self::EndsWith => left.ends_with(&right),
            Self::ChildFrom => is_child(&left, &right),
            _ => self.fits(left.cmp(&right)),
        }
    }

    fn fits_numbers<T: FromStr + PartialOrd>(self, left: &Operand, right: &Operand, row: &Row<'_>) -> bool {
        let (Some(left), Some(right)) = (left.number::<T>(row), right.number::<T>(row)) else { return false };
        left.partial_cmp(&right).is_some_and(|order| self.fits(order))
    }

    const fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            _ => false,
        }
    }
}

/// Tells whether a text stands directly below a parent whose last character separates the levels.
fn is_child(text: &str, parent: &str) -> bool {
    let Some(separator) = parent.chars().last() else { return false };
    text.strip_prefix(parent)
        .is_some_and(|rest| !rest.is_empty() && !rest.strip_suffix(separator).unwrap_or(rest).contains(separator))
}
