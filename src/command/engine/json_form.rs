//! Which commands answer in JSON when they are asked to: those whose options know `format`.

use crate::{
    command::engine::{Selection, parse},
    script::Scope,
};

impl Selection<'_> {
    /// Returns the text that asks the same for JSON; nothing when the command has one form alone, or the text names a form
    /// already.
    #[must_use]
    pub fn text_for_json(&self) -> Option<String> {
        self.entry()?;
        let keyword = if self.words().iter().any(|word| word.is("where")) { "and" } else { "where" };
        let asking = |form: &str| format!("{} {keyword} format = {form}", self.text.trim());
        let is_read = |form: &str| parse(self.catalog, &asking(form), &AnyValue).is_ok();
        // Commands that take any words, such as `print`, would take any format too.
        (is_read("json") && !is_read("unknown")).then(|| asking("json"))
    }
}

/// Gives every reference a value, as only the node that runs the command knows the real one.
struct AnyValue;

impl Scope for AnyValue {
    fn variable(&self, _name: &str) -> Option<String> {
        Some("1".to_owned())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        Some("1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::command::select;

    fn for_json(text: &str) -> Option<String> {
        select(text).text_for_json()
    }

    #[test]
    fn format_is_an_option_like_the_others() {
        assert_eq!(for_json("get status").as_deref(), Some("get status where format = json"));
        assert_eq!(
            for_json("get error log where keys = !a").as_deref(),
            Some("get error log where keys = !a and format = json")
        );
    }

    #[test]
    fn commands_without_the_option_stay_as_they_are() {
        for text in [
            "get status where format = table",
            "get !x",
            "get hostname",
            "blockchain get *",
            "print a",
            "sql x select 1",
            "a = get status",
            "set a = b",
            "no command",
        ] {
            assert_eq!(for_json(text), None, "{text}");
        }
    }
}
