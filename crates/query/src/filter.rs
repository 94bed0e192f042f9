//! `where`: the simple form `k = v and …`, the condition form, and one after the other (reference/ledger 7.2, 7.3).

use super::{Budget, Error, Exhausted, condition::Condition, path::Path, row::Row};
use anylog_policy::{
    json,
    matching::{comparable_text, equals, same_text},
};
use anylog_script::{Scope, Word, resolve};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a policy has to fulfil.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter {
    /// Of two with the same attribute the later one counts.
    pairs: IndexMap<Attribute, Wanted>,
    condition: Option<Condition>,
}

/// What a pair compares: `key`, or `key[child]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Attribute {
    key: String,
    child: Option<String>,
}

/// An attribute with what it has to be.
type Pair = (Attribute, Wanted);

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    /// The attribute equals the text.
    Equal(String),
    /// The attribute, or one of its items, is one of the texts.
    With(Vec<String>),
    /// The attribute equals one of the left policy of a join.
    Left(Path),
    /// Nothing equals it: a number where only text is compared, a key with more than one child.
    Never,
}

impl Filter {
    /// Reads the words after `where`; with `joined` a value `[type][attribute]` is taken from the left policy.
    pub(super) fn parse(words: &[Word], scope: &dyn Scope, joined: bool) -> Result<Self, Error> {
        if words.is_empty() {
            return Err(Error::structure("a key = value or a condition is expected after 'where'"));
        }
        let mut filter = Self::default();
        let mut rest = words;
        if let [object] = words
            && object.text.starts_with('{')
        {
            return Self::from_object(&object.text);
        }
        loop {
            let Some((pair, after)) = parse_pair(rest, scope, joined)? else {
                if let Some(word) = rest.first().filter(|word| !filter.pairs.is_empty() && is_plain(word)) {
                    return Err(Error::Structure(format!("key = value is expected at '{}'", word.text)));
                }
                filter.condition = Some(Condition::parse(rest, scope)?);
                return Ok(filter);
            };
            let (attribute, wanted) = pair;
            filter.pairs.insert(attribute, wanted);
            rest = match after.split_first() {
                None => return Ok(filter),
                Some((word, rest)) if word.is("and") && !rest.is_empty() => rest,
                Some((word, _)) => {
                    return Err(Error::Structure(format!("'and' and a key = value are expected at '{}'", word.text)));
                }
            };
        }
    }

    /// Reads `{"key": "value", …}`.
    pub(super) fn from_object(text: &str) -> Result<Self, Error> {
        let Ok(Value::Object(object)) = json::parse_lenient(text) else {
            return Err(Error::structure(format!("the search object is not JSON: {text}")));
        };
        let pair = |(key, value): (String, Value)| {
            let wanted = value.as_str().map_or(Wanted::Never, |text| Wanted::Equal(text.to_owned()));
            (Attribute { key, child: None }, wanted)
        };
        Ok(Self { pairs: object.into_iter().map(pair).collect(), condition: None })
    }

    /// Tells whether every policy fulfils the filter.
    pub(super) fn accepts_all(&self) -> bool {
        self.pairs.is_empty() && self.condition.is_none()
    }

    /// Tells whether a policy fulfils the filter, as far as nothing of the left side of a join is asked for.
    pub(super) fn accepts(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        for (attribute, wanted) in &self.pairs {
            if !attribute.any_value(row, |value| wanted.accepts(value, budget))? {
                return Ok(false);
            }
        }
        self.condition.as_ref().map_or(Ok(true), |condition| condition.holds(row, budget))
    }

    /// Returns the attributes that decide whether a policy fulfils the filter.
    pub(super) fn reads(&self) -> BTreeSet<&str> {
        let mut reads: BTreeSet<&str> = self.pairs.keys().map(|attribute| attribute.key.as_str()).collect();
        if let Some(condition) = &self.condition {
            condition.reads(&mut reads);
        }
        reads
    }

    /// Returns the text that an attribute has to equal, if the filter asks for one.
    pub(super) fn equal(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find_map(|(attribute, wanted)| match wanted {
            Wanted::Equal(text) if attribute.key == key && attribute.child.is_none() => Some(text.as_str()),
            _ => None,
        })
    }

    /// Returns the first attribute that has to equal one of the left side of a join.
    pub(super) fn asked_by_left(&self) -> Option<&Attribute> {
        self.pairs.iter().find(|(_, wanted)| matches!(wanted, Wanted::Left(_))).map(|(attribute, _)| attribute)
    }

    /// Returns what a policy on the left of a join asks for.
    ///
    /// # Errors
    /// The key that the left policy does not have.
    pub(super) fn bound(&self, left: &Row<'_>) -> Result<Bound<'_>, String> {
        let mut texts = Vec::new();
        for (attribute, wanted) in &self.pairs {
            if let Wanted::Left(path) = wanted {
                let found = path.root_value(left).ok_or_else(|| path.key().to_owned())?;
                texts.push((attribute, found.text()));
            }
        }
        Ok(Bound { texts })
    }
}

/// What one policy on the left of a join asks for.
pub(super) struct Bound<'f> {
    texts: Vec<(&'f Attribute, String)>,
}

impl Bound<'_> {
    /// Tells whether a policy has every value that is asked for.
    pub(super) fn accepts(&self, row: &Row<'_>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        for (attribute, text) in &self.texts {
            if !attribute.any_value(row, |value| is_equal(value, text, budget))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the text for the attribute of [`Filter::asked_by_left`].
    pub(super) fn first_text(&self) -> Option<&str> {
        self.texts.first().map(|(_, text)| text.as_str())
    }
}

impl Attribute {
    /// Shows what the pair compares to `accepts`, until that accepts one: the attribute, or the texts of its children.
    pub(super) fn any_value(
        &self,
        row: &Row<'_>,
        mut accepts: impl FnMut(&Value) -> Result<bool, Exhausted>,
    ) -> Result<bool, Exhausted> {
        let Some(attribute) = row.of_body(&self.key) else { return Ok(false) };
        let Some(child) = &self.child else { return accepts(attribute) };
        let children: &mut dyn Iterator<Item = &Value> = match attribute {
            Value::Object(object) => &mut object.get(child).into_iter(),
            Value::Array(items) => &mut items.iter().filter_map(|item| item.get(child)),
            _ => return Ok(false),
        };
        for value in children.filter(|value| value.is_string()) {
            if accepts(value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Reads three words as a pair; nothing when they are none.
fn parse_pair<'w>(words: &'w [Word], scope: &dyn Scope, joined: bool) -> Result<Option<(Pair, &'w [Word])>, Error> {
    let [key, sign, value, rest @ ..] = words else { return Ok(None) };
    let with = sign.is("with");
    if !(sign.is("=") || with) || key.text.starts_with('(') {
        return Ok(None);
    }
    let Some((key, child)) = split_key(&key.text) else {
        let nothing = (Attribute { key: key.text.clone(), child: None }, Wanted::Never);
        return Ok(key.text.contains('[').then_some((nothing, rest)));
    };
    let path = || Path::parse(&value.text, &|name| resolve(name, scope).into_text());
    let wanted = match value.text.starts_with('[') {
        true if with => Wanted::With(list(&value.text)?),
        true if joined => path().map_or(Wanted::Never, Wanted::Left),
        _ => {
            let text = match value.is_reference() {
                true => unquoted(resolve(value, scope).into_text(), scope),
                false => without_single_quotes(&value.text).to_owned(),
            };
            if text.is_empty() && !with {
                // A variable of the environment that is not set is the name of nothing (reference/ledger 7.2).
                if value.text.starts_with('$') {
                    return Ok(Some(((Attribute { key, child }, Wanted::Never), rest)));
                }
                return Err(Error::SearchKey(format!("the key '{key}' has no value: '{}'", value.text)));
            }
            if with { Wanted::With(vec![text]) } else { Wanted::Equal(text) }
        }
    };
    Ok(Some(((Attribute { key, child }, wanted), rest)))
}

impl Wanted {
    fn accepts(&self, attribute: &Value, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        match self {
            Self::Equal(text) => is_equal(attribute, text, budget),
            Self::With(texts) => {
                for text in texts {
                    budget.read(length(attribute) + text.len())?;
                    if is_with(attribute, text) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            // What the left side says is looked at when it is known.
            Self::Left(_) => Ok(true),
            Self::Never => Ok(false),
        }
    }
}

fn is_equal(attribute: &Value, text: &str, budget: &Budget<'_>) -> Result<bool, Exhausted> {
    budget.read(length(attribute) + text.len())?;
    Ok(equals(attribute, text))
}

/// Returns the bytes that a comparison with a text reads, about.
fn length(attribute: &Value) -> usize {
    match attribute {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len().saturating_mul(16),
        _ => 0,
    }
}

fn is_with(attribute: &Value, text: &str) -> bool {
    match attribute {
        Value::String(own) => same_text(own, text),
        Value::Array(items) => {
            let lower = text.to_lowercase();
            items.iter().any(|item| item.as_str().is_some_and(|item| item == text || item == lower))
        }
        _ => false,
    }
}

/// Tells whether a word starts neither a path, nor a group, nor a negation.
fn is_plain(word: &Word) -> bool {
    !word.text.starts_with(['[', '(']) && !word.is("not")
}

/// Splits `k`, `[k]`, `k[child]` and `[k][child]`.
fn split_key(text: &str) -> Option<(String, Option<String>)> {
    let Some((start, _)) = text.split_once('[') else { return Some((text.to_owned(), None)) };
    let brackets = text.get(start.len()..)?;
    let mut names: Vec<String> = if start.is_empty() { Vec::new() } else { vec![start.to_owned()] };
    for part in brackets.split_inclusive(']') {
        let inner = part.strip_prefix('[')?.strip_suffix(']')?;
        names.push(inner.trim_matches(['"', '\'']).to_owned());
    }
    let mut names = names.into_iter();
    match (names.next(), names.next(), names.next()) {
        (Some(key), child, None) => Some((key, child)),
        _ => None,
    }
}

fn list(text: &str) -> Result<Vec<String>, Error> {
    match json::parse_lenient(text) {
        Ok(Value::Array(items)) => Ok(items.iter().map(comparable_text).collect()),
        _ => Err(Error::SearchKey(format!("a JSON list is expected after 'with': {text}"))),
    }
}

/// Returns the text of a reference without single quotes around it, which a bound value keeps.
pub(super) fn unquoted(text: String, scope: &dyn Scope) -> String {
    if scope.binds() { text } else { without_single_quotes(&text).to_owned() }
}

/// Returns the text without one pair of single quotes around it.
pub(super) fn without_single_quotes(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|inner| !inner.is_empty()).unwrap_or(text)
}
