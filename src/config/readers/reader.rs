//! Who reads env files beside this node.

use super::{
    compose1, compose2, docker, dotenv,
    reading::{Lookup, Reading},
    shell,
};
use std::fmt;

/// Who reads the file beside this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvReader {
    /// docker-compose 1.29.
    Compose1,
    /// `docker compose`, version 2 and later.
    Compose2,
    /// `docker run --env-file`, whose values this node gets in its environment.
    Docker,
    /// `. FILE` in a POSIX shell.
    Shell,
    /// A program with a dotenv library.
    Dotenv,
}

impl EnvReader {
    /// Those that a cleaned file is written for.
    pub const OF_CLEAN_FILES: [Self; 5] = [Self::Compose1, Self::Compose2, Self::Docker, Self::Shell, Self::Dotenv];
    /// Those that people start this node or its neighbours with.
    pub const ALL: [Self; 4] = [Self::Compose1, Self::Compose2, Self::Docker, Self::Shell];
    /// Those that give the database its password.
    pub const COMPOSE: [Self; 2] = [Self::Compose1, Self::Compose2];

    /// Reads one assignment, which is more than one line where a quoted value goes on.
    #[must_use]
    pub fn read(self, statement: &str, lookup: &Lookup<'_>) -> Reading {
        match self {
            Self::Compose1 => compose1::read(statement, lookup),
            Self::Compose2 => compose2::read(statement, lookup),
            Self::Docker => docker::read(statement),
            Self::Shell => shell::read(statement, lookup),
            Self::Dotenv => dotenv::read(statement),
        }
    }
}

impl fmt::Display for EnvReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compose1 => "compose 1.29",
            Self::Compose2 => "compose v2",
            Self::Docker => "docker --env-file",
            Self::Shell => "a shell",
            Self::Dotenv => "a dotenv library",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::node::{Dollars, value_of},
        *,
    };
    use serde_json::Value;

    /// What the programs themselves said; `tests/vectors/env_readers.json` says which versions.
    const RECORDED: &str = include_str!("../../../tests/vectors/env_readers.json");

    fn lookup(name: &str) -> Option<String> {
        [("HOME", "/home/u"), ("WORD", "w")].iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn every_reader_says_what_its_program_said() {
        let recorded: Value = serde_json::from_str(RECORDED).unwrap();
        let rows = recorded["rows"].as_array().unwrap();
        assert!(rows.len() > 90);
        for row in rows {
            let line = row["line"].as_str().unwrap();
            for (reader, name) in [
                (EnvReader::Compose1, "compose1"),
                (EnvReader::Compose2, "compose2"),
                (EnvReader::Docker, "docker"),
                (EnvReader::Shell, "shell"),
            ] {
                let said = match &row[name] {
                    Value::String(text) => Reading::Value(text.clone()),
                    Value::Null => Reading::Nothing,
                    _ => Reading::Refused,
                };
                assert_eq!(reader.read(line, &lookup), said, "{reader}: {line}");
            }
        }
    }

    #[test]
    fn the_node_agrees_with_compose_wherever_both_versions_do() {
        // A comment in the place of a value is none, as a shell sees it; both versions of compose take it for the value.
        let exceptions = ["K=   # none", "K=# none"];
        let recorded: Value = serde_json::from_str(RECORDED).unwrap();
        for row in recorded["rows"].as_array().unwrap() {
            let (line, one, two) = (row["line"].as_str().unwrap(), &row["compose1"], &row["compose2"]);
            if one.is_string() && one == two && !exceptions.contains(&line) {
                let text = line.split_once(['=', ':']).unwrap().1;
                let own = value_of(text, &lookup, Dollars::Braced);
                assert_eq!(own.as_deref(), Ok(one.as_str().unwrap()), "{line}");
            }
        }
    }
}
