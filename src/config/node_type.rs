//! The kind of node: this program is a master and nothing else.

use crate::config::Field;
use std::fmt;

/// Kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeType {
    /// Keeps the ledger.
    Master,
}

impl NodeType {
    /// Returns the word as it is written in the env file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
        }
    }
}

impl fmt::Display for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Field for NodeType {
    const EXPECTED: &'static str = "master";
    const EXAMPLE: &'static str = "master";

    fn read(text: &str) -> Result<Self, String> {
        let word = text.to_ascii_lowercase().replace('_', "-");
        let apart = "as a node of its own (EdgeLake or AnyLog) with LEDGER_CONN set to this master's address";
        match word.as_str() {
            "master" => Ok(Self::Master),
            "master-operator" | "master-publisher" | "master-query" | "standalone" | "standalone-publisher" => {
                let others = match word.as_str() {
                    "master-publisher" | "standalone-publisher" => "publisher",
                    "master-query" => "query node",
                    _ => "operator, which stores the data,",
                };
                Err(format!(
                    "this program is the master alone: write NODE_TYPE=master here, and run the {others} {apart}"
                ))
            }
            "operator" | "publisher" | "query" => {
                Err(format!("this program is no {word}: run the {word} {apart}; for the master write NODE_TYPE=master"))
            }
            "generic" | "none" | "rest" => Err(format!(
                "{word} is a node without a role, which this program is not: run such a node with EdgeLake or AnyLog; for the \
                 master write NODE_TYPE=master"
            )),
            _ => Err("this program is a master alone".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_node_are_told_what_this_program_leaves_to_them() {
        assert_eq!(NodeType::read("MASTER"), Ok(NodeType::Master));
        for (word, part) in [
            ("master-operator", "run the operator, which stores the data, as a node of its own"),
            ("master_publisher", "run the publisher as a node of its own"),
            ("standalone", "LEDGER_CONN set to this master's address"),
            ("operator", "this program is no operator"),
            ("generic", "generic is a node without a role"),
            ("none", "write NODE_TYPE=master"),
            ("rest", "write NODE_TYPE=master"),
            ("mastre", "a master alone"),
        ] {
            let said = NodeType::read(word).unwrap_err();
            assert!(said.contains(part), "{word}: {said}");
        }
    }
}
