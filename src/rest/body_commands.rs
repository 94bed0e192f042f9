//! Commands in a request's body (reference/rest 2.3).

use crate::script::without_prompt;

/// Splits a body into its commands: `<…>` blocks and lines; empty ones are left out.
///
/// A block ends at the first `>` at which quotes and braces are balanced, so a `>` inside a JSON text does not end it;
/// where no such `>` follows, at the next one. The last line needs no line feed.
#[must_use]
pub fn commands(body: &str) -> Vec<String> {
    let clean: String = body.chars().filter(|c| !matches!(c, '\r' | '\t')).collect();
    let mut rest = clean.as_str();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (command, after) = next(rest);
        if !command.trim().is_empty() {
            found.push(command.trim().to_owned());
        }
        rest = after;
    }
    found
}

/// Returns the next command and what follows it.
fn next(rest: &str) -> (&str, &str) {
    let trimmed = without_prompt(rest.trim_start_matches(' '));
    if let Some(block) = trimmed.strip_prefix('<') {
        let end = block_end(block).unwrap_or(block.len());
        return (block.get(..end).unwrap_or_default(), block.get(end + 1..).unwrap_or_default());
    }
    rest.split_once('\n').unwrap_or((rest, ""))
}

/// Finds the `>` that ends a block.
fn block_end(block: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    for (at, c) in block.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => depth -= 1,
            '>' if !quoted && depth <= 0 => return Some(at),
            _ => {}
        }
    }
    block.find('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_blocks_and_lines() {
        assert_eq!(commands("<a={\"x\": 1}>\r\nb = 2\n\n<c=3>"), ["a={\"x\": 1}", "b = 2", "c=3"]);
    }

    #[test]
    fn keeps_the_last_line_whole() {
        assert_eq!(commands("new_policy={\"a\": 1}"), ["new_policy={\"a\": 1}"]);
        assert_eq!(commands("<a=1"), ["a=1"]);
    }

    #[test]
    fn does_not_end_a_block_inside_a_text() {
        assert_eq!(commands("<p={\"t\": {\"c\": \"a > b \\\" > c\"}}>"), ["p={\"t\": {\"c\": \"a > b \\\" > c\"}}"]);
        assert_eq!(commands("<size = 5\" pipe>\n<x=1>"), ["size = 5\" pipe", "x=1"]);
    }

    #[test]
    fn joins_a_block_over_lines() {
        assert_eq!(commands("<p={\n  \"t\": {}\n}>"), ["p={\n  \"t\": {}\n}"]);
    }

    #[test]
    fn a_block_may_have_a_prompt_in_front() {
        assert_eq!(commands("AL > <p={\n  \"t\": {}\n}>\nAL > x = 1"), ["p={\n  \"t\": {}\n}", "AL > x = 1"]);
    }

    #[test]
    fn keeps_other_scripts() {
        assert_eq!(commands("<p={\"city\": \"Zürich 東京\"}>"), ["p={\"city\": \"Zürich 東京\"}"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_never_loses_a_line(text in "[a-z<>{}\" \n]{0,60}") {
            let _ = commands(&text);
        }
    }
}
