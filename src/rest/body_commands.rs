//! Commands in a request's body (reference/rest 2.3).

use crate::script::without_prompt;

/// How often each sign of a body may be looked at, on the average.
const PATIENCE: usize = 8;

/// Splits a body into its commands: `<…>` blocks and lines; empty ones are left out.
///
/// A block ends at the first `>` at which quotes and braces are balanced, so a `>` inside a JSON text does not end it;
/// where no such `>` follows, at the next one. The last line needs no line feed.
#[must_use]
pub fn commands(body: &str) -> Vec<String> {
    let clean: String = body.chars().filter(|c| !matches!(c, '\r' | '\t')).collect();
    let mut rest = clean.as_str();
    let mut found = Vec::new();
    // Blocks that never end would each be looked at up to the end of the body.
    let mut patience = clean.len().saturating_mul(PATIENCE);
    while !rest.is_empty() {
        let (command, after) = next(rest, &mut patience);
        if !command.trim().is_empty() {
            found.push(command.trim().to_owned());
        }
        rest = after;
    }
    found
}

/// Returns the next command and what follows it.
fn next<'a>(rest: &'a str, patience: &mut usize) -> (&'a str, &'a str) {
    let trimmed = without_prompt(rest.trim_start_matches(' '));
    if let Some(block) = trimmed.strip_prefix('<') {
        let end = block_end(block, patience).unwrap_or(block.len());
        return (block.get(..end).unwrap_or_default(), block.get(end + 1..).unwrap_or_default());
    }
    rest.split_once('\n').unwrap_or((rest, ""))
}

/// Finds the `>` that ends a block. Where the patience ends, which no body of people does, it is the next one.
fn block_end(block: &str, patience: &mut usize) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    for (at, c) in block.char_indices() {
        if *patience == 0 {
            break;
        }
        *patience -= 1;
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
    fn blocks_that_never_end_and_prompts_that_are_none_cost_no_more_than_others() {
        // Each looked at all that follows: a megabyte took minutes.
        assert_eq!(commands(&"<{>".repeat(300_000)).len(), 300_000);
        assert_eq!(commands(&"AL a \n".repeat(200_000)).len(), 200_000);
        let commands = commands(&format!("{}<p={{\"a\": \">\"}}>", "<{>\n".repeat(3)));
        assert_eq!(commands.last().map(String::as_str), Some("p={\"a\": \">\"}"));
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
