//! Configuration of the node: process environment over `anylog_configs.env` over defaults.
//!
//! Each group of variables is one struct in a file of its own, where every field carries the documentation, the type and
//! the default of its variable. [`Config::load`] reports every mistake of a run together.

mod backup_schedule;
mod clean_file;
mod companion;
mod conflict_marks;
mod console;
mod database;
mod database_url;
mod differences;
mod env_file;
mod field;
mod file_access;
mod file_values;
mod group;
mod identity;
mod ledger;
mod limits;
mod logging;
mod members;
mod merge;
mod mistake;
mod names;
mod network;
mod networks;
mod node_type;
mod old_forms;
mod paths;
mod process_value;
mod readers;
mod rules;
mod script_variables;
mod security;
mod service_links;
mod setting;
mod sources;
mod startup;
mod terminal;
mod tracing;
mod unused;
mod url_keys;
mod url_login;
mod values;

pub use backup_schedule::BackupSchedule;
pub use clean_file::{CleanFile, clean_file};
pub use console::ConsoleOptions;
pub use database::Database;
pub use env_file::EnvFile;
pub use field::Field;
pub use group::Variable;
pub use identity::Identity;
pub use ledger::LedgerOptions;
pub use limits::Limits;
pub use logging::Logging;
pub use members::MemberOptions;
pub use mistake::{Mistake, Mistakes};
pub use network::Network;
pub use networks::{Gateway, Networks};
pub use node_type::NodeType;
pub use paths::Paths;
pub use security::Security;
pub use setting::{Setting, Source};
pub use sources::Sources;
pub use startup::Startup;
pub use terminal::TerminalAbilities;
pub use tracing::Tracing;
pub use url_keys::without_url_keys;
pub use url_login::without_passwords;
pub use values::{
    Auth, ConsoleOutput, DbType, Gwei, LedgerGzip, LedgerSource, List, LogFormat, RelayVisible, Senders, Size, SslMode,
    StartFrom, Url,
};

use group::deserialize;
use indexmap::IndexMap;
use merge::Merged;

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
    /// The web console.
    pub console: ConsoleOptions,
    /// Format and level of the log.
    pub logging: Logging,
    /// Where traces go.
    pub tracing: Tracing,
    /// What members are sent, and how often.
    pub members: MemberOptions,
    /// Limits that may be changed.
    pub limits: Limits,
    settings: Vec<Setting>,
    environment: IndexMap<String, String>,
    warnings: Vec<String>,
    readings: Vec<String>,
    notes: Vec<String>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// Every mistake of every source, together.
    pub fn load(sources: &Sources) -> Result<Self, Mistakes> {
        Self::load_and(sources, |_| Ok(()))
    }

    /// Reads all sources and asks somebody who can judge more; values that are mistakes already are the defaults there.
    ///
    /// # Errors
    /// Every mistake of every source and of the judge, together.
    pub fn load_and(sources: &Sources, judge: impl FnOnce(&Self) -> Result<(), Mistakes>) -> Result<Self, Mistakes> {
        let mut merged = sources.merge(&Self::variables());
        database_url::spread(&mut merged);
        let Merged { settings, environment, warnings, readings, notes, mut mistakes } = merged;
        match Self::assemble(settings) {
            Err(error) => mistakes.push(Mistake::general(error.to_string())),
            Ok(mut config) => {
                mistakes.extend(rules::check(&config));
                mistakes.extend(judge(&config).err().into_iter().flat_map(|found| found.0));
                rules::complete(&mut config);
                config.environment = environment;
                config.warnings.extend(warnings.iter().map(|text| without_passwords(text).into_owned()));
                config.readings = readings.iter().map(|text| without_passwords(text).into_owned()).collect();
                config.notes = notes.iter().map(|text| without_passwords(text).into_owned()).collect();
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
            console: deserialize(&settings)?,
            logging: deserialize(&settings)?,
            tracing: deserialize(&settings)?,
            members: deserialize(&settings)?,
            limits: deserialize(&settings)?,
            settings,
            environment: IndexMap::new(),
            warnings: Vec::new(),
            readings: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Returns every variable of every group, in the order of the groups.
    #[must_use]
    pub fn variables() -> Vec<&'static Variable> {
        Self::groups().into_iter().flatten().collect()
    }

    /// Returns the variables of each group, in the order of their documentation.
    #[must_use]
    pub fn groups() -> Vec<&'static [Variable]> {
        vec![
            Identity::VARIABLES,
            Network::VARIABLES,
            Database::VARIABLES,
            LedgerOptions::VARIABLES,
            Paths::VARIABLES,
            Startup::VARIABLES,
            Security::VARIABLES,
            ConsoleOptions::VARIABLES,
            Logging::VARIABLES,
            Tracing::VARIABLES,
            MemberOptions::VARIABLES,
            Limits::VARIABLES,
        ]
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

    /// Returns those of the warnings that tell where compose reads the env file otherwise than this node.
    #[must_use]
    pub fn readings(&self) -> &[String] {
        &self.readings
    }

    /// Returns what is worth a line when somebody looks at the configuration: how others would read the env file.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
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
        let published = [("ANYLOG_REST_PORT", "32049")];
        let config = Config::load(&sources("ANYLOG_REST_PORT=5000\n", &published)).unwrap();
        assert_eq!(config.network.anylog_rest_port, 32049);
        assert!(config.warnings()[0].ends_with("before the file was changed: docker compose up -d"));
        assert_eq!(Config::load(&sources("ANYLOG_REST_PORT=32049\n", &published)).unwrap().warnings(), [] as [&str; 0]);
    }

    #[test]
    fn old_names_are_read_and_named() {
        let config = Config::load(&sources("SYNC_TIME=45 second\n", &[])).unwrap();
        assert_eq!(config.ledger.blockchain_sync.as_secs(), 45);
        assert_eq!(config.warnings(), ["anylog_configs.env:1: SYNC_TIME is an old name; write BLOCKCHAIN_SYNC"]);
    }

    #[test]
    fn what_a_master_does_not_use_is_worth_a_warning_at_most() {
        let file =
            "LIGHTHOUSE_NODE_IP=\"\nBROKER_BIND=flase\nDB_PORT=tcp\nDB_PASSWD_FILE=/no/such\nBROKER_THREADS=\"6\" x\n";
        let config = Config::load(&sources(file, &[])).unwrap();
        let warnings = config.warnings().join("\n");
        for part in [
            "anylog_configs.env:1 LIGHTHOUSE_NODE_IP: the quote is never closed",
            "anylog_configs.env:2 BROKER_BIND=\"flase\": it is neither true nor false; did you mean false?",
            "anylog_configs.env:3 DB_PORT=\"tcp\"",
            "anylog_configs.env:4 DB_PASSWD_FILE",
            "anylog_configs.env:5 BROKER_THREADS: there is text after the closing quote",
        ] {
            assert!(warnings.contains(part), "{part}\n{warnings}");
        }
        assert_eq!((config.network.broker_threads, config.database.db_port), (6, 5432));
        let used = Config::load(&sources(&format!("{file}DB_TYPE=psql\nDB_USER=u\n"), &[])).unwrap_err().to_string();
        assert!(used.starts_with("2 mistakes") && used.contains("DB_PORT=\"tcp\""), "{used}");
    }

    #[test]
    fn the_url_of_a_database_makes_the_variables_of_postgresql_count() {
        for (line, part) in [
            ("DB_SSLMODE=verify_full", "anylog_configs.env:2 DB_SSLMODE=\"verify_full\""),
            ("DB_WAIT=soon", "anylog_configs.env:2 DB_WAIT=\"soon\""),
            ("DB_SSL_CA=/no/such", "anylog_configs.env:2 DB_SSL_CA=\"/no/such\""),
        ] {
            let file = format!("DB_URL=postgres://u:s3cret@db/blockchain\n{line}\n");
            let error = Config::load(&sources(&file, &[])).unwrap_err().to_string();
            assert!(error.starts_with("1 mistake ") && error.contains(part) && !error.contains("s3cret"), "{error}");
        }
        for line in ["DB_URL=\"postgres://u:s3cret@db/blockchain", "DB_URL_FILE=/no/such"] {
            let error = Config::load(&sources(line, &[])).unwrap_err().to_string();
            assert!(error.contains("anylog_configs.env:1") && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn files_of_a_database_that_nobody_connects_to_are_worth_a_warning() {
        let config = Config::load(&sources("DB_SSL_CA=/no/such\nDB_SSL_CERT=/no/such\n", &[])).unwrap();
        let warnings = config.warnings().join("\n");
        for name in ["DB_SSL_CA", "DB_SSL_CERT"] {
            assert!(warnings.contains(&format!("{name}=\"/no/such\"")), "{warnings}");
        }
        assert_eq!(warnings.matches("this master does not use it").count(), 2, "{warnings}");
    }

    #[test]
    fn service_links_of_kubernetes_are_left_out() {
        let links = [
            ("DB_PORT", "tcp://10.96.0.20:5432"),
            ("DB_PORT_5432_TCP_PORT", "5432"),
            ("DB_SERVICE_HOST", "10.96.0.20"),
            ("ANYLOG_REST_PORT", "tcp://10.96.12.8:32049"),
            ("ANYLOG_PORT", "tcp://10.96.12.8:1"),
        ];
        let config = Config::load(&sources("DB_PORT=5433\n", &links)).unwrap();
        assert_eq!((config.database.db_port, config.network.anylog_rest_port), (5433, 32049));
        assert_eq!(config.environment().get("DB_PORT").map(String::as_str), Some("5433"));
        let [warning] = config.warnings() else { panic!("{:?}", config.warnings()) };
        assert!(
            warning.contains("DB_PORT=tcp://10.96.0.20:5432, ANYLOG_REST_PORT=")
                && warning.contains("enableServiceLinks")
        );
    }

    #[test]
    fn logins_of_the_old_form_are_read_and_their_password_is_not_told() {
        for line in
            ["DB_USER=u@10.0.0.9:s$x'3cret", "DB_USER=u@10.0.0.9:s${HOME}3cret", "DB_CONN='u@10.0.0.9:${a}3cret'"]
        {
            let config = Config::load(&sources(line, &[])).unwrap();
            let seen = ["DB_USER", "DB_CONN"].map(|name| config.environment().get(name));
            let told = format!("{:?}{:?}{seen:?}{config:?}", config.warnings(), config.notes());
            assert!(told.contains("old form") && !told.contains("3cret"), "{line}: {told}");
        }
        let file = "DB_TYPE=psql\nDB_USER=psql@10.0.0.9:de:mo\nDB_CONN=a@h:de:mo\n";
        let config = Config::load(&sources(file, &[])).unwrap();
        let database = &config.database;
        assert_eq!(database.db_user.as_deref(), Some("psql"));
        assert_eq!(database.db_passwd.as_ref().map(|s| s.expose_secret()), Some("de:mo"));
        assert_eq!(config.setting("DB_IP").unwrap().value, "10.0.0.9");
        let told = format!("{config:?}{:?}{:?}", config.warnings(), config.environment().get("DB_USER"));
        assert!(told.contains("DB_USER has the old form user@address:password") && !told.contains("mo\""), "{told}");
        let template = "DB_TYPE=psql\nDB_USER=[POSTGRES_USER]@[IP_ADDRESS]:[POSTGRES_PASSWORD]\n";
        let error = Config::load(&sources(template, &[])).unwrap_err().to_string();
        assert!(error.starts_with("1 mistake ") && error.contains("never filled in"), "{error}");
        let other = Config::load(&sources("DB_CONN=admin@127.0.0.1:passwd\n", &[])).unwrap();
        assert_eq!(other.database.db_user.as_deref(), Some("admin"));
        assert_eq!(other.environment().get("DB_CONN").map(String::as_str), Some("admin@127.0.0.1:********"));
    }

    #[test]
    fn what_compose_reads_otherwise_is_told_with_the_line_to_write() {
        for (line, said) in [
            (
                "DB_PASSWD=pa$word",
                "is read otherwise by compose v2; compose gives PostgreSQL what it reads, and the login would fail; write DB_PASSWD='…' in single quotes",
            ),
            (
                "DB_PASSWD=p${HOME}q",
                "is made with HOME, which is not the same for everybody who reads it; compose gives PostgreSQL what it reads, and the login would fail; write the value itself: DB_PASSWD=…",
            ),
            ("COMPANY_NAME=“Acme”", "COMPANY_NAME begins with “, which is no quote here"),
            (
                "DB_PASSWD=   # none",
                "is read otherwise by compose 1.29 and by compose v2; compose gives PostgreSQL what it reads, and the login would fail; write DB_PASSWD=",
            ),
            ("NODE_NAME=a$b", "NODE_NAME is read otherwise by compose v2 (\"a\"); write NODE_NAME='a$b'"),
            ("NODE_NAME='${HOME}'", "no way to write it is read alike by all"),
            ("NODE_NAME: a", "NAME: value is read as compose v2 reads it"),
            ("OTHER='it''s'", "OTHER"),
        ] {
            let loaded = Config::load(&sources(line, &[("HOME", "/home/u")]));
            let config = loaded.unwrap_or_else(|error| panic!("{line}: {error}"));
            let [warning] = config.warnings() else { panic!("{line}: {:?}", config.warnings()) };
            assert!(warning.starts_with("anylog_configs.env:1: ") || line.starts_with("OTHER"), "{warning}");
            assert!(warning.contains(said), "{line}: {warning}");
        }
        for line in [
            "DB_PASSWD='a$b'",
            "DB_PASSWD=\"a\\\"b\"",
            "DB_PASSWD=\"tab\\tend\"",
            "DB_PASSWD=abc#def",
            "DB_PASSWD=abc #def",
            "DB_PASSWD=\"postgres4Example!\"",
            "DB_PASSWD=pä ss@:/?%",
            "A=b\nDB_PASSWD=x${A}",
            "COMPANY_NAME=New Company",
        ] {
            let config = Config::load(&sources(line, &[("HOME", "/home/u")])).unwrap();
            assert_eq!(config.warnings(), [] as [&str; 0], "{line}");
        }
    }

    #[test]
    fn names_of_other_programs_are_answered_with_ours() {
        let file = "DB_HOST=db\nDATABASE_URL=postgres://u:p@h/d\nREST_PORT=1\nPOSTGRES_USER=u\nDB_USER=u\nLOCAL_IP=\n";
        let warnings = Config::load(&sources(file, &[("COMPANY", "x")])).unwrap().warnings().join("\n");
        for part in [
            "environment: COMPANY is not read by this program; write COMPANY_NAME",
            "anylog_configs.env:1: DB_HOST is not read by this program; write DB_IP",
            "anylog_configs.env:2: DATABASE_URL is not read by this program; write DB_",
            "anylog_configs.env:3: REST_PORT is not read by this program; write ANYLOG_REST_PORT",
        ] {
            assert!(warnings.contains(part), "{part}\n{warnings}");
        }
        assert_eq!(warnings.lines().count(), 4, "{warnings}");
    }

    #[test]
    fn a_mistake_is_told_once() {
        let error =
            Config::load(&sources("OVERLAY_NETWORK=true\nOVERLAY_IP=10.0.0.256\n", &[])).unwrap_err().to_string();
        assert!(error.starts_with("1 mistake "), "{error}");
        let old = Config::load(&sources("NODE_TYPE=ledger\nREST_TIMEOUT=-1\n", &[])).unwrap();
        assert_eq!(old.network.rest_timeout, Some(0));
        assert_eq!(old.environment().get("NODE_TYPE").map(String::as_str), Some("master"));
        assert_eq!(old.warnings().len(), 2, "{:?}", old.warnings());
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
        let both = Config::load(&sources("DB_TYPE=psql\nDB_USER=u\n", &[("DB_PASSWD_FILE", path), ("DB_PASSWD", "x")]))
            .unwrap_err()
            .to_string();
        assert!(both.contains("DB_PASSWD and DB_PASSWD_FILE are both set"), "{both}");
        let missing =
            Config::load(&sources("DB_PASSWD_FILE=/no/such\nDB_TYPE=psql\nDB_USER=u\n", &[])).unwrap_err().to_string();
        assert!(missing.contains("anylog_configs.env:1") && missing.contains("cannot be read"), "{missing}");
    }
}
