//! A node as the recorded one: its servers listen on free ports of loopback, whose numbers stand in for the
//! recorded ones.

use super::case::File;
use anylog_master::{
    boot, command,
    config::Config,
    node::{Node, Origin, Output, Session, work_directories},
    render,
    reply::{Error, Notice, Reply},
    runtime::shutdown::Shutdown,
    script,
};
use std::sync::{Arc, Mutex};

/// The prompt of the recorded node.
const PROMPT: &str = "\rEL > ";

/// Keeps what is printed, each text followed by the prompt.
#[derive(Default)]
pub struct Console(Mutex<String>);

impl Output for Console {
    fn show(&self, reply: &Reply) {
        let text = render::console(reply);
        if !text.is_empty() {
            self.text(&text);
        }
    }

    fn notice(&self, notice: &Notice) {
        for text in render::notice(notice) {
            self.text(&text);
        }
    }
}

impl Console {
    fn text(&self, text: &str) {
        let mut all = self.0.lock().expect("nobody panics while printing");
        all.push_str(text);
        all.push_str(PROMPT);
    }

    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().expect("nobody panics while printing"))
    }
}

/// The node with a session of its prompt.
pub struct TestNode {
    pub node: Arc<Node>,
    pub home: tempfile::TempDir,
    console: Arc<Console>,
    session: Session,
    ports: Vec<(&'static str, String)>,
}

impl TestNode {
    /// Starts a node with the environment of a file of cases.
    pub async fn start(file: &File) -> Self {
        let console = Arc::new(Console::default());
        let output: Arc<dyn Output> = Arc::clone(&console) as Arc<dyn Output>;
        let node = boot::node(Config::default(), Arc::clone(&output), Shutdown::new()).expect("the node is built");
        let home = tempfile::tempdir().expect("a directory");
        work_directories::locate(&node.dictionary, &home.path().to_string_lossy());
        for (key, value) in [("ip", "192.0.2.10"), ("external_ip", "192.0.2.10"), ("db_user", "root@127.0.0.1:demo")] {
            node.dictionary.set(key, value);
        }
        for (name, value) in &file.env {
            node.dictionary.set_environment(name, value);
        }
        let session = Session::local(Origin::Prompt, output, "MainThread");
        let mut this = Self { node, home, console, session, ports: vec![] };
        this.open().await;
        this
    }

    /// Opens the servers of the recorded node.
    async fn open(&mut self) {
        for command in [
            "create work directories",
            "run tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true",
            "run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true",
        ] {
            self.run(command).await.expect(command);
        }
        let services = &self.node.services;
        let port =
            |status: Option<anylog_master::node::Listening>| status.expect("it listens").bound.port().to_string();
        self.ports = vec![("32048", port(services.peers.status())), ("32049", port(services.rest.status()))];
    }

    /// Returns a recorded text with this node's ports and directory in it, and without the `+` of its prompts.
    pub fn here(&self, text: &str) -> String {
        let home = format!("{}/", self.home.path().display());
        let text = text.replace("/app/", &home).replace("\rEL +> ", PROMPT);
        self.ports.iter().fold(text, |text, (recorded, own)| {
            let text = text.replace(&format!("127.0.0.1:{recorded}"), &format!("127.0.0.1:{own}"));
            text.replace(&format!("Port '{recorded}'"), &format!("Port '{own}'"))
        })
    }

    /// Runs a command; its error is the result, nothing is printed.
    pub async fn run(&mut self, text: &str) -> Result<Reply, Error> {
        command::run(&self.node, &mut self.session, text).await
    }

    /// Types a line at the prompt; returns what was printed up to the last prompt, and how the last command ended.
    pub async fn typed(&mut self, line: &str) -> (String, Result<(), Error>) {
        self.console.take();
        let mut outcome = Ok(());
        for command in script::pieces(line) {
            outcome = self.command(command).await;
        }
        let printed = self.console.take();
        (printed.strip_suffix(PROMPT).unwrap_or(&printed).to_owned(), outcome)
    }

    /// Runs one command and prints its reply or its error.
    async fn command(&mut self, text: &str) -> Result<(), Error> {
        let outcome = self.run(text).await;
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_assignment = words.len() > 2 && words.get(1) == Some(&"=");
        let last = match &outcome {
            Ok(reply) => render::console(reply),
            Err(error) if self.session.reported == Some(error.code) => String::new(),
            Err(_) if is_assignment && script::words(text).is_ok() => String::new(),
            Err(error) => format!("{}\r\n", error.code.text()),
        };
        if !last.is_empty() {
            self.console.text(&last);
        }
        outcome.map(|_| ())
    }
}
