//! The parameters of a URL, read as forms write them.

use crate::api::{
    conditions,
    operations::Operation,
    parameters::{CONDITIONS, ParameterPlace, Shape},
    problem::{Problem, ProblemKind},
};
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// Parameters of one URL.
const MOST: usize = 64;
/// Characters of an unknown name that its refusal repeats.
const SHOWN: usize = 64;

/// The parameters of a URL that an operation knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryItems(Vec<(String, String)>);

impl QueryItems {
    /// Reads what stands behind the `?` of a URL.
    ///
    /// # Errors
    /// [`ProblemKind::BadParameter`] for a parameter that the operation does not know, that stands there twice, or that has
    /// another form.
    pub fn read(query: &str, operation: &Operation) -> Result<Self, Problem> {
        let mut items: Vec<(String, String)> = Vec::new();
        for item in query.split('&').filter(|item| !item.is_empty()) {
            if items.len() == MOST {
                return Err(bad(format!("a URL has at most {MOST} parameters")));
            }
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            // `where.KEY=VALUE` is another form of `where=KEY=VALUE`.
            let (name, value) = match name.strip_prefix("where.") {
                Some(path) if operation.takes_query("where") => {
                    let condition = conditions::of_parts(path, &value);
                    let condition =
                        condition.ok_or_else(|| bad("a path of keys ends with one backslash".to_owned()))?;
                    ("where".to_owned(), condition)
                }
                _ => (name, value),
            };
            let known = operation.parameters.iter().find(|one| one.place == ParameterPlace::Query && one.name == name);
            let Some(known) = known else { return Err(unknown(&name, operation)) };
            let most = if known.shape == Shape::Conditions { CONDITIONS } else { 1 };
            if items.iter().filter(|(own, _)| *own == name).count() >= most {
                return Err(bad(format!("the parameter '{name}' stands in the URL more than {most} times")));
            }
            known.shape.check(&value).map_err(|reason| bad(format!("the parameter '{name}' {reason}")))?;
            items.push((name, value));
        }
        Ok(Self(items))
    }

    /// Returns the value of a parameter.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns all values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value of a number, which has been checked.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    /// Tells whether a switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }
}

fn bad(detail: String) -> Problem {
    Problem::new(ProblemKind::BadParameter, detail)
}

fn unknown(name: &str, operation: &Operation) -> Problem {
    let names: Vec<&str> =
        operation.parameters.iter().filter(|one| one.place == ParameterPlace::Query).map(|one| one.name).collect();
    let known = if names.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", names.join(", ")) };
    let shown: String = name.chars().take(SHOWN).collect();
    bad(format!("'{}' is no parameter here: {known}", shown.escape_debug()))
}

fn decoded(text: &str) -> Result<String, Problem> {
    let blanks: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    let decoded = percent_decode(blanks.as_bytes()).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| bad("the URL is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operations::OPERATIONS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_url_breaks_the_reader(text in ".*", name in "[a-z.%_]{0,8}", value in "[ -~]{0,20}") {
            for operation in OPERATIONS {
                let _ = QueryItems::read(&text, operation);
                let _ = QueryItems::read(&format!("{name}={value}&{text}"), operation);
                let _ = operation.matches(&text);
            }
        }
    }

    #[test]
    fn parameters_are_those_that_the_operation_knows() {
        let list = OPERATIONS.iter().find(|one| one.id == "listPolicies").unwrap();
        let read = |query: &str| QueryItems::read(query, list);
        let items = read("type=operator&where.ip=10.0.0.1&where=table.name%3Da+b&&limit=7&text=%C3%B6").unwrap();
        assert_eq!(items.all("where").collect::<Vec<_>>(), ["ip=10.0.0.1", "table.name=a b"]);
        assert_eq!(
            (items.text("type"), items.text("text"), items.number("limit")),
            (Some("operator"), Some("ö"), Some(7))
        );
        let items = read(r"where.a%3Db%5C.c=d&where=e\.f=g").unwrap();
        assert_eq!(items.all("where").collect::<Vec<_>>(), [r"a\=b\.c=d", r"e\.f=g"]);
        assert_eq!(read("").unwrap(), QueryItems::default());
        for wrong in [
            "x=1",
            "limit=0",
            "limit=1001",
            "limit=+5",
            "limit=",
            "limit=1&limit=2",
            "type=%ff",
            "where=a",
            "where=a%5C%3Db",
            "where.a%5C=b",
            "limit=1e1",
            "cursor=",
            "at=yesterday",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&"where.a=b&".repeat(CONDITIONS + 1)).is_err());
    }
}
