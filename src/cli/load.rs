//! Finds the sources of the configuration and loads it.

use crate::{
    cli::{arguments::ConfigOptions, exit::ExitFailure},
    config::{Config, EnvFile, Mistakes, Sources},
};
use std::{env, fs, path::PathBuf};

/// The env file that is read when none is named.
const ENV_FILE: &str = "anylog_configs.env";

/// Loads the configuration.
///
/// # Errors
/// Every mistake together.
pub fn config(options: &ConfigOptions) -> Result<Config, ExitFailure> {
    Ok(Config::load(&sources(options)?)?)
}

/// Returns everything that the configuration is read from.
///
/// # Errors
/// When the current directory is not there.
pub fn sources(options: &ConfigOptions) -> Result<Sources, ExitFailure> {
    let file = env_file(options).map(EnvFile::read);
    let mut sources = Sources { options: Vec::new(), process: process_environment(), file };
    if options.embedded {
        sources.options = embedded(&sources)?;
    }
    Ok(sources)
}

/// Returns the env file: the one that is named, else the one of the current directory, whatever it is.
pub fn env_file(options: &ConfigOptions) -> Option<PathBuf> {
    let named = options.env_file.clone();
    named.or_else(|| fs::symlink_metadata(ENV_FILE).is_ok().then(|| ENV_FILE.into()))
}

/// Returns the value of one variable from the environment of the process alone, or from the file that it names: for those
/// who talk to another node than the one of this configuration.
///
/// # Errors
/// A file that cannot be read.
pub fn from_process(name: &str) -> Result<Option<String>, ExitFailure> {
    let variables: Vec<_> = Config::variables().into_iter().filter(|variable| variable.name == name).collect();
    let merged = Sources { process: process_environment(), ..Sources::default() }.merge(&variables);
    if !merged.mistakes.is_empty() {
        return Err(Mistakes(merged.mistakes).into());
    }
    Ok(merged.settings.into_iter().map(|setting| setting.value).find(|value| !value.is_empty()))
}

/// Returns the value of a variable of the process that is none of the configuration, such as `PGPASSWORD`.
#[must_use]
pub fn foreign_variable(name: &str) -> Option<String> {
    process_environment().into_iter().find(|(given, _)| given == name).map(|(_, value)| value)
}

/// Returns the process environment; bytes that are no text are marked in it, so that who reads such a value can tell.
#[expect(clippy::disallowed_methods, reason = "this is where the configuration gets the environment from")]
fn process_environment() -> Vec<(String, String)> {
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, text(value)))).collect()
}

/// What `--embedded` sets: the embedded database always, also where a URL names another one; the place of the data where the
/// environment does not say it, whatever the file says, which is often that of a container; who may write where neither of them
/// says it.
fn embedded(sources: &Sources) -> Result<Vec<(&'static str, &'static str, String)>, ExitFailure> {
    let here = env::current_dir().map_err(|error| ExitFailure::System { what: "current directory", error })?;
    let home = here.join("anylog-data").display().to_string();
    // What `NAME_FILE` names is the value of `NAME`.
    let says = |given: &str, name: &str| given.strip_suffix("_FILE").unwrap_or(given) == name;
    let in_process = |name: &str| sources.process.iter().any(|(given, _)| says(given, name));
    let in_file =
        |name: &str| sources.file.iter().flat_map(|file| &file.assignments).any(|line| says(&line.name, name));
    let mut values =
        vec![("DB_TYPE", "sqlite".to_owned()), ("DB_URL", String::new()), ("SYSTEM_QUERY_DB", "sqlite".to_owned())];
    if !in_process("ANYLOG_PATH") && !in_process("EDGELAKE_PATH") {
        values.push(("ANYLOG_PATH", home));
    }
    if !in_process("AUTH") && !in_file("AUTH") {
        values.push(("AUTH", "off".to_owned()));
    }
    Ok(values.into_iter().map(|(name, value)| ("--embedded", name, value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DbType;

    #[test]
    fn the_embedded_database_takes_the_place_of_one_that_a_url_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my.env");
        fs::write(&path, "DB_TYPE=psql\nDB_URL=postgres://u:s3cret@db/blockchain\n").unwrap();
        let config = config(&ConfigOptions { env_file: Some(path), embedded: true }).unwrap();
        assert_eq!(config.database.db_type, DbType::Sqlite);
        assert!(config.database.db_url.is_none());
        assert_eq!(config.setting("DB_URL").unwrap().source.to_string(), "--embedded");
    }
}
