//! `run`: starts the node and stays until a signal ends it.

use crate::{
    boot,
    cli::{
        arguments::{ConfigOptions, RunOptions},
        exit::ExitFailure,
        load,
        reload::ConfigReload,
        traces, typing_error,
    },
    command,
    config::{Config, LogFormat},
    prompt,
    runtime::{limits, user},
    telemetry,
};
use std::time::Duration;

/// Time for threads that read the terminal or look up names when everything else has ended.
const LAST_THREADS: Duration = Duration::from_millis(100);

/// Starts the node with commands instead of the built-in plan.
///
/// # Errors
/// See [`run`].
pub fn words(words: Vec<String>) -> Result<(), ExitFailure> {
    typing_error::refuse(&words, &commands(&words), false)?;
    start(&RunOptions { sources: ConfigOptions::default(), words })
}

/// Starts the node.
///
/// # Errors
/// A wrong configuration, a boot that stopped, or what the system refused.
pub fn run(options: &RunOptions) -> Result<(), ExitFailure> {
    typing_error::refuse(&options.words, &commands(&options.words), true)?;
    start(options)
}

fn start(options: &RunOptions) -> Result<(), ExitFailure> {
    let started = std::time::Instant::now();
    user::restrict_new_files();
    let commands = commands(&options.words);
    let config = Config::load_and(&load::sources(&options.sources)?, |config| boot::check(config, &commands))?;
    let format = config.logging.log_format.map(|format| match format {
        LogFormat::Text => telemetry::LogLayout::Text,
        LogFormat::Json => telemetry::LogLayout::Json,
    });
    prompt::prepare();
    let log = telemetry::start(&config.logging.log_level, format).map_err(|e| ExitFailure::Usage(e.to_string()))?;
    tracing::info!(pid = std::process::id(), "anylog-master {} starts", env!("CARGO_PKG_VERSION"));
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let traces = traces::start(&config);
    raise_descriptors();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_stack_size(limits::THREAD_STACK).enable_all().build();
    let runtime = runtime.map_err(|error| ExitFailure::System { what: "threads of the node", error })?;
    let reload = Box::new(ConfigReload::new(options.sources.clone(), log, &config));
    let start = boot::Start { config, commands, started, reload };
    let result = runtime.block_on(boot::run(start));
    telemetry::tell_left_out();
    traces.end();
    runtime.shutdown_timeout(LAST_THREADS);
    Ok(result?)
}

/// Takes as many file descriptors as the system allows: every connection needs one.
fn raise_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!("the limit of open files stays as it is: {error}");
    }
}

/// Joins the program words to commands, with the word `and` between them unless it stands between the pairs of a list
/// (reference/command-language 1).
fn commands(words: &[String]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut command = String::new();
    let (mut quoted, mut in_list) = (false, false);
    for (at, word) in words.iter().enumerate() {
        if word.starts_with('#') && !quoted {
            break;
        }
        let goes_on = in_list && begins_with_pair(words.get(at + 1..).unwrap_or_default());
        if word == "and" && !quoted && !goes_on {
            commands.push(std::mem::take(&mut command));
            in_list = false;
            continue;
        }
        in_list |= word == "where" && !quoted;
        quoted = if quoted {
            !word.ends_with('"')
        } else {
            word.starts_with('"') && !(word.len() > 1 && word.ends_with('"'))
        };
        if !command.is_empty() {
            command.push(' ');
        }
        command.push_str(word);
    }
    commands.push(command);
    commands.retain(|c| !c.trim().is_empty());
    if let Some(first) = commands.first_mut() {
        *first = with_run(first);
    }
    commands
}

/// Tells whether words begin with `key = value`, with or without blanks around the sign.
fn begins_with_pair(words: &[String]) -> bool {
    let is_key = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
    match words {
        [pair, ..] if pair.split_once('=').is_some_and(|(key, _)| is_key(key)) => true,
        [key, sign, ..] => is_key(key) && sign.starts_with('='),
        _ => false,
    }
}

/// Gives the first command its word `run` back, which the program takes as its own: `anylog-master run tcp server …`
/// means the command `run tcp server …`.
fn with_run(words: &str) -> String {
    let command = format!("run {words}");
    if command::select(&command).entry().is_some() { command } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        commands(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn program_words_are_commands() {
        assert_eq!(read("process main.al"), ["process main.al"]);
        assert_eq!(read("set a = 1 and process main.al # rest"), ["set a = 1", "process main.al"]);
        assert_eq!(read("print \"a and b\" and print c"), ["print \"a and b\"", "print c"]);
        assert_eq!(read("tcp server where threads = 3"), ["run tcp server where threads = 3"]);
        assert_eq!(read("client (10.0.0.7:32148) get status"), ["run client (10.0.0.7:32148) get status"]);
        assert_eq!(read("blockchain get *"), ["blockchain get *"]);
        assert_eq!(commands(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_list_is_not_cut_between_its_pairs() {
        let connect = "connect dbms blockchain where type = psql and user = admin and password=x and ip =h";
        assert_eq!(read(&format!("{connect} and process main.al")), [connect, "process main.al"]);
        let insert = "blockchain insert where policy = !p and local = true";
        assert_eq!(read(&format!("{insert} and set a = 1 and print b")), [insert, "set a = 1", "print b"]);
        // Outside of a list a variable is set, and a condition is no pair.
        assert_eq!(read("print a and b = 1"), ["print a", "b = 1"]);
        assert_eq!(read("get status where format = json and if !a == 1 then print b").len(), 2);
        // A whole command in one argument stays one.
        let whole = ["create table ledger where dbms = blockchain", "and", "a = 1"].map(str::to_owned);
        assert_eq!(commands(&whole), ["create table ledger where dbms = blockchain", "a = 1"]);
    }
}
