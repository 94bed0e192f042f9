//! Which method may carry which command (reference/rest 3).

/// The method a command is checked for; a JSON body on POST acts as GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Commands that read.
    Get,
    /// Commands that change something, and some that read.
    Post,
}

impl Verb {
    /// Returns the name as error replies carry it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

/// First words that only GET carries.
const GET_ONLY: &[&str] = &["get", "help", "test"];
/// First words that both carry when another word follows.
const BOTH: &[&str] = &["sql", "print", "wait", "subprocess"];
/// Pairs that both carry.
const PAIRS: &[(&str, &str)] = &[
    ("blockchain", "get"),
    ("blockchain", "read"),
    ("query", "status"),
    ("query", "explain"),
    ("query", "destination"),
    ("job", "status"),
    ("job", "active"),
    ("file", "get"),
    ("file", "retrieve"),
    ("file", "to"),
    ("file", "from"),
    ("analyze", "output"),
];
/// `time file` commands that both carry.
const TIME_FILE: &[&str] = &["get", "summary"];

/// Tells whether a method may carry a command; only its first words count, in any case.
#[must_use]
pub fn allows(verb: Verb, command: &str) -> bool {
    let mut words = command.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, ..) => true,
        (Some(one), None, _) if one.contains('=') => verb == Verb::Post,
        (Some(one), None, _) => verb == Verb::Get && is_one_of(GET_ONLY, one),
        (Some(first), ..) if is_one_of(GET_ONLY, first) => verb == Verb::Get,
        (Some(first), ..) if is_one_of(BOTH, first) => true,
        (Some(first), Some(second), _) if is_pair(first, second) => true,
        (Some(first), Some(second), Some(third)) if is(first, "time") && is(second, "file") => {
            verb == Verb::Post || is_one_of(TIME_FILE, third)
        }
        _ => verb == Verb::Post,
    }
}

fn is(word: &str, expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected)
}

fn is_one_of(list: &[&str], word: &str) -> bool {
    list.iter().any(|expected| is(word, expected))
}

fn is_pair(first: &str, second: &str) -> bool {
    PAIRS.iter().any(|(one, other)| is(first, one) && is(second, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_table() {
        for (command, get, post) in [
            ("get status", true, false),
            ("GET STATUS", true, false),
            ("get", true, false),
            ("help", true, false),
            ("test", true, false),
            ("frobnicate", false, false),
            ("frobnicate now", false, true),
            ("a=5", false, true),
            ("a = 5", false, true),
            ("sql blockchain select", true, true),
            ("print x", true, true),
            ("print", false, false),
            ("blockchain get *", true, true),
            ("blockchain insert where", false, true),
            ("blockchain test", false, true),
            ("job status", true, true),
            ("time file get", true, true),
            ("test network", true, false),
        ] {
            assert_eq!((allows(Verb::Get, command), allows(Verb::Post, command)), (get, post), "{command}");
        }
    }
}
