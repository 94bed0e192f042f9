//! Finds the sources of the configuration and loads it.

use crate::{
    cli::{arguments::ConfigOptions, exit::Failure},
    config::{Config, EnvFile, Sources},
};
use std::{env, path::Path};

/// The env file that is read when none is named.
const ENV_FILE: &str = "anylog_configs.env";

/// Loads the configuration.
///
/// # Errors
/// Every mistake together.
pub fn config(options: &ConfigOptions) -> Result<Config, Failure> {
    let named = options.env_file.clone();
    let path = named.or_else(|| Path::new(ENV_FILE).is_file().then(|| ENV_FILE.into()));
    let mut sources = Sources { options: Vec::new(), process: process_environment(), file: path.map(EnvFile::read) };
    if options.embedded {
        sources.options = embedded(&sources)?;
    }
    Ok(Config::load(&sources)?)
}

/// Returns the process environment; what is no text is left out.
#[expect(clippy::disallowed_methods, reason = "this is where the configuration gets the environment from")]
fn process_environment() -> Vec<(String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// What `--embedded` sets: the embedded database always; the place of the data and who may write only where neither
/// the environment nor the file says so.
fn embedded(sources: &Sources) -> Result<Vec<(&'static str, &'static str, String)>, Failure> {
    let here = env::current_dir().map_err(|error| Failure::System { what: "current directory", error })?;
    let home = here.join("anylog-data").display().to_string();
    let in_process = |name: &str| sources.process.iter().any(|(given, _)| given == name);
    let in_file = |name: &str| sources.file.iter().flat_map(|file| &file.lines).any(|line| line.name == name);
    let mut values = vec![("DB_TYPE", "sqlite".to_owned()), ("SYSTEM_QUERY_DB", "sqlite".to_owned())];
    if !in_process("ANYLOG_PATH") {
        values.push(("ANYLOG_PATH", home));
    }
    if !in_process("AUTH") && !in_file("AUTH") {
        values.push(("AUTH", "off".to_owned()));
    }
    Ok(values.into_iter().map(|(name, value)| ("--embedded", name, value)).collect())
}
