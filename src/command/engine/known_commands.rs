//! What `check-script` asks about the commands and variables of the node.

use crate::{
    command::engine::Catalog,
    script::{Word, check::Commands},
};

/// The commands of this node and the variables that it sets itself (reference/command-language 3.4).
#[derive(Clone, Copy, Debug)]
pub struct KnownCommands(pub &'static Catalog);

/// Variables that the node sets.
const VARIABLES: [&str; 30] = [
    "anylog_rest_port",
    "anylog_server_port",
    "archive_dir",
    "bkup_dir",
    "blobs_dir",
    "blockchain_dir",
    "blockchain_file",
    "blockchain_new",
    "blockchain_sql",
    "bwatch_dir",
    "db_port",
    "db_user",
    "dbms_dir",
    "distr_dir",
    "dns",
    "edgelake_path",
    "err_dir",
    "external_dns",
    "external_ip",
    "id_dir",
    "input_thread",
    "io_buff_size",
    "ip",
    "is_vm",
    "local_scripts",
    "pem_dir",
    "prep_dir",
    "test_dir",
    "tmp_dir",
    "watch_dir",
];

impl Commands for KnownCommands {
    fn complaint(&self, words: &[Word], assigned: bool) -> Option<String> {
        let before = if assigned { 2 } else { 0 };
        match self.0.find(words, before) {
            Ok(Some(_)) => None,
            Ok(None) if assigned => None,
            Ok(None) => self.0.unknown(words).detail,
            Err(error) => error.detail,
        }
    }

    fn sets(&self, variable: &str) -> bool {
        VARIABLES.binary_search(&variable).is_ok() || variable.starts_with("wait_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CATALOG;
    use crate::script::words;

    #[test]
    fn names_are_looked_up_in_the_catalog() {
        assert!(VARIABLES.is_sorted());
        let complaint = |text: &str| KnownCommands(&CATALOG).complaint(&words(text).unwrap(), false);
        assert_eq!(complaint("print a"), None);
        assert!(complaint("prnt a").is_some_and(|text| text.contains("'print'")));
        assert!(KnownCommands(&CATALOG).sets("ip"));
    }
}
