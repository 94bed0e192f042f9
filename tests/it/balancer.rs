//! HAProxy before two masters, as `docker-compose/haproxy.cfg` has it: a master that cannot change the ledger is left out while
//! another one can, one that stops or dies is not missed, reads go on while the database is away, and a browser stays with one
//! master.

use crate::{
    program::{PATIENCE, Program, command, try_ask},
    support::{port::free, postgres::Postgres},
};
use rustix::process::Signal;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Instant,
};

/// A running HAProxy; it goes with the test.
struct Balancer {
    process: Child,
    rest: SocketAddr,
    tcp: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Balancer {
    /// Starts it before two masters with the file of the stack; nothing where this machine has no HAProxy.
    fn start(masters: &[&Program; 2]) -> Option<Self> {
        let file = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docker-compose/haproxy.cfg")).unwrap();
        // Names of containers are not known here.
        let file = file.replace("anylog-master-2:", "127.0.0.1:").replace("anylog-master:", "127.0.0.1:");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("haproxy.cfg");
        fs::write(&path, file).unwrap();
        let (tcp, rest) = (free(), free());
        let mut command = Command::new("haproxy");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").arg("-db").arg("-f").arg(&path);
        for (name, port) in [
            ("FIRST_SERVER_PORT", masters[0].tcp.port()),
            ("FIRST_REST_PORT", masters[0].rest.port()),
            ("SECOND_SERVER_PORT", masters[1].tcp.port()),
            ("SECOND_REST_PORT", masters[1].rest.port()),
            ("HA_SERVER_PORT", tcp),
            ("HA_REST_PORT", rest),
        ] {
            command.env(name, port.to_string());
        }
        match command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(process) => {
                let [rest, tcp] = [rest, tcp].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
                Some(Self { process, rest, tcp, _directory: directory })
            }
            Err(error) => {
                crate::support::skipped(format_args!("no HAProxy here ({error}); it is in Debian's package haproxy"));
                None
            }
        }
    }

    /// Asks until the answer is the wanted one.
    fn until(&self, what: &str, question: &str, is_it: impl Fn(u16, &str) -> bool) {
        let begun = Instant::now();
        let mut last = None;
        while begun.elapsed() < PATIENCE {
            last = try_ask(self.rest, "GET", question).ok();
            if last.as_ref().is_some_and(|(status, body)| is_it(*status, body)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{what}: {last:?}");
    }

    /// Asks for something of the console as a browser does.
    fn browse(&self, path: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.rest).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
        BufReader::new(stream)
    }

    /// Returns the name of the master whose console answers.
    fn console(&self) -> String {
        let mut page = String::new();
        self.browse("/console").read_to_string(&mut page).unwrap();
        let name = page.split_once("class=\"name\" dir=\"auto\">").and_then(|(_, behind)| behind.split('<').next());
        name.unwrap_or_else(|| panic!("{page}")).to_owned()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A place for a master, with its ports.
struct Place {
    directory: tempfile::TempDir,
    name: &'static str,
    ports: [String; 2],
}

impl Place {
    fn of(name: &'static str) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), name, ports: [free(), free()].map(|port| port.to_string()) }
    }

    /// Starts the master on a database with what `docker-compose/ha.yml` sets.
    fn start(&self, server: &Postgres) -> Program {
        let variables = [
            ("ANYLOG_PATH", self.directory.path().to_str().unwrap()),
            ("ANYLOG_SERVER_PORT", &self.ports[0]),
            ("ANYLOG_REST_PORT", &self.ports[1]),
            ("INTERNAL_IP", "127.0.0.1"),
            ("NODE_NAME", self.name),
            ("AUTH", "off"),
            ("DB_TYPE", "psql"),
            ("DB_IP", "127.0.0.1"),
            ("DB_PORT", &server.port.to_string()),
            ("DB_USER", "admin"),
            ("DB_PASSWD", "elpw"),
            ("READY_WHEN_READONLY", "false"),
            ("SHUTDOWN_DELAY", "4 seconds"),
        ];
        Program::start(command(self.directory.path(), &["run"], &variables))
    }
}

/// Waits until a master says of itself whether it is ready.
fn ready(program: &Program, status: u16) {
    let begun = Instant::now();
    while !program.page("/readyz").starts_with(&format!("HTTP/1.1 {status}")) {
        assert!(begun.elapsed() < PATIENCE, "{}", program.page("/readyz"));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn clients_and_members_reach_a_master_whatever_fails() {
    let server = Postgres::start();
    let places = [Place::of("m1"), Place::of("m2")];
    let [mut first, mut second] = [places[0].start(&server), places[1].start(&server)];
    let Some(balancer) = Balancer::start(&[&first, &second]) else { return };
    let from = |name: &'static str| move |status: u16, body: &str| status == 200 && body.starts_with(name);
    balancer.until("the first answers", "get status", from("m1@"));
    balancer.until("the second answers", "get status", from("m2@"));
    assert!(TcpStream::connect(balancer.tcp).is_ok());

    // The database goes away: no master is ready any more, and both can be read.
    server.stop();
    for program in [&first, &second] {
        ready(program, 503);
        assert!(program.page("/readyz?exclude=database").starts_with("HTTP/1.1 200"));
    }
    balancer.until("reads go on", "blockchain get master bring.count", |status, body| status == 200 && body == "2");
    server.run_start("");
    for program in [&first, &second] {
        ready(program, 200);
    }

    // One that is stopped works on until the balancer has seen it: nobody notices.
    first.signal(Signal::TERM);
    let stopped = std::thread::scope(|scope| {
        let end = scope.spawn(|| first.wait().0.success());
        while !end.is_finished() {
            let (status, body) = try_ask(balancer.rest, "GET", "get status").unwrap();
            assert_eq!(status, 200, "{body}");
        }
        end.join().unwrap()
    });
    assert!(stopped);
    for _ in 0..20 {
        let (status, body) = try_ask(balancer.rest, "GET", "get status").unwrap();
        assert!(status == 200 && body.starts_with("m2@"), "{status} {body}");
    }
    // One that dies is missed by nobody, once the other one is back.
    let _first = places[0].start(&server);
    balancer.until("the first is back", "get status", from("m1@"));
    second.signal(Signal::KILL);
    second.wait();
    for _ in 0..20 {
        let (status, body) = try_ask(balancer.rest, "GET", "get status").unwrap();
        assert!(status == 200 && body.starts_with("m1@"), "{status} {body}");
    }
}

/// Reads a stream up to a line.
fn read_to(stream: &mut impl BufRead, wanted: &str) {
    let mut line = String::new();
    while line.trim_end() != wanted {
        line.clear();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream is cut before '{wanted}'");
    }
}

#[test]
fn a_browser_stays_with_its_master_and_a_stop_cuts_nothing() {
    let server = Postgres::start();
    let places = [Place::of("m1"), Place::of("m2")];
    let mut masters = [places[0].start(&server), places[1].start(&server)];
    let Some(balancer) = Balancer::start(&[&masters[0], &masters[1]]) else { return };
    let from = |name: &'static str| move |status: u16, body: &str| status == 200 && body.starts_with(name);
    balancer.until("the first answers", "get status", from("m1@"));
    balancer.until("the second answers", "get status", from("m2@"));
    let name = balancer.console();
    for _ in 0..20 {
        assert_eq!(balancer.console(), name, "the session of a browser is in the memory of one master");
    }

    // A stream is work that lasts longer than two looks of the balancer. It ends as the master ends it, with its last chunk.
    let mut events = balancer.browse("/console/events");
    read_to(&mut events, "event: start");
    let own = &mut masters[usize::from(name == "m2")];
    own.signal(Signal::TERM);
    read_to(&mut events, "0");
    assert!(own.wait().0.success());
    assert_ne!(balancer.console(), name, "the other one takes its place");
}

#[test]
fn the_service_of_kubernetes_leads_a_caller_to_one_pod() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/kubernetes/postgresql.yaml");
    let manifest = fs::read_to_string(path).unwrap();
    let service = manifest.split("\n---\n").find(|part| part.contains("\nkind: Service\n")).unwrap();
    assert!(service.contains("\n  sessionAffinity: ClientIP\n"), "sessions are in the memory of one pod: {service}");
}
