//! Words behind the program's name that are neither one of its own nor a command: told before anything starts.

use crate::{
    cli::{arguments::Arguments, exit::ExitFailure},
    command::{self, CATALOG},
};
use clap::CommandFactory;
use strsim::osa_distance;

/// Words that other programs are started with.
const STARTS: [&str; 5] = ["start", "up", "serve", "server", "daemon"];

/// Words that other programs check or ask their service with, and what does it here.
const ELSEWHERE: [(&str, &str); 4] =
    [("validate", "check-config"), ("health", "healthcheck"), ("attach", "prompt"), ("console", "prompt")];

/// Refuses words that are a typing error; `behind_verb` when they stand behind the word that starts the node.
///
/// # Errors
/// The nearest word that would be right.
pub fn refuse(words: &[String], commands: &[String], behind_verb: bool) -> Result<(), ExitFailure> {
    let (Some(word), Some(first)) = (words.first(), commands.first()) else { return Ok(()) };
    let own = Arguments::command();
    let verbs: Vec<&str> = own.get_subcommands().map(clap::Command::get_name).collect();
    let start = verbs.first().copied().unwrap_or_default();
    if word.starts_with('-') {
        return Err(ExitFailure::Usage(option(word, behind_verb.then_some(start))));
    }
    if is_of_the_language(word, words.get(1).map_or("", String::as_str), first) {
        return Ok(());
    }
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| other == word).map(|(_, verb)| *verb);
    let starts = STARTS.contains(&word.as_str()).then_some(start);
    let near = || near(word, verbs.iter().copied());
    let hint = match starts.or(elsewhere).or_else(near).filter(|_| !behind_verb) {
        Some(verb) => format!("did you mean anylog-master {verb}?"),
        None => match CATALOG.nearest(first).or_else(|| CATALOG.nearest(&format!("{start} {first}"))) {
            Some(name) => format!("did you mean the command '{name}'?"),
            None => "the command 'help' lists all commands".to_owned(),
        },
    };
    let all = verbs.join(", ");
    Err(ExitFailure::Usage(format!(
        "'{word}' is neither a word of this program ({all}) nor a command of the node; {hint}"
    )))
}

/// Describes an option that does not exist, of one verb or of all.
fn option(word: &str, verb: Option<&str>) -> String {
    let name = word.trim_start_matches('-').split('=').next().unwrap_or_default();
    let own = Arguments::command();
    let verbs = own.get_subcommands().filter(|one| verb.is_none_or(|verb| one.get_name() == verb));
    let meant = near(name, verbs.flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_long));
    let hint = meant.map(|known| format!("; did you mean --{known}?")).unwrap_or_default();
    format!("there is no option {word}{hint}")
}

/// Returns the word that is nearest to a wrong one, if one is near enough to be meant.
fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.map(|known| (osa_distance(word, known), known));
    distances.filter(|(distance, _)| *distance <= most(word)).min().map(|(_, known)| known)
}

/// How many letters may be wrong in a word.
const fn most(word: &str) -> usize {
    match word.len() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// Tells whether the language may know what to do: it names a command, or a family, or is none of the forms of a command.
fn is_of_the_language(word: &str, next: &str, first: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let assigns = next.starts_with(['=', '+', '[']);
    let known = command::select(first).entry().is_some() || CATALOG.begins(&word.to_ascii_lowercase());
    !plain || assigns || known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str, behind: bool) -> Result<(), String> {
        let list: Vec<String> = words.split(' ').map(str::to_owned).collect();
        refuse(&list, &[words.to_owned()], behind).map_err(|failure| failure.to_string())
    }

    #[test]
    fn typing_errors_are_told_with_the_word_that_was_meant() {
        for (words, behind, part) in [
            ("rnu", false, "did you mean anylog-master run?"),
            ("start", false, "did you mean anylog-master run?"),
            ("chek-config", false, "did you mean anylog-master check-config?"),
            ("healtcheck", false, "did you mean anylog-master healthcheck?"),
            ("blokchain get *", false, "did you mean the command 'blockchain get'?"),
            ("--embeded", true, "there is no option --embeded; did you mean --embedded?"),
            ("--env-fil=x", true, "did you mean --env-file?"),
            ("frobnicate", false, "is neither a word of this program"),
        ] {
            let said = told(words, behind).unwrap_err();
            assert!(said.contains(part), "{words}: {said}");
        }
    }

    #[test]
    fn what_the_language_may_know_is_left_to_it() {
        for words in [
            "process main.al",
            "a = b",
            "blockchain get *",
            "get nosuch",
            "if !x then exit node",
            "[1]",
            "!x",
            "<x",
            "set a = 1",
        ] {
            assert_eq!(told(words, false), Ok(()), "{words}");
        }
    }
}
