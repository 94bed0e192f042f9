//! Answers of `help` as parts of a page; what can be typed is a button that puts it into the line.

use crate::reply::{HelpAnswer, Links};
use askama::Template;

/// An answer of `help`.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "shown/help.html")]
pub struct HelpView {
    answer: HelpAnswer,
}

impl HelpView {
    /// Takes an answer.
    #[must_use]
    pub const fn new(answer: HelpAnswer) -> Self {
        Self { answer }
    }

    /// Returns the addresses of the documentation that a browser may open.
    fn documentation<'a>(&self, links: &'a Links) -> impl Iterator<Item = &'a String> {
        links.all.iter().filter(|link| link.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::HelpPage;

    #[test]
    fn a_page_of_help_has_its_parts() {
        let page = HelpPage {
            usage: "get <x>".to_owned(),
            explanation: vec!["Tells.".to_owned()],
            examples: vec!["get x".to_owned()],
            index: vec!["node info".to_owned()],
            links: Links { all: vec!["javascript:alert(1)".to_owned(), "https://a".to_owned()], documentation: None },
        };
        let shown = HelpView::new(HelpAnswer::Page(page)).to_string();
        assert!(!shown.contains("<x>") && !shown.contains("javascript"), "{shown}");
        assert!(shown.contains("data-fill=\"get x\"") && shown.contains("href=\"https://a\""), "{shown}");
        let unknown = HelpView::new(HelpAnswer::Unrecognized(vec!["get status".to_owned()])).to_string();
        assert!(unknown.contains("get status"), "{unknown}");
    }
}
