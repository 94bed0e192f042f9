//! `if (name is true) { … } else { … }`, as the deployment document prints it.

/// Returns the condition of a line `if … {` in words of the language; nothing for every other line.
pub(super) fn opening(line: &str) -> Option<String> {
    let head = line.get(..2).filter(|head| head.eq_ignore_ascii_case("if"))?;
    let condition = line.strip_prefix(head)?.strip_suffix('{').filter(|text| !text.contains(['{', '}']))?;
    let words: Vec<String> =
        condition.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_owned).collect();
    let starts = condition.starts_with([' ', '\t', '(']);
    if !starts || words.is_empty() || words.iter().any(|word| word == "then" || word == "=") {
        return None;
    }
    Some(closed(translated(&words)))
}

/// Writes `name is true` as `!name == true`.
fn translated(words: &[String]) -> Vec<String> {
    let mut result = Vec::with_capacity(words.len());
    let mut rest = words;
    while let [word, tail @ ..] = rest {
        match tail {
            [is, value, after @ ..] if is == "is" && matches!(value.as_str(), "true" | "false") => {
                let mark = if word.starts_with(['!', '$']) { "" } else { "!" };
                let operator = if value == "true" { "==" } else { "!=" };
                result.extend([format!("{mark}{word}"), operator.to_owned(), "true".to_owned()]);
                rest = after;
            }
            _ => {
                result.push(word.clone());
                rest = tail;
            }
        }
    }
    result
}

/// Adds the parentheses that are missing at the end.
fn closed(words: Vec<String>) -> String {
    let count = |mark: &str| words.iter().filter(|word| *word == mark).count();
    let missing = count("(").saturating_sub(count(")"));
    let mut text = words.join(" ");
    text.push_str(&" )".repeat(missing));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_forms_are_understood() {
        let expected = Some("( !overlay_network == true )".to_owned());
        assert_eq!(opening("if (overlay_network is true {"), expected);
        assert_eq!(opening("If (overlay_network is true) {"), expected);
        assert_eq!(opening("if !a == 1 {"), Some("!a == 1".to_owned()));
        assert_eq!(opening("if a is false {"), Some("!a != true".to_owned()));
        for other in
            ["if !a then x = {", "iffy {", "if x", "x = {", "if (a){print a} else {", "if !a then set policy p [a] = {"]
        {
            assert_eq!(opening(other), None, "{other}");
        }
    }
}
