//! Configuration of the node: process environment over `anylog_configs.env` over defaults.
//!
//! Each group of variables is one struct in a file of its own, where every field carries the documentation, the type and
//! the default of its variable. [`Config::load`] reports every mistake of a run together.

mod database;
mod env_file;
mod field;
mod group;
mod identity;
mod ledger;
mod limits;
mod logging;
mod mistake;
mod network;
mod networks;
mod paths;
mod rules;
mod script_variables;
mod security;
mod setting;
mod sources;
mod startup;
mod values;

pub use database::Database;
pub use env_file::EnvFile;
pub use field::Field;
pub use group::Variable;
pub use identity::Identity;
pub use ledger::LedgerOptions;
pub use limits::Limits;
pub use logging::Logging;
pub use mistake::{Mistake, Mistakes};
pub use network::Network;
pub use networks::{Gateway, Networks};
pub use paths::Paths;
pub use security::Security;
pub use setting::{Setting, Source};
pub use sources::Sources;
pub use startup::Startup;
pub use values::{Auth, DbType, List, LogFormat, NodeType, Senders, Size, Url};

use group::deserialize;
use indexmap::IndexMap;
use sources::Merged;

/// The effective configuration.
#[derive(Clone)]
pub struct Config {
    /// Who the node is.
    pub identity: Identity,
    /// Directories and files.
    pub paths: Paths,
    /// Addresses, ports and servers.
    pub network: Network,
    /// The database of the ledger.
    pub database: Database,
    /// Source, copies and time of the synchronisation.
    pub ledger: LedgerOptions,
    /// What the boot runs and how long it waits.
    pub startup: Startup,
    /// Who may do what.
    pub security: Security,
    /// Format and level of the log.
    pub logging: Logging,
    /// Limits that may be changed.
    pub limits: Limits,
    settings: Vec<Setting>,
    environment: IndexMap<String, String>,
    warnings: Vec<String>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// Every mistake of every source, together.
    pub fn load(sources: &Sources) -> Result<Self, Mistakes> {
        let Merged { settings, environment, warnings, mut mistakes } = sources.merge(&Self::variables());
        match Self::assemble(settings) {
            Err(error) => mistakes.push(Mistake::general(error.to_string())),
            Ok(mut config) => {
                mistakes.extend(rules::check(&config));
                rules::complete(&mut config);
                config.environment = environment;
                config.warnings.extend(warnings);
                if mistakes.is_empty() {
                    return Ok(config);
                }
            }
        }
        Err(Mistakes(mistakes))
    }

    fn assemble(settings: Vec<Setting>) -> Result<Self, envy::Error> {
        Ok(Self {
            identity: deserialize(&settings)?,
            paths: deserialize(&settings)?,
            network: deserialize(&settings)?,
            database: deserialize(&settings)?,
            ledger: deserialize(&settings)?,
            startup: deserialize(&settings)?,
            security: deserialize(&settings)?,
            logging: deserialize(&settings)?,
            limits: deserialize(&settings)?,
            settings,
            environment: IndexMap::new(),
            warnings: Vec::new(),
        })
    }

    /// Returns every variable of every group, in the order of the groups.
    #[must_use]
    pub fn variables() -> Vec<&'static Variable> {
        let groups = [
            Identity::VARIABLES,
            Paths::VARIABLES,
            Network::VARIABLES,
            Database::VARIABLES,
            LedgerOptions::VARIABLES,
            Startup::VARIABLES,
            Security::VARIABLES,
            Logging::VARIABLES,
            Limits::VARIABLES,
        ];
        groups.into_iter().flatten().collect()
    }

    /// Returns the effective value and the source of every variable.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Returns the setting of one variable by its name, for example `BLOCKCHAIN_SYNC`.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|s| s.variable.name == name)
    }

    /// Returns the environment as the node sees it (`$NAME`): the process environment over the file.
    #[must_use]
    pub const fn environment(&self) -> &IndexMap<String, String> {
        &self.environment
    }

    /// Returns what is worth a warning at the start: names that look like ours, old names, conflicting sources.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.settings).finish()
    }
}

impl Default for Config {
    #[expect(clippy::expect_used, reason = "the defaults are constants of this room and a test loads them")]
    fn default() -> Self {
        Self::load(&Sources::default()).expect("defaults are valid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn sources(file: &str, process: &[(&str, &str)]) -> Sources {
        Sources {
            options: Vec::new(),
            process: process.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            file: Some(EnvFile::parse("anylog_configs.env".into(), file.as_bytes())),
        }
    }

    #[test]
    fn every_default_is_a_value_of_its_variable() {
        for variable in Config::variables() {
            let wrong = (!variable.default.is_empty()).then(|| (variable.check)(variable.default)).flatten();
            assert_eq!(wrong, None, "{}", variable.name);
        }
        assert_eq!(Config::default().network.anylog_server_port, 32048);
    }

    #[test]
    fn process_wins_over_file_wins_over_default() {
        let file = "COMPANY_NAME=From File\nNODE_NAME=from-file\nDB_PORT=\"\"\n";
        let config = Config::load(&sources(file, &[("COMPANY_NAME", "\"From Process\""), ("NODE_NAME", "")])).unwrap();
        assert_eq!(config.identity.company_name, "From Process");
        assert_eq!(config.identity.node_name.as_deref(), Some("from-file"));
        assert_eq!(config.database.db_port, 5432);
        assert_eq!(config.setting("NODE_NAME").unwrap().source.to_string(), "anylog_configs.env:2");
        assert_eq!(config.warnings(), ["anylog_configs.env:1: COMPANY_NAME is hidden by COMPANY_NAME of environment"]);
    }

    #[test]
    fn old_names_are_read_and_named() {
        let config = Config::load(&sources("SYNC_TIME=45 second\n", &[])).unwrap();
        assert_eq!(config.ledger.blockchain_sync.as_secs(), 45);
        assert_eq!(config.warnings(), ["anylog_configs.env:1: SYNC_TIME is an old name; write BLOCKCHAIN_SYNC"]);
    }

    #[test]
    fn all_mistakes_are_reported_together_with_place_value_and_nearest_name() {
        let file = "ANYLOG_SERVER_PORT=99999\nCOMPNY_NAME=x\nTCP_BIND=perhaps\nnonsense\nOVERLAY_NETWORK=true\n";
        let error = Config::load(&sources(file, &[("DB_TYPE", "oracle")])).unwrap_err().to_string();
        for part in [
            "6 mistakes",
            "anylog_configs.env:1 ANYLOG_SERVER_PORT=\"99999\": it is larger than 65535; expected a port",
            "anylog_configs.env:2 COMPNY_NAME: there is no variable of this name; did you mean COMPANY_NAME?",
            "anylog_configs.env:3 TCP_BIND=\"perhaps\": it is neither true nor false; expected true or false",
            "anylog_configs.env:4 nonsense: there is no = after the name",
            "environment DB_TYPE=\"oracle\": it is none of the words sqlite or psql",
            "OVERLAY_IP=\"\": OVERLAY_NETWORK is true and there is no address",
        ] {
            assert!(error.contains(part), "{part}\n{error}");
        }
    }

    #[test]
    fn a_secret_comes_from_a_file_and_is_never_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passwd");
        std::fs::write(&path, "s3cret\n").unwrap();
        let path = path.to_str().unwrap();
        let config = Config::load(&sources("DB_TYPE=psql\nDB_USER=u\n", &[("DB_PASSWD_FILE", path)])).unwrap();
        assert_eq!(config.database.db_passwd.as_ref().map(|s| s.expose_secret()), Some("s3cret"));
        assert_eq!(config.setting("DB_PASSWD").unwrap().shown(), "********");
        assert!(!format!("{:?}", config.database).contains("s3cret"));
        let both = Config::load(&sources("", &[("DB_PASSWD_FILE", path), ("DB_PASSWD", "x")])).unwrap_err().to_string();
        assert!(both.contains("DB_PASSWD and DB_PASSWD_FILE are both set"), "{both}");
        let missing = Config::load(&sources("DB_PASSWD_FILE=/no/such\n", &[])).unwrap_err().to_string();
        assert!(missing.contains("anylog_configs.env:1") && missing.contains("cannot be read"), "{missing}");
    }
}
