//! The level of the log: one for everything, or one for each room of the program.

use crate::telemetry::error::Error;
use std::sync::{OnceLock, PoisonError, RwLock};
use tracing_subscriber::{Registry, filter::Targets, reload};

/// The rooms of the program, which are the folders of its sources.
const ROOMS: [&str; 17] = [
    "api",
    "backup",
    "boot",
    "chain",
    "cli",
    "command",
    "config",
    "console",
    "ledger",
    "node",
    "peer",
    "prompt",
    "rest",
    "runtime",
    "scheduler",
    "sync",
    "telemetry",
];
/// Other words for rooms.
const ALIASES: [(&str, &str); 4] =
    [("tcp", "peer"), ("http", "rest"), ("database", "ledger::store"), ("blockchain", "ledger")];
/// Libraries whose own talk somebody may want to hear.
const LIBRARIES: [&str; 9] =
    ["hickory_proto", "hickory_resolver", "hyper", "hyper_util", "rustls", "sqlx", "tokio", "tokio_rustls", "warp"];
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// The level where none is said.
const USUAL: &str = "info";
/// What libraries say unless they are named.
const LIBRARY_LEVEL: &str = "warn";

static LEVEL: OnceLock<LogLevel> = OnceLock::new();

/// Why a level is not understood.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A word is no level.
    #[error(
        "'{0}' is no level: write error, warn, info, debug, trace or off, and room=level behind it, for example info,ledger=debug"
    )]
    NoLevel(String),
    /// There is no such room.
    #[error("'{name}' is no room of the log: {}; or a library: {}", ROOMS.join(", "), LIBRARIES.join(", "))]
    NoRoom {
        /// What was written.
        name: String,
    },
    /// The part behind the room's name is none.
    #[error("{0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
}

/// Changes the level of the running log.
#[derive(Debug)]
pub struct LogLevel {
    handle: reload::Handle<Targets, Registry>,
    text: RwLock<String>,
}

impl LogLevel {
    /// Changes the level.
    ///
    /// # Errors
    /// When the level is not understood; the old one stays.
    pub fn set(&self, level: &str) -> Result<(), Error> {
        self.handle.reload(filter(level)?)?;
        level.trim().clone_into(&mut self.text.write().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// Returns the level as it was written.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Returns the level of this process's log; an error before it has one.
///
/// # Errors
/// [`Error::None`].
pub fn level() -> Result<&'static LogLevel, Error> {
    LEVEL.get().ok_or(Error::None)
}

/// Keeps what changes the level of the log of this process.
pub(super) fn keep(handle: reload::Handle<Targets, Registry>, level: &str) -> &'static LogLevel {
    LEVEL.get_or_init(|| LogLevel { handle, text: RwLock::new(level.trim().to_owned()) })
}

/// Tells whether a level is understood.
///
/// # Errors
/// Why it is not.
pub fn check(level: &str) -> Result<(), FilterError> {
    filter(level).map(|_| ())
}

/// Reads a level: `info`, `info,ledger=debug`, `warn,rest=info,sqlx=debug`.
pub(super) fn filter(text: &str) -> Result<Targets, FilterError> {
    Ok(directives(text)?.parse()?)
}

/// Writes a level as the library reads it.
fn directives(text: &str) -> Result<String, FilterError> {
    let mut general = None;
    let mut named = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None => general = Some(level_of(part)?),
            Some((name, level)) => named.push(format!("{}={}", target(name.trim())?, level_of(level.trim())?)),
        }
    }
    let general = general.unwrap_or(USUAL);
    let quieter = ["off", "error"].contains(&general);
    let libraries = if quieter { general } else { LIBRARY_LEVEL };
    let mut all = vec![libraries.to_owned(), format!("anylog_master={general}")];
    all.append(&mut named);
    Ok(all.join(","))
}

/// Reads one level, in any case.
fn level_of(word: &str) -> Result<&'static str, FilterError> {
    let lower = word.to_ascii_lowercase();
    let lower = if lower == "warning" { LIBRARY_LEVEL } else { &lower };
    LEVELS.into_iter().find(|level| *level == lower).ok_or_else(|| FilterError::NoLevel(word.to_owned()))
}

/// Returns the modules that a name stands for: a room, a folder in it (`ledger/store`), or a library.
fn target(name: &str) -> Result<String, FilterError> {
    let path = name.to_ascii_lowercase().replace(['/', '.'], "::").replace('-', "_");
    let path = path.strip_prefix("anylog_master::").unwrap_or(&path);
    let (first, rest) = path.split_once("::").map_or((path, ""), |(first, rest)| (first, rest));
    let is_path =
        path.split("::").all(|part| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_alphanumeric()));
    let room = ALIASES.iter().find(|(alias, _)| *alias == first).map_or(first, |(_, room)| *room);
    let below = if rest.is_empty() { String::new() } else { format!("::{rest}") };
    match () {
        () if !is_path => Err(FilterError::NoRoom { name: name.to_owned() }),
        () if path == "anylog_master" || LIBRARIES.contains(&first) => Ok(path.to_owned()),
        () if room != first || ROOMS.contains(&first) => Ok(format!("anylog_master::{room}{below}")),
        () => Err(FilterError::NoRoom { name: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn read(text: &str) -> String {
        directives(text).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_level_for_everything_and_for_rooms() {
        assert_eq!(read("info"), "warn,anylog_master=info");
        assert_eq!(read(" DEBUG , "), "warn,anylog_master=debug");
        assert_eq!(read("error"), "error,anylog_master=error");
        assert_eq!(read("info,ledger=debug"), "warn,anylog_master=info,anylog_master::ledger=debug");
        assert_eq!(read("tcp=debug"), "warn,anylog_master=info,anylog_master::peer=debug");
        assert_eq!(read("info,database=trace"), "warn,anylog_master=info,anylog_master::ledger::store=trace");
        assert_eq!(read("ledger/store=trace"), "warn,anylog_master=info,anylog_master::ledger::store=trace");
        assert_eq!(read("warn,anylog_master::peer=debug"), "warn,anylog_master=warn,anylog_master::peer=debug");
        assert_eq!(read("info,sqlx=debug"), "warn,anylog_master=info,sqlx=debug");
        assert!(check("info,ledger::writer=trace,rest=off").is_ok());
    }

    #[test]
    fn what_nobody_can_mean_is_refused_with_what_can_be_written() {
        assert!(read("loud").contains("'loud' is no level: write error, warn, info"));
        assert!(read("info,ledger=loud").contains("'loud'"));
        assert!(
            read("info,ledgre=debug")
                .contains("'ledgre' is no room of the log: api, backup, boot, chain, cli, command")
        );
        assert!(read("info,ledger::[x]=debug").contains("no room"));
    }

    #[test]
    fn the_rooms_are_the_folders_of_the_sources() {
        let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap().flatten();
        let folders = sources.filter(|entry| entry.path().is_dir()).filter_map(|e| e.file_name().into_string().ok());
        let silent = ["render", "reply"];
        let folders: BTreeSet<String> = folders.filter(|name| !silent.contains(&name.as_str())).collect();
        let rooms: BTreeSet<String> = ROOMS.iter().map(ToString::to_string).collect();
        assert_eq!(rooms, folders, "a new room belongs into ROOMS, so that LOG_LEVEL knows it");
    }
}
