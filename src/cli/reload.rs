//! What becomes of a changed env file while the node runs. SIGHUP reads the level of the log anew, beside the certificates;
//! whoever changes more is told what it takes, also without the signal.

use crate::{
    boot,
    cli::{arguments::ConfigOptions, load},
    config::{Config, EnvFile, Setting},
    telemetry,
};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    sync::{Mutex, PoisonError},
};

/// Variables that are read again while the node runs.
const READ_AGAIN: [&str; 1] = ["LOG_LEVEL"];

/// Variables that compose uses when it makes the containers; a restart of them changes nothing outside.
const OF_COMPOSE: [&str; 4] = ["ANYLOG_SERVER_PORT", "ANYLOG_REST_PORT", "REST_PUBLISH", "PEER_GATEWAY"];

/// What the node was started with, and what there was when somebody last looked.
pub struct ConfigReload {
    watch: Watch,
    log: &'static telemetry::LogLevel,
}

impl ConfigReload {
    /// Keeps what the node is started with.
    pub fn new(options: ConfigOptions, log: &'static telemetry::LogLevel, config: &Config) -> Self {
        Self { watch: Watch::new(options, config), log }
    }
}

impl boot::ReloadHandler for ConfigReload {
    fn reload(&self) {
        self.watch.seen();
        if let Some(warning) = self.watch.replaced() {
            tracing::warn!("{warning}");
        }
        let config = match load::config(&self.watch.options) {
            Ok(config) => config,
            Err(failure) => return tracing::error!("nothing was reloaded: {failure}"),
        };
        match self.log.set(&config.logging.log_level) {
            Ok(()) => tracing::info!(log.level = config.logging.log_level, "the level of the log was read again"),
            Err(error) => tracing::error!("the level of the log stays: {error}"),
        }
        for line in self.watch.changes(&config, &READ_AGAIN) {
            tracing::warn!("{line}");
        }
    }

    fn look(&self) {
        for line in self.watch.look() {
            tracing::warn!("{line}");
        }
    }
}

/// Sees changes of the env file.
struct Watch {
    options: ConfigOptions,
    started: Vec<Setting>,
    warned: Vec<String>,
    seen: Mutex<Option<Stamp>>,
}

/// What tells one state of a file from another: its number, its links and its last change.
type Stamp = (u64, u64, i64, i64);

impl Watch {
    fn new(options: ConfigOptions, config: &Config) -> Self {
        let seen = Mutex::new(stamp(&options));
        Self { options, started: config.settings().to_vec(), warned: config.warnings().to_vec(), seen }
    }

    /// Remembers the file as it is and tells whether it is another one than before.
    fn seen(&self) -> bool {
        let now = stamp(&self.options);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *seen, now) != now
    }

    /// Tells what is new since the last look.
    fn look(&self) -> Vec<String> {
        if !self.seen() {
            return Vec::new();
        }
        let replaced = self.replaced().into_iter();
        match load::config(&self.options) {
            Ok(config) => replaced.chain(self.changes(&config, &[])).collect(),
            Err(failure) => replaced.chain([format!("the next start would end with 64: {failure}")]).collect(),
        }
    }

    /// Tells when this process cannot see the env file that is there now.
    fn replaced(&self) -> Option<String> {
        let path = load::env_file(&self.options).filter(|path| EnvFile::is_replaced(path))?;
        Some(format!(
            "{} was replaced by a new file, as many editors do, and this container still has the old one: restart the \
             container (docker compose restart anylog-master) to read the new one",
            path.display()
        ))
    }

    /// Says what is different from the start and how it comes to count, but for what was read again.
    fn changes(&self, config: &Config, read_again: &[&str]) -> Vec<String> {
        let mut told = changes(&self.started, config.settings(), read_again);
        told.extend(config.warnings().iter().filter(|warning| !self.warned.contains(warning)).cloned());
        told
    }
}

fn stamp(options: &ConfigOptions) -> Option<Stamp> {
    let file = fs::metadata(load::env_file(options)?).ok()?;
    Some((file.ino(), file.nlink(), file.mtime(), file.mtime_nsec()))
}

/// Says what is different and how it comes to count.
fn changes(started: &[Setting], now: &[Setting], read_again: &[&str]) -> Vec<String> {
    let changed = now.iter().filter(|setting| !read_again.contains(&setting.variable.name)).filter(|setting| {
        let before = started.iter().find(|before| before.variable.name == setting.variable.name);
        before.is_some_and(|before| before.value != setting.value)
    });
    let (of_compose, own): (Vec<_>, Vec<_>) = changed.partition(|setting| OF_COMPOSE.contains(&setting.variable.name));
    let (by_signal, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|s| READ_AGAIN.contains(&s.variable.name));
    let told = |settings: &[&Setting], remedy: &str| {
        let names: Vec<_> =
            settings.iter().map(|setting| format!("{} ({})", setting.variable.name, setting.source)).collect();
        (!names.is_empty()).then(|| format!("changed since the start: {}; {remedy}", names.join(", ")))
    };
    let restart = "it counts after a restart of the node (in compose: docker compose restart anylog-master)";
    let anew = "it counts after a restart of the node; in compose the container has to be made anew, because its ports are \
                published then (docker compose up -d --force-recreate anylog-master)";
    let signal = "it counts after SIGHUP (docker kill -s HUP)";
    [told(&by_signal, signal), told(&own, restart), told(&of_compose, anew)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn settings(file: &str) -> Vec<Setting> {
        let file = Some(EnvFile::parse("my.env".into(), file.as_bytes()));
        Config::load(&Sources { file, ..Sources::default() }).unwrap().settings().to_vec()
    }

    #[test]
    fn each_change_is_told_with_what_it_takes() {
        let before = settings("NODE_NAME=a\nDB_PASSWD=s3cret\nLOG_LEVEL=info\nCITY=x\n");
        let now = settings("NODE_NAME=b\nDB_PASSWD=s4cret\nLOG_LEVEL=debug\nANYLOG_REST_PORT=5\nCITY=\"x\"\n");
        let told = changes(&before, &now, &READ_AGAIN);
        let [restart, anew] = &told[..] else { panic!("{told:?}") };
        assert!(restart.contains("NODE_NAME (my.env:1), DB_PASSWD (my.env:2); it counts after a restart"), "{restart}");
        assert!(anew.contains("ANYLOG_REST_PORT (my.env:4); ") && anew.contains("up -d"), "{anew}");
        assert!(!restart.contains("cret"));
        assert_eq!(changes(&before, &before, &[]), [] as [&str; 0]);
    }

    #[test]
    fn a_changed_file_is_told_once_and_nothing_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my.env");
        let write = |text: &str| {
            let anew = directory.path().join("new");
            fs::write(&anew, text).unwrap();
            fs::rename(anew, &path).unwrap();
        };
        write("NODE_NAME=a\n");
        let options = ConfigOptions { env_file: Some(path.clone()), ..ConfigOptions::default() };
        let watch = Watch::new(options.clone(), &load::config(&options).unwrap());
        assert_eq!(watch.look(), [] as [&str; 0]);
        write("NODE_NAME=b\nLOG_LEVEL=debug\nCITY=a$b\n");
        let told = watch.look();
        let [signal, restart, warning] = &told[..] else { panic!("{told:?}") };
        assert!(signal.contains("LOG_LEVEL (") && signal.contains("SIGHUP"), "{signal}");
        assert!(restart.contains("NODE_NAME (") && restart.contains("CITY ("), "{restart}");
        assert!(warning.contains("CITY is read otherwise by compose v2"), "{warning}");
        assert_eq!(watch.look(), [] as [&str; 0]);
        write("NODE_NAME=\"\n");
        assert!(watch.look()[0].starts_with("the next start would end with 64: 1 mistake"));
    }
}
