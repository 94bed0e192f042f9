//! `where`: the simple form `k = v and …`, the condition form, and one after the other (reference/ledger 7.2, 7.3).

use super::{Error, condition::Condition, path::Path, row::Row};
use anylog_policy::{
    json,
    matching::{comparable_text, equals, same_text},
};
use anylog_script::{Scope, Word, resolve};
use serde_json::Value;

/// What a policy has to fulfil.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter {
    pairs: Vec<Pair>,
    condition: Option<Condition>,
}

/// One `key = value` or `key with value`.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    key: String,
    child: Option<String>,
    wanted: Wanted,
}

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
            let Some((pair, after)) = Pair::parse(rest, scope, joined)? else {
                if let Some(word) = rest.first().filter(|word| !filter.pairs.is_empty() && is_plain(word)) {
                    return Err(Error::Structure(format!("key = value is expected at '{}'", word.text)));
                }
                filter.condition = Some(Condition::parse(rest, scope)?);
                return Ok(filter);
            };
            filter.pairs.retain(|earlier| (&earlier.key, &earlier.child) != (&pair.key, &pair.child));
            filter.pairs.push(pair);
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
        let pair = |(key, value): (String, Value)| Pair {
            key,
            child: None,
            wanted: value.as_str().map_or(Wanted::Never, |text| Wanted::Equal(text.to_owned())),
        };
        Ok(Self { pairs: object.into_iter().map(pair).collect(), condition: None })
    }

    /// Tells whether a policy fulfils the filter.
    pub(super) fn accepts(&self, row: &Row<'_>) -> bool {
        self.pairs.iter().all(|pair| pair.accepts(row))
            && self.condition.as_ref().is_none_or(|condition| condition.holds(row))
    }

    /// Returns the text that an attribute has to equal, if the filter asks for one.
    pub(super) fn equal(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find_map(|pair| match &pair.wanted {
            Wanted::Equal(text) if pair.key == key && pair.child.is_none() => Some(text.as_str()),
            _ => None,
        })
    }

    /// Puts the values of the left policy of a join in their places.
    ///
    /// # Errors
    /// The key that the left policy does not have.
    pub(super) fn bound(&self, left: &Row<'_>) -> Result<Self, String> {
        let mut bound = self.clone();
        for pair in &mut bound.pairs {
            if let Wanted::Left(path) = &pair.wanted {
                let found = path.root_value(left).ok_or_else(|| path.key().to_owned())?;
                pair.wanted = Wanted::Equal(found.text());
            }
        }
        Ok(bound)
    }
}

impl Pair {
    /// Reads three words as a pair; nothing when they are none.
    fn parse<'w>(words: &'w [Word], scope: &dyn Scope, joined: bool) -> Result<Option<(Self, &'w [Word])>, Error> {
        let [key, sign, value, rest @ ..] = words else { return Ok(None) };
        let with = sign.is("with");
        if !(sign.is("=") || with) || key.text.starts_with('(') {
            return Ok(None);
        }
        let Some((key, child)) = split_key(&key.text) else {
            let nothing = Self { key: key.text.clone(), child: None, wanted: Wanted::Never };
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
                    return Err(Error::SearchKey(format!("the key '{key}' has no value: '{}'", value.text)));
                }
                if with { Wanted::With(vec![text]) } else { Wanted::Equal(text) }
            }
        };
        Ok(Some((Self { key, child, wanted }, rest)))
    }

    fn accepts(&self, row: &Row<'_>) -> bool {
        let Some(attribute) = row.of_body(&self.key) else { return false };
        match &self.child {
            None => self.wanted.accepts(attribute),
            Some(child) => match attribute {
                Value::Object(object) => object.get(child).is_some_and(|value| self.wanted.accepts_text(value)),
                Value::Array(items) => {
                    items.iter().filter_map(|item| item.get(child)).any(|value| self.wanted.accepts_text(value))
                }
                _ => false,
            },
        }
    }
}

impl Wanted {
    fn accepts(&self, attribute: &Value) -> bool {
        match self {
            Self::Equal(text) => equals(attribute, text),
            Self::With(texts) => texts.iter().any(|text| is_with(attribute, text)),
            Self::Left(_) | Self::Never => false,
        }
    }

    /// Compares the child of an attribute, which has to be text.
    fn accepts_text(&self, value: &Value) -> bool {
        value.is_string() && self.accepts(value)
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
