//! Signals: the stop in order, the stop now, the reload.

use crate::program::{PATIENCE, Program, command, embedded, try_ask};
use rustix::{
    fs::{CWD, Mode, mkfifoat},
    process::Signal,
};
use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::CertificateDer};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

#[test]
fn an_idle_node_ends_with_0_within_a_second_of_either_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let directory = tempfile::tempdir().unwrap();
        let mut program = Program::embedded(directory.path(), &[]);
        // Idle connections are no reason to stay.
        let _idle = (TcpStream::connect(program.rest).unwrap(), TcpStream::connect(program.tcp).unwrap());
        program.signal(signal);
        let (status, took) = program.wait();
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert!(took < Duration::from_secs(1), "{signal:?}: {took:?}");
    }
}

#[test]
fn a_signal_while_a_script_waits_ends_the_start_with_0_and_without_complaint() {
    let directory = tempfile::tempdir().unwrap();
    let server = "external_ip = 127.0.0.1 and external_port = 0 and internal_ip = 127.0.0.1 and internal_port = 0";
    let script = format!("run rest server where {server} and bind = true\nwait 30\n");
    fs::write(directory.path().join("slow.al"), script).unwrap();
    let mut child = command(directory.path(), &["process", "slow.al"], &[]).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("REST server listens")));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
    let rest: Vec<_> = log.collect();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!rest.iter().any(|line| line.contains("not ready")), "{rest:#?}");
}

/// Makes a pipe. Whoever opens it waits for somebody at its other end, as at a disk that hangs.
fn pipe(path: &Path) {
    mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
}

/// Opens a pipe whose other end the program opens.
fn opened(path: &Path, write: bool) -> fs::File {
    let path = path.to_owned();
    let (sender, opened) = mpsc::sync_channel(1);
    std::thread::spawn(move || sender.send(fs::OpenOptions::new().read(!write).write(write).open(path)));
    opened.recv_timeout(PATIENCE).expect("the program opens the pipe").unwrap()
}

#[test]
fn a_signal_while_the_directories_are_tried_ends_the_start_with_0() {
    let directory = tempfile::tempdir().unwrap();
    // The first and the last of the directories, by the name of the file that each is tried with.
    let [first, last] = ["blockchain", "anylog"].map(|name| {
        let folder = directory.path().join("anylog-data/EdgeLake").join(name);
        fs::create_dir_all(&folder).unwrap();
        folder.join(".anylog-master")
    });
    pipe(&first);
    pipe(&last);
    let mut child = embedded(directory.path(), &[]).spawn().unwrap();
    // The start goes on from here and waits at the last one.
    drop(opened(&first, false));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = (0..PATIENCE.as_millis() / 5).find_map(|_| {
        std::thread::sleep(Duration::from_millis(5));
        child.try_wait().unwrap()
    });
    child.kill().unwrap();
    assert_eq!(ended.expect("the program ends").code(), Some(0));
}

#[test]
fn a_signal_is_heard_while_the_env_file_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("anylog_configs.env");
    fs::write(&file, "LOG_LEVEL=info\n").unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    fs::remove_file(&file).unwrap();
    pipe(&file);
    program.signal(Signal::HUP);
    let unwritten = opened(&file, true);
    program.signal(Signal::TERM);
    assert_eq!(program.wait().0.code(), Some(0));
    drop(unwritten);
}

#[test]
fn nobody_who_waits_for_a_policy_holds_the_node() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    let mut waiting = TcpStream::connect(program.rest).unwrap();
    let request = "POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\ncommand: blockchain wait where id = never\r\n\
                   Connection: close\r\nContent-Length: 0\r\n\r\n";
    waiting.write_all(request.as_bytes()).unwrap();
    // Whoever comes later is served later.
    program.get("get status");
    program.signal(Signal::TERM);
    let (status, took) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("151"), "{answer}");
}

#[test]
fn a_balancer_sees_that_the_node_leaves_before_its_ports_close() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("SHUTDOWN_DELAY", "2 seconds")]);
    program.signal(Signal::TERM);
    program.event("stopping");
    let ready = program.page("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("the node is stopping"), "{ready}");
    let insert = "blockchain insert where policy = {\"device\": {\"name\": \"late\"}} and local = true and master = !ledger_conn";
    assert_eq!(program.ask("POST", insert).0, 200, "who comes meanwhile is served");
    assert!(program.page("/livez").starts_with("HTTP/1.1 200"));
    let (status, took) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_pause_that_the_stop_cuts_short_is_no_success() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    let mut waiting = TcpStream::connect(program.rest).unwrap();
    let request = "POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: curl/8\r\ncommand: wait 40\r\nConnection: close\r\n\
                   Content-Length: 0\r\n\r\n";
    waiting.write_all(request.as_bytes()).unwrap();
    program.get("get status");
    program.signal(Signal::TERM);
    let (status, took) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("the node is stopping"), "{answer}");
}

#[test]
fn two_signals_at_once_are_one_wish_to_stop() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    program.signal(Signal::TERM);
    program.event("stopping");
    program.signal(Signal::TERM);
    assert_eq!(program.wait().0.code(), Some(0));
}

#[test]
fn after_the_signal_nothing_is_accepted_and_what_was_acknowledged_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    let insert =
        "blockchain insert where policy = {\"device\": {\"name\": \"d1\"}} and local = true and master = !ledger_conn";
    assert_eq!(program.ask("POST", insert).0, 200);
    program.signal(Signal::TERM);
    let (status, _) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(try_ask(program.rest, "GET", "get status").is_err());
    let again = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    assert!(again.get("blockchain get device").contains("\"d1\""));
}

#[test]
fn hangup_reads_the_level_of_the_log_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("anylog_configs.env");
    fs::write(&file, "LOG_LEVEL=info\n").unwrap();
    let mut program = Program::embedded(directory.path(), &[]);
    fs::write(&file, "LOG_LEVEL=debug\n").unwrap();
    program.signal(Signal::HUP);
    assert_eq!(program.event("the level of the log was read again")["log.level"], "debug");
    // An editor puts a new file in the place of the old one.
    let anew = directory.path().join("anylog_configs.env.new");
    fs::write(&anew, "LOG_LEVEL=warn\nCITY=Here\nREST_PUBLISH=0.0.0.0\n").unwrap();
    fs::rename(&anew, &file).unwrap();
    program.signal(Signal::HUP);
    let starts = |program: &mut Program, text: &str| {
        program.event_of(|event| event["message"].as_str().is_some_and(|message| message.starts_with(text)))
    };
    let restart =
        starts(&mut program, "changed since the start: CITY (anylog_configs.env:2); it counts after a restart");
    assert_eq!(restart["level"], "WARN");
    starts(&mut program, "changed since the start: REST_PUBLISH (anylog_configs.env:3); ");
    fs::write(&file, "LOG_LEVEL=debug\nTCP_BIND=perhaps\n").unwrap();
    program.signal(Signal::HUP);
    starts(&mut program, "nothing was reloaded: 1 mistake in the configuration");
    program.get("get status");
}

#[test]
fn hangup_reads_the_certificates_of_rest_again() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = (directory.path().join("rest.crt"), directory.path().join("rest.key"));
    let sign = || {
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(&certificate, signed.cert.pem()).unwrap();
        fs::write(&key, signed.signing_key.serialize_pem()).unwrap();
        signed.cert.der().clone()
    };
    let first = sign();
    let files = [("REST_TLS_CERT", certificate.to_str().unwrap()), ("REST_TLS_KEY", key.to_str().unwrap())];
    let mut program = Program::embedded(directory.path(), &files);
    assert!(is_shown(program.rest, first.clone()));
    let second = sign();
    program.signal(Signal::HUP);
    program.event("TLS files of the REST server were read again");
    assert!(is_shown(program.rest, second) && !is_shown(program.rest, first));
}

/// Tells whether a server shows a certificate, and no other, in its handshake.
fn is_shown(server: SocketAddr, certificate: CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
    let mut client = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    client.complete_io(&mut TcpStream::connect(server).unwrap()).is_ok()
}

#[test]
fn a_stop_under_load_ends_with_0_in_time_and_keeps_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    let rest = program.rest;
    let writers: Vec<_> = (0..8).map(|writer| std::thread::spawn(move || write_until_refused(rest, writer))).collect();
    // Some are acknowledged before the signal comes.
    while !program.get("blockchain get device").contains("w0-3") {}
    program.signal(Signal::TERM);
    let (status, took) = program.wait();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    let acknowledged: Vec<String> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    let kept = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]).get("blockchain get device");
    let lost: Vec<_> = acknowledged.iter().filter(|name| !kept.contains(&format!("\"{name}\""))).collect();
    assert!(lost.is_empty(), "of {} acknowledged are lost: {lost:?}", acknowledged.len());
}

/// Inserts until the node answers no more and returns the names that it acknowledged.
fn write_until_refused(rest: SocketAddr, writer: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let name = format!("w{writer}-{number}");
        let text =
            format!("blockchain insert where policy = {{\"device\": {{\"name\": \"{name}\"}}}} and local = true");
        match try_ask(rest, "POST", &format!("{text} and master = !ledger_conn")) {
            Ok((200, _)) => acknowledged.push(name),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    acknowledged
}
