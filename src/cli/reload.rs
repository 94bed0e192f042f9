//! What SIGHUP does beside reading the certificates again: the level of the log is read anew, and whoever changed more is
//! told what it takes.

use crate::{
    cli::{arguments::ConfigOptions, load},
    config::{Config, EnvFile, Setting},
    telemetry,
};

/// Variables that are read again while the node runs.
const READ_AGAIN: [&str; 1] = ["LOG_LEVEL"];

/// Variables that compose uses when it makes the containers; a restart of them changes nothing outside.
const OF_COMPOSE: [&str; 4] = ["ANYLOG_SERVER_PORT", "ANYLOG_REST_PORT", "REST_PUBLISH", "PEER_GATEWAY"];

/// What a reload needs to know.
pub struct Reload {
    options: ConfigOptions,
    log: telemetry::LogLevel,
    /// What the node was started with.
    started: Vec<Setting>,
}

impl Reload {
    /// Keeps what the node is started with.
    pub fn new(options: ConfigOptions, log: telemetry::LogLevel, config: &Config) -> Self {
        Self { options, log, started: config.settings().to_vec() }
    }

    /// Reads the configuration again.
    pub fn run(&self) {
        if let Some(path) = load::env_file(&self.options).filter(|path| EnvFile::is_replaced(path)) {
            tracing::warn!(
                "{} was replaced by a new file, as many editors do, and this container still has the old one: restart the \
                 container (docker compose restart) to read the new one",
                path.display()
            );
        }
        let config = match load::config(&self.options) {
            Ok(config) => config,
            Err(failure) => return tracing::error!("nothing was reloaded: {failure}"),
        };
        match self.log.set(&config.logging.log_level) {
            Ok(()) => tracing::info!(log.level = config.logging.log_level, "the level of the log was read again"),
            Err(error) => tracing::error!("the level of the log stays: {error}"),
        }
        for line in changes(&self.started, config.settings()) {
            tracing::warn!("{line}");
        }
    }
}

/// Says what is different and how it comes to count.
fn changes(started: &[Setting], now: &[Setting]) -> Vec<String> {
    let changed = now.iter().filter(|setting| !READ_AGAIN.contains(&setting.variable.name)).filter(|setting| {
        let before = started.iter().find(|before| before.variable.name == setting.variable.name);
        before.is_some_and(|before| before.value != setting.value)
    });
    let (of_compose, own): (Vec<_>, Vec<_>) = changed.partition(|setting| OF_COMPOSE.contains(&setting.variable.name));
    let told = |settings: &[&Setting], remedy: &str| {
        let names: Vec<_> =
            settings.iter().map(|setting| format!("{} ({})", setting.variable.name, setting.source)).collect();
        (!names.is_empty()).then(|| format!("changed since the start: {}; {remedy}", names.join(", ")))
    };
    let restart = "it counts after a restart of the node (in compose: docker compose restart anylog-master)";
    let anew = "it counts after a restart of the node; in compose the container has to be made anew, because its ports are \
                published then (docker compose up -d --force-recreate anylog-master)";
    told(&own, restart).into_iter().chain(told(&of_compose, anew)).collect()
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
        let told = changes(&before, &now);
        let [restart, anew] = &told[..] else { panic!("{told:?}") };
        assert!(restart.contains("NODE_NAME (my.env:1), DB_PASSWD (my.env:2); it counts after a restart"), "{restart}");
        assert!(anew.contains("ANYLOG_REST_PORT (my.env:4); ") && anew.contains("up -d"), "{anew}");
        assert!(!restart.contains("cret"));
        assert_eq!(changes(&before, &before), [] as [&str; 0]);
    }
}
