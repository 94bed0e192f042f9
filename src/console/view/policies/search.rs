//! What somebody looks for: a text anywhere in policies, and values of attributes.

use super::addresses::encoded;
use crate::{
    command::ledger::documents::{PathCondition, PolicyFilter},
    console::form::PageForm,
};

/// Characters of a search.
const LONGEST: usize = 1024;

/// A search as the field of the page has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicySearch {
    /// The type; all when there is none.
    pub kind: Option<String>,
    /// What was typed.
    pub typed: String,
}

impl PolicySearch {
    /// Reads the fields `type` and `text` of a URL.
    #[must_use]
    pub fn of(query: &PageForm) -> Self {
        let kind = query.text("type").filter(|kind| !kind.is_empty()).map(str::to_owned);
        let typed = query.filled("text").unwrap_or_default().chars().take(LONGEST).collect();
        Self { kind, typed }
    }

    /// Returns the same search as a query of a URL.
    #[must_use]
    pub fn query(&self) -> String {
        let kind = self.kind.as_deref().map(|kind| format!("type={}", encoded(kind)));
        let typed = Some(&self.typed).filter(|typed| !typed.is_empty()).map(|typed| format!("text={}", encoded(typed)));
        kind.into_iter().chain(typed).collect::<Vec<_>>().join("&")
    }

    /// Returns which policies are looked for. A word `key=value` asks for the value of an attribute, `table.name=x` below
    /// another one; all other words are one text, and what stands between quotes is one word.
    #[must_use]
    pub fn filter(&self) -> PolicyFilter {
        let (mut conditions, mut text) = (Vec::new(), Vec::new());
        for word in words(&self.typed) {
            match condition(&word) {
                Some(condition) => conditions.push(condition),
                None => text.push(word),
            }
        }
        let text = text.join(" ");
        PolicyFilter { kind: self.kind.clone(), conditions, text: Some(text).filter(|text| !text.is_empty()) }
    }
}

fn condition(word: &str) -> Option<PathCondition> {
    let (path, value) = word.split_once('=')?;
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|sign| sign.is_alphanumeric() || "_-".contains(sign));
    if value.is_empty() || !path.split('.').all(is_key) {
        return None;
    }
    Some(PathCondition { path: path.split('.').map(str::to_owned).collect(), value: value.to_owned() })
}

/// Cuts what was typed at blanks that are not between quotes, which are taken away.
fn words(typed: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    // A quote that nobody closes is one of the text.
    let has_pairs = typed.matches('"').count().is_multiple_of(2);
    for sign in typed.chars() {
        match sign {
            '"' if has_pairs => is_quoted = !is_quoted,
            sign if sign.is_whitespace() && !is_quoted => words.extend(filled(std::mem::take(&mut word))),
            sign => word.push(sign),
        }
    }
    words.extend(filled(word));
    words
}

fn filled(word: String) -> Option<String> {
    Some(word).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(kind: &str, typed: &str) -> PolicySearch {
        PolicySearch { kind: Some(kind.to_owned()).filter(|kind| !kind.is_empty()), typed: typed.to_owned() }
    }

    #[test]
    fn words_are_a_text_and_values_of_attributes() {
        let filter = search("operator", "edge  name=\"node 1\" table.name=rand 2").filter();
        let condition = |path: &[&str], value: &str| PathCondition {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            value: value.to_owned(),
        };
        assert_eq!(filter.kind.as_deref(), Some("operator"));
        assert_eq!(filter.text.as_deref(), Some("edge 2"));
        assert_eq!(filter.conditions, [condition(&["name"], "node 1"), condition(&["table", "name"], "rand")]);
    }

    #[test]
    fn what_is_no_condition_is_text() {
        for text in ["a==", "=b", "a.=b", "a b", "x\"y", "http://h?a=b", "name="] {
            let filter = search("", text).filter();
            let is_text = filter.conditions.is_empty() && filter.text.as_deref() == Some(text);
            assert!(is_text || text == "a==", "{text}: {filter:?}");
        }
        assert_eq!(search("", " \t ").filter(), PolicyFilter::default());
    }

    #[test]
    fn a_search_is_its_query() {
        let search = search("a&b", "ä=\"x y\"");
        assert_eq!(search.query(), "type=a%26b&text=%C3%A4%3D%22x%20y%22");
        assert_eq!(PolicySearch::of(&PageForm::url_encoded(search.query().as_bytes()).unwrap()), search);
        assert_eq!(PolicySearch::default().query(), "");
    }
}
