//! A running node on either store, with a directory for files of policies, and the program that is run beside it.

use crate::{
    program::{Program, command},
    support::postgres::Postgres,
};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
};

/// A node and its files.
pub struct Place {
    /// The node.
    pub node: Program,
    home: tempfile::TempDir,
    /// Its database; nothing for an SQLite file.
    _server: Option<Postgres>,
    token: Option<String>,
}

/// What a program said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Place {
    /// Starts a node on an SQLite file, with more variables.
    pub fn sqlite_with(variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let node = Program::embedded(home.path(), variables);
        Self { node, home, _server: None, token: None }
    }

    /// Starts a node on an SQLite file.
    pub fn sqlite() -> Self {
        Self::sqlite_with(&[])
    }

    /// Starts a node on a server of its own.
    pub fn postgres() -> Self {
        let (home, server) = (tempfile::tempdir().unwrap(), Postgres::start());
        let (port, path) = (server.port.to_string(), home.path().join("data").display().to_string());
        let variables = [
            ("ANYLOG_PATH", path.as_str()),
            ("ANYLOG_SERVER_PORT", "0"),
            ("ANYLOG_REST_PORT", "0"),
            ("INTERNAL_IP", "127.0.0.1"),
            ("AUTH", "off"),
            ("DB_TYPE", "psql"),
            ("DB_IP", "127.0.0.1"),
            ("DB_PORT", port.as_str()),
            ("DB_USER", "admin"),
            ("DB_PASSWD", "elpw"),
        ];
        let node = Program::start(command(home.path(), &["run"], &variables));
        Self { node, home, _server: Some(server), token: None }
    }

    /// Starts a node on each of the stores.
    pub fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// Sends a token with what is asked from now on.
    pub fn with_token(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// Returns the path of a file of policies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file of policies.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the program beside the node.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with_input(arguments, "")
    }

    /// Runs the program beside the node, with a text on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Said {
        run(self.home.path(), arguments, &self.node.rest.to_string(), self.token.as_deref(), input)
    }

    /// Runs `apply` with files and more arguments.
    pub fn apply(&self, file: &str, more: &[&str]) -> Said {
        self.run(&[&["apply", "-f", file], more].concat())
    }

    /// Returns the policies of a type as they are stored, without those of the boot.
    pub fn policies(&self, kind: &str) -> Vec<Value> {
        serde_json::from_str(&self.node.get(&format!("blockchain read {kind}"))).unwrap()
    }

    /// Returns the body of the policy with a type and a name.
    pub fn policy(&self, kind: &str, name: &str) -> Value {
        let policies = self.policies(kind);
        policies.iter().map(|policy| policy[kind].clone()).find(|body| body["name"] == name).unwrap()
    }

    /// Returns the names of the policies of a type, sorted.
    pub fn names(&self, kind: &str) -> Vec<String> {
        let name = |policy: &Value| policy[kind]["name"].as_str().unwrap_or_default().to_owned();
        let mut names: Vec<String> = self.policies(kind).iter().map(name).collect();
        names.sort();
        names
    }
}

/// Runs the program, which asks the node at an address.
pub fn run(directory: &Path, arguments: &[&str], address: &str, token: Option<&str>, input: &str) -> Said {
    let connect = ["--connect", address];
    let variables: Vec<(&str, &str)> = token.map(|token| ("REST_TOKEN", token)).into_iter().collect();
    let arguments = [arguments, &connect].concat();
    let mut command = command(directory, &arguments, &variables);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}
