//! Variables that a master reads for scripts alone, or not at all: what is odd about them does not end the start.

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

/// Tells whether a start of this master needs a variable. The login of PostgreSQL is not needed with a file.
pub fn is_used(name: &str, with_postgres: bool) -> bool {
    let of_postgres = name.starts_with("DB_") && name != "DB_TYPE";
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
        assert!(is_used("DB_PORT", true) && !is_used("DB_PORT", false) && is_used("DB_TYPE", false));
    }
}
