//! A machine that has IPv6 alone: a network namespace without an IPv4 address. Needs root; elsewhere it is skipped.

use crate::{
    program::{Program, command},
    support::port::free,
};
use std::{
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The address of the machine.
const ADDRESS: &str = "2001:db8::10";
/// Longest time until a change has gone from one node to the other.
const PATIENCE: Duration = Duration::from_secs(20);

/// A network namespace; it goes with the test.
struct Namespace(String);

impl Namespace {
    /// Makes one; nothing where this machine lets nobody.
    fn with_ipv6_alone() -> Option<Self> {
        let name = format!("anylog-{}", std::process::id());
        let output = Command::new("ip").args(["netns", "add", &name]).output();
        if !output.as_ref().is_ok_and(|output| output.status.success()) {
            crate::support::skipped(format_args!("no network namespace without root and iproute2: {output:?}"));
            return None;
        }
        let namespace = Self(name);
        for words in ["link set lo up", "addr del 127.0.0.1/8 dev lo", "addr add 2001:db8::10/128 dev lo"] {
            let output = Command::new("ip").args(["-n", &namespace.0]).args(words.split(' ')).output().unwrap();
            if !output.status.success() {
                crate::support::skipped(format_args!("ip {words}: {}", String::from_utf8_lossy(&output.stderr)));
                return None;
            }
        }
        Some(namespace)
    }

    /// Returns a command that runs a prepared one in the namespace.
    fn run(&self, inside: &Command) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0]).arg(inside.get_program()).args(inside.get_args()).env_clear();
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.envs(inside.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(inside.get_current_dir().unwrap());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.0]).output();
    }
}

/// A node in the namespace and what it was started with.
struct Node<'a> {
    namespace: &'a Namespace,
    directory: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    program: Option<Program>,
    tcp: String,
    rest: String,
}

impl<'a> Node<'a> {
    fn start(namespace: &'a Namespace, more: &[(&'static str, &str)]) -> Self {
        let (tcp, rest) = (free().to_string(), free().to_string());
        let mut variables = vec![("AUTH", "off".to_owned())];
        variables.extend([("ANYLOG_SERVER_PORT", tcp.clone()), ("ANYLOG_REST_PORT", rest.clone())]);
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let directory = tempfile::tempdir().unwrap();
        let mut node = Self { namespace, directory, variables, program: None, tcp, rest };
        node.program = Some(Program::start(namespace.run(&node.command(&["run", "--embedded"]))));
        node
    }

    fn command(&self, words: &[&str]) -> Command {
        let variables: Vec<_> = self.variables.iter().map(|(name, value)| (*name, &**value)).collect();
        command(self.directory.path(), words, &variables)
    }

    fn output(&self, words: &[&str]) -> Output {
        self.namespace.run(&self.command(words)).output().unwrap()
    }

    /// Asks over REST at an address.
    fn ask(&self, host: &str, question: &str) -> String {
        let connect = format!("{host}:{}", self.rest);
        let output = self.output(&["exec", "--connect", &connect, question]);
        assert!(output.status.success(), "{question}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

#[test]
fn a_machine_with_ipv6_alone_is_served() {
    let Some(namespace) = Namespace::with_ipv6_alone() else { return };
    let master = Node::start(&namespace, &[("NODE_NAME", "master")]);
    let own = format!("[{ADDRESS}]:{}", master.tcp);
    assert_eq!(master.program.as_ref().unwrap().join(), format!("LEDGER_CONN={own}"));
    let health = master.output(&["healthcheck"]);
    assert!(health.status.success(), "{}", String::from_utf8_lossy(&health.stderr));
    assert_eq!(master.ask("[::1]", "get !ledger_conn"), own);
    let question = "blockchain get master bring [*][ip] | [*][local_ip] | [*][port]";
    let published = master.ask(&format!("[{ADDRESS}]"), question);
    assert_eq!(published, format!("{ADDRESS}|{ADDRESS}|{}", master.tcp));
    assert_eq!(master.ask("[::1]", "blockchain get master bring.ip_port"), own);

    let follower = Node::start(&namespace, &[("NODE_NAME", "follower"), ("LEDGER_CONN", &own), ("REST_BIND", "true")]);
    let health = follower.output(&["healthcheck"]);
    assert!(health.status.success(), "{}", String::from_utf8_lossy(&health.stderr));
    let started = Instant::now();
    let names = "blockchain get master bring [*][name] separator = ,";
    while master.ask("[::1]", names) != "master,follower"
        || follower.ask(&format!("[{ADDRESS}]"), names) != "master,follower"
    {
        assert!(started.elapsed() < PATIENCE, "{}", follower.ask(&format!("[{ADDRESS}]"), "get error log"));
        follower.ask(&format!("[{ADDRESS}]"), "run blockchain sync");
    }
    let asking = format!("said = run client ({own}) get status");
    assert_eq!(follower.ask(&format!("[{ADDRESS}]"), &asking), "");
    let said = follower.ask(&format!("[{ADDRESS}]"), "get !said");
    assert!(said.contains("running") && said.contains(&own), "{said}");
}
