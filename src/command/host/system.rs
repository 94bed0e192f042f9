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
use std::{process::Stdio, sync::Arc};

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
    Shell(String),
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
    let mut arguments = line.arguments();
    if let [timeout, equal, _, rest @ ..] = arguments
        && timeout.is("timeout")
        && equal.is("=")
    {
        arguments = rest;
    }
    let shown = values(arguments, line.scope)?.join(" ");
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    let system = match texts.as_slice() {
        ["grep", "-m1", key, _, "|", "awk", "-F", " = ", "'{print $2}'", "|", "xargs"] if key.starts_with('^') => {
            let file = arguments.get(3).map(|word| resolve(word, line.scope).into_text()).unwrap_or_default();
            System::Grep { key: key.trim_start_matches('^').to_owned(), file, shown }
        }
        [] => return Err(Error::with(Code::STRUCTURE, "name a program")),
        _ => System::Shell(shown),
    };
    parsed(system)
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
            Self::Shell(_) if !node.config.security.allow_commands.has("system") => {
                let detail = "programs are off: name 'system' in ALLOW_COMMANDS to switch them on";
                Err(Error::with(Code::UNAUTHORIZED, detail))
            }
            Self::Shell(line) => shell(&line, session).await,
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

async fn shell(line: &str, session: &Session) -> Result<Reply, Error> {
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).kill_on_drop(true);
    let Ok(output) = tokio::time::timeout(limits::SYSTEM_TIME, command.output()).await else {
        let seconds = limits::SYSTEM_TIME.as_secs();
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

    #[test]
    fn the_first_line_with_the_key_counts() {
        let text = "[metadata]\nname = x\nversion = 1.2.3  (main - abc)\nversion = 9";
        assert_eq!(value_of(text, "version"), "1.2.3 (main - abc)");
        assert_eq!(value_of("", "version"), "");
    }
}
