//! `system`: the one shell line of the boot scripts without a shell; anything else only when `ALLOW_COMMANDS` names
//! it (reference/command-language 12.9).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session},
    reply::{Code, Error, Lines, Notice, Reply},
    runtime::{limits, small_file},
    script::{Scope, Word, resolve},
};
use async_trait::async_trait;
use std::{process::Stdio, sync::Arc, time::Duration};

/// What is asked of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// `grep -m1 "^KEY" FILE | awk -F " = " '{print $2}' | xargs`: a value out of a file.
    Grep {
        /// Beginning of the line.
        key: String,
        /// The file.
        file: String,
        /// The line as it was written, with its references replaced.
        shown: String,
    },
    /// Any other program.
    Shell {
        /// The line as a shell takes it.
        line: String,
        /// Time that it gets.
        time: Duration,
    },
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "system",
    min_words: 1,
    assigns: true,
    access: Access::Host,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "[key =] system [program and arguments]",
        text: "Runs a program. Off unless ALLOW_COMMANDS names 'system'; the grep line of the deployment scripts is always understood.",
        examples: &[
            "config_version = system grep -m1 \"^version\" !local_scripts/setup.cfg | awk -F \" = \" '{print $2}' | xargs",
        ],
        index: &["internal", "script"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let (time, arguments) = time_out(line)?;
    let shown = values(arguments, line.scope)?.join(" ");
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    let system = match texts.as_slice() {
        ["grep", "-m1", key, _, "|", "awk", "-F", " = ", "'{print $2}'", "|", "xargs"] if key.starts_with('^') => {
            let file = arguments.get(3).map(|word| resolve(word, line.scope).into_text()).unwrap_or_default();
            System::Grep { key: key.trim_start_matches('^').to_owned(), file, shown }
        }
        [] => return Err(Error::with(Code::STRUCTURE, "name a program")),
        _ => System::Shell { line: shown, time },
    };
    parsed(system)
}

/// Reads `timeout = N`, the seconds that a program gets, and returns what follows it.
fn time_out<'a>(line: &Line<'a>) -> Result<(Duration, &'a [Word]), Error> {
    let (seconds, program) = match line.arguments() {
        [timeout, equal, seconds, program @ ..] if timeout.is("timeout") && equal.is("=") => (seconds, program),
        program => return Ok((limits::SYSTEM_TIME, program)),
    };
    let given = resolve(seconds, line.scope).into_text().trim().parse::<u64>().ok().filter(|given| *given > 0);
    let given = given.ok_or_else(|| {
        Error::with(Code::STRUCTURE, format!("'{}' is no number of seconds: write timeout = 5", seconds.text))
    })?;
    Ok((Duration::from_secs(given).min(limits::SYSTEM_TIME), program))
}

/// Returns the values of the words; an undefined reference is an error.
fn values(words: &[Word], scope: &dyn Scope) -> Result<Vec<String>, Error> {
    let value = |word: &Word| match resolve(word, scope).into_text() {
        text if text.is_empty() && word.is_reference() => {
            Err(Error::with(Code::STRUCTURE, format!("'{}' is not defined: set the variable first", word.text)))
        }
        text => Ok(text),
    };
    words.iter().map(value).collect()
}

#[async_trait]
impl Command for System {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Grep { key, file, shown } => grep(&key, &file)
                .await
                .map(|value| Reply::Lines(Lines::behind([value])))
                .map_err(|why| failed(session, &shown, &format!("grep: {file}: {why}\n"))),
            Self::Shell { .. } if !node.config.security.allow_commands.has("system") => {
                let detail = "programs are off: name 'system' in ALLOW_COMMANDS to switch them on";
                Err(Error::with(Code::UNAUTHORIZED, detail))
            }
            Self::Shell { line, time } => shell(&line, time, session).await,
        }
    }
}

/// Tells a failure in a box.
fn failed(session: &Session, shown: &str, why: &str) -> Error {
    let text = format!("System call error: [{shown}] returned [{why}]");
    session.output.notice(&Notice::Failure(text.clone()));
    Error::with(Code::SYSTEM_CALL, text)
}

/// Returns the value of the first line that begins with the key: `key = value`.
async fn grep(key: &str, file: &str) -> Result<String, String> {
    let missing = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "No such file or directory".to_owned(),
        _ => error.to_string(),
    };
    let size = tokio::fs::metadata(file).await.map_err(missing)?.len();
    if size > limits::SYSTEM_FILE {
        return Err(format!("the file has {size} bytes, the limit is {}", limits::SYSTEM_FILE));
    }
    let bytes = small_file::read(file, limits::SYSTEM_FILE).await.map_err(missing)?;
    Ok(value_of(&String::from_utf8_lossy(&bytes), key))
}

fn value_of(text: &str, key: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    let value = line.split_once('=').map_or("", |(_, value)| value);
    let words: Vec<&str> = value.split_whitespace().collect();
    words.join(" ")
}

async fn shell(line: &str, time: Duration, session: &Session) -> Result<Reply, Error> {
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).kill_on_drop(true);
    let Ok(output) = tokio::time::timeout(time, command.output()).await else {
        let seconds = time.as_secs();
        let text = format!("Process invoked by '{line}' terminated after {seconds} seconds");
        session.output.notice(&Notice::Failure(text.clone()));
        return Err(Error::with(Code::SYSTEM_CALL, text));
    };
    let output = output.map_err(|error| failed(session, line, &error.to_string()))?;
    if !output.stderr.is_empty() {
        return Err(failed(session, line, &String::from_utf8_lossy(&output.stderr)));
    }
    Ok(Reply::Lines(Lines::between(String::from_utf8_lossy(&output.stdout).split('\n'))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command, script::NoVariables};

    #[test]
    fn a_program_gets_the_time_that_is_given_and_no_more_than_the_limit() {
        let system = |text: &str| {
            let parsed: Box<dyn std::any::Any> = command::parse(text, &NoVariables)?.unwrap();
            Ok::<System, Error>(*parsed.downcast().unwrap())
        };
        let sleep = |time: Duration| System::Shell { line: "sleep 3".to_owned(), time };
        assert_eq!(system("system timeout = 1 sleep 3").unwrap(), sleep(Duration::from_secs(1)));
        assert_eq!(system("system sleep 3").unwrap(), sleep(limits::SYSTEM_TIME));
        assert_eq!(system("system timeout = 3600 sleep 3").unwrap(), sleep(limits::SYSTEM_TIME));
        for number in ["x", "0", "-1", "1.5", "!nosuch"] {
            let wrong = system(&format!("system timeout = {number} sleep 3")).unwrap_err();
            assert_eq!(wrong.code, Code::STRUCTURE, "{number}");
        }
    }

    #[test]
    fn the_first_line_with_the_key_counts() {
        let text = "[metadata]\nname = x\nversion = 1.2.3  (main - abc)\nversion = 9";
        assert_eq!(value_of(text, "version"), "1.2.3 (main - abc)");
        assert_eq!(value_of("", "version"), "");
    }
}
