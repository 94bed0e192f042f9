//! Text that changes from run to run becomes a name, on both sides.

use regex::Regex;
use std::sync::LazyLock;

const DAY: &str = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}";

static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d{3,6}Z?", "<TIMESTAMP>"),
        (DAY, "<CTIME>"),
        (r"([ |])\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([ |])", "$1<DATETIME>$2"),
        (r"(?m)^(?:Server|Date): [^\r\n]*\r\n", ""),
        (r"0x7[0-9a-f]{11}", "<ADDR>"),
        (r"\rAL( )", "\rEL$1"),
        (r#"https://github\.com/AnyLog-co/documentation/[^\s'\\"]*"#, "<URL>"),
        (r"(?s)(Explanation:\r\n\t).*?(\r\n\n?Examples:)", "$1<EXPLANATION>$2"),
        (r"(?s)'explanations': '.*?',\n", "'explanations': '<EXPLANATION>',\n"),
        // Notices of the background and load counters depend on the moment.
        (r"\rEL[^\r\n>]*> event:   Scheduler #\d+ terminated\r\n", ""),
        (r"(TCP Pool with \d+ threads: +\[[\d, ]+\]) \(\d+\)", "$1 (N)"),
    ]
    .into_iter()
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .collect()
});

/// The prompt at the end of a text.
static PROMPT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\r((?:AL|EL)(?: [^\r\n]*?)? \+?> (?:\S+ >> )?)$").unwrap());

/// Names what changes.
pub fn masked(text: &str) -> String {
    MASKS.iter().fold(text.to_owned(), |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
}

/// Splits a console text into the output and the last prompt.
pub fn split(text: &str) -> (String, Option<String>) {
    match last_prompt(text) {
        Some((at, prompt)) => (text[..at].to_owned(), Some(prompt)),
        None => (text.to_owned(), None),
    }
}

/// Tells whether a text ends with a prompt.
pub fn ends_with_prompt(text: &str) -> bool {
    last_prompt(text).is_some()
}

/// Looks from the last carriage return on, so that a prompt before it is not taken along.
fn last_prompt(text: &str) -> Option<(usize, String)> {
    let at = text.rfind('\r')?;
    let found = PROMPT.captures(&text[at..])?;
    Some((at, found[1].to_owned()))
}
