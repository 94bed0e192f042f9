//! The shipped env file has a line for every variable, except for those that are left out of it for a reason.

use anylog_master::config::{Config, EnvFile};
use std::{collections::BTreeSet, fs};

/// Variables without a line, behind the reason why they have none.
const LEFT_OUT: [(&str, &[&str]); 7] = [
    (
        "scripts of other kinds of node read them, and a master does nothing with them",
        &[
            "CONFIG_NAME",
            "BRANCH",
            "DEPT",
            "BROKER_BIND",
            "BROKER_THREADS",
            "OPERATOR_THREADS",
            "ENABLE_DNS",
            "SYSTEM_QUERY_DB",
            "TEST_DIR",
        ],
    ),
    ("few masters are called by a name of their own", &["EXTERNAL_DNS", "DNS", "DNS_DOMAIN"]),
    (
        "one text in place of the lines of the database, and files that the line of DB_SSLMODE names",
        &["DB_URL", "DB_SSL_CA", "DB_SSL_CERT", "DB_SSL_KEY"],
    ),
    (
        "docs/relay.md says what a relay needs",
        &[
            "PROVIDER",
            "PROVIDER_CA",
            "BLOCKCHAIN_PUBLIC_KEY",
            "BLOCKCHAIN_PRIVATE_KEY",
            "CHAIN_ID",
            "CONTRACT",
            "CHAIN_MAX_FEE_GWEI",
            "CHAIN_CONFIRMATIONS",
            "RELAY_VISIBLE",
            "RELAY_COMPANY",
            "RELAY_TYPES",
        ],
    ),
    ("compose sets it for its own network", &["PEER_GATEWAY"]),
    ("only a build with traces reads them", &["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME"]),
    (
        "limits that few networks reach",
        &[
            "PEER_CONNECTIONS",
            "PEER_CONNECTIONS_PER_HOST",
            "PEER_DROP_LIMIT",
            "PEER_CHANGES_PER_SECOND",
            "PEER_CHANGES_PER_MINUTE",
            "PEER_BYTES_PER_MINUTE",
            "LEDGER_QUOTA",
            "REST_CONNECTIONS",
            "REST_CONNECTIONS_PER_HOST",
            "REST_BODY_LIMIT",
            "REST_BODY_MEMORY",
            "QUERY_TIME",
            "QUERY_ROWS",
            "QUERY_BYTES",
        ],
    ),
];

#[test]
fn every_variable_has_a_line_in_the_shipped_file_or_a_reason_to_have_none() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/anylog_configs.env");
    let file = EnvFile::parse(path.into(), &fs::read(path).unwrap());
    let written: BTreeSet<&str> = file.assignments.iter().map(|assignment| assignment.name.as_str()).collect();
    let left_out: BTreeSet<&str> = LEFT_OUT.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let known: BTreeSet<&str> = Config::groups().into_iter().flatten().map(|variable| variable.name).collect();
    let expected = &written | &left_out;
    let missing: Vec<_> = known.difference(&expected).collect();
    assert!(missing.is_empty(), "neither in the file nor left out of it: {missing:?}");
    let unknown: Vec<_> = expected.difference(&known).collect();
    assert!(unknown.is_empty(), "no variable of the node: {unknown:?}");
    let both: Vec<_> = written.intersection(&left_out).collect();
    assert!(both.is_empty(), "in the file, and in the list of those left out of it: {both:?}");
}
