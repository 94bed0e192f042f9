//! Variables that a master reads for scripts alone, or not at all: what is odd about them does not end the start.

use crate::config::Setting;

/// Variables of other kinds of node, and of scripts.
const FOR_OTHERS: &[&str] = &[
    "ANYLOG_BROKER_PORT",
    "AUTOCOMMIT",
    "BRANCH",
    "BROKER_BIND",
    "BROKER_THREADS",
    "CONFIG_NAME",
    "DEPT",
    "DNS",
    "DNS_DOMAIN",
    "ENABLE_DNS",
    "EXTERNAL_DNS",
    "LICENSE_KEY",
    "MEMORY",
    "OPERATOR_THREADS",
    "SYSTEM_QUERY",
    "SYSTEM_QUERY_DB",
    "TEST_DIR",
];

/// Tells whether a variable says by itself whether the ledger is in PostgreSQL: one that cannot be read must not leave the ledger
/// in a file.
pub fn chooses_database(name: &str) -> bool {
    matches!(name, "DB_TYPE" | "DB_URL")
}

/// Tells whether settings put the ledger into PostgreSQL; who writes the URL of a database need not write its type.
pub fn is_with_postgres(settings: &[Setting]) -> bool {
    settings.iter().any(|setting| match setting.variable.name {
        "DB_TYPE" => setting.value == "psql",
        "DB_URL" => !setting.value.is_empty(),
        _ => false,
    })
}

/// Tells whether a start of this master needs a variable. The login of PostgreSQL is not needed with a file.
pub fn is_used(name: &str, with_postgres: bool) -> bool {
    let of_postgres = name.starts_with("DB_") && !chooses_database(name);
    !FOR_OTHERS.contains(&name) && (with_postgres || !of_postgres)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_name_is_a_variable() {
        for name in FOR_OTHERS {
            assert!(Config::variables().iter().any(|variable| variable.name == *name), "{name}");
        }
        assert!(is_used("DB_PORT", true) && !is_used("DB_PORT", false));
        assert!(is_used("DB_TYPE", false) && is_used("DB_URL", false));
    }
}
