//! What must hold between variables, and the values that follow from others.

use crate::config::{Auth, Config, DbType, Mistake, Senders, file_access, unused::is_used, values::is_database_url};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;

/// Returns every rule that the configuration breaks.
pub fn check(config: &Config) -> Vec<Mistake> {
    let mut wrong = Vec::new();
    let network = &config.network;
    let mut rule = |broken: bool, name: &str, reason: &str| {
        if broken {
            // A value that was reported already would be reported twice.
            let setting = config.setting(name).filter(|setting| setting.valid);
            wrong.extend(setting.map(|s| Mistake::value(&s.source, s.variable, &s.value, reason)));
        }
    };
    rule(
        network.overlay_network == Some(true) && network.overlay_ip.is_none(),
        "OVERLAY_IP",
        "OVERLAY_NETWORK is true and there is no address",
    );
    rule(
        network.anylog_server_port == network.anylog_rest_port && network.anylog_rest_port != 0,
        "ANYLOG_REST_PORT",
        "ANYLOG_SERVER_PORT is the same port",
    );
    let console = &config.console;
    let is_taken = |port: u16| port != 0 && [network.anylog_server_port, network.anylog_rest_port].contains(&port);
    rule(console.console_port.is_some_and(is_taken), "CONSOLE_PORT", "another server of this node has the port");
    rule(console.console_timeout.is_zero(), "CONSOLE_TIMEOUT", "with no time nobody would stay signed in");
    database_rules(config, &mut rule);
    let security = &config.security;
    rule(
        security.rest_tls_cert.is_some() && security.rest_tls_key.is_none(),
        "REST_TLS_KEY",
        "REST_TLS_CERT is set and there is no key",
    );
    rule(
        security.rest_tls_key.is_some() && security.rest_tls_cert.is_none(),
        "REST_TLS_CERT",
        "REST_TLS_KEY is set and there is no certificate",
    );
    rule(
        security.auth == Some(Auth::Mtls) && security.rest_tls_ca.is_none(),
        "REST_TLS_CA",
        "AUTH is mtls and there are no authorities",
    );
    let token = security.rest_token.as_ref().is_some_and(|token| token.expose_secret().contains(':'));
    rule(token, "REST_TOKEN", "this is a line for REST_TOKENS; REST_TOKEN is the secret that a caller sends");
    let sync = config.ledger.blockchain_sync;
    rule(sync.is_zero(), "BLOCKCHAIN_SYNC", "the time is zero");
    rule(sync.subsec_nanos() > 0, "BLOCKCHAIN_SYNC", "the time is no whole number of seconds");
    let ledger = &config.ledger;
    rule(
        ledger.blockchain_source.is_chain() && ledger.provider.is_none(),
        "PROVIDER",
        "BLOCKCHAIN_SOURCE is a chain and there is no provider to reach it by",
    );
    rule(ledger.backup_keep == 0, "BACKUP_KEEP", "with none kept the backup just written would go");
    rule(ledger.chain_confirmations == 0, "CHAIN_CONFIRMATIONS", "the block of the transaction itself is the first");
    rule(
        ledger.relay_company.is_some() && !ledger.relay_types.words().is_empty(),
        "RELAY_TYPES",
        "RELAY_COMPANY is set: a relay is for one company or for some types",
    );
    for (who, name) in [(security.peer_write, "PEER_WRITE"), (security.peer_read, "PEER_READ")] {
        let nobody = who == Senders::Allow && security.peer_allow.is_empty();
        rule(nobody, name, "PEER_ALLOW names nobody, so nobody could");
    }
    let members = &config.members;
    rule(
        members.member_ttl.is_zero(),
        "MEMBER_TTL",
        "with no time no member would get anything: MEMBER_PUSH=off says that",
    );
    let destinations = config.ledger.blockchain_destination.words();
    rule(
        destinations.iter().any(|d| d != "file" && d != "dbms"),
        "BLOCKCHAIN_DESTINATION",
        "only file and dbms are copies",
    );
    let switches = security.allow_commands.words();
    rule(switches.iter().any(|word| word != "system"), "ALLOW_COMMANDS", "only system can be switched on");
    let limits = &config.limits;
    let none = "with nothing allowed nobody would be answered";
    rule(limits.peer_connections == 0, "PEER_CONNECTIONS", none);
    rule(limits.peer_connections_per_host == 0, "PEER_CONNECTIONS_PER_HOST", none);
    rule(limits.rest_connections == 0, "REST_CONNECTIONS", none);
    rule(limits.rest_connections_per_host == 0, "REST_CONNECTIONS_PER_HOST", none);
    rule(limits.rest_body_limit.0 == 0, "REST_BODY_LIMIT", none);
    wrong.extend(unreadable(config, true));
    wrong
}

/// The rules of the login at PostgreSQL.
fn database_rules(config: &Config, rule: &mut impl FnMut(bool, &str, &str)) {
    let psql = config.database.db_type == DbType::Psql;
    rule(psql && config.database.db_user.is_none(), "DB_USER", "DB_TYPE is psql and there is no user");
    let is_url = psql && config.database.db_user.as_deref().is_some_and(is_database_url);
    rule(is_url, "DB_USER", "it is the URL of a database: write it into DB_URL instead");
    rule(psql && config.database.db_ip.is_none(), "DB_IP", "DB_TYPE is psql and there is no address");
    let is_sendable = |secret: &Option<SecretString>| {
        secret.as_ref().is_none_or(|secret| !secret.expose_secret().contains(char::is_control))
    };
    let odd =
        "it has a character, such as a tab, that no login of PostgreSQL is made with here; choose another password";
    rule(psql && !is_sendable(&config.database.db_passwd), "DB_PASSWD", odd);
    rule(psql && !is_sendable(&config.database.db_reader_passwd), "DB_READER_PASSWD", odd);
    let (certificate, key) = (config.database.db_ssl_cert.is_some(), config.database.db_ssl_key.is_some());
    rule(psql && certificate && !key, "DB_SSL_KEY", "DB_SSL_CERT is set and there is no key");
    rule(psql && key && !certificate, "DB_SSL_CERT", "DB_SSL_KEY is set and there is no certificate");
    rule(config.database.db_name.is_empty(), "DB_NAME", "the database has no name");
}

/// Files of certificates and keys.
const PEM_FILES: [&str; 7] =
    ["REST_TLS_CERT", "REST_TLS_KEY", "REST_TLS_CA", "DB_SSL_CA", "DB_SSL_CERT", "DB_SSL_KEY", "PROVIDER_CA"];

/// Returns the TLS files that cannot be read: those that are used, without which the REST server would not start, or the database or
/// the provider not be reached, or those of a database that nobody connects to.
fn unreadable(config: &Config, used: bool) -> Vec<Mistake> {
    let with_postgres = config.database.db_type == DbType::Psql;
    let names = PEM_FILES.iter().filter(|name| is_used(name, with_postgres) == used);
    let settings = names.filter_map(|name| config.setting(name));
    let files = settings.filter(|setting| !setting.value.is_empty());
    let refused = files.filter_map(|setting| Some((setting, file_access::open(Path::new(&setting.value)).err()?)));
    refused
        .map(|(s, error)| {
            let wanted = "a PEM file that this user may read";
            let (reason, expected) = file_access::unreadable(Path::new(&s.value), &error, wanted);
            Mistake { expected, ..Mistake::refused(&s.source, s.variable, &s.value, reason) }
        })
        .collect()
}

/// Fills in what follows from other values, and warns about what is odd and not used.
pub fn complete(config: &mut Config) {
    let unused = unreadable(config, false).into_iter().map(|mistake| format!("{mistake}; this master does not use it"));
    config.warnings.extend(unused);
    let network = &mut config.network;
    if network.overlay_network == Some(false) {
        network.overlay_ip = None;
    }
}
