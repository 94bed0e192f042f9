//! Traces, in a build with the feature `otlp`: a collector gets the spans of requests and of the commands inside them.

use crate::program::{PATIENCE, Program};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A collector: takes whatever is posted, and hands over path and body.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, taken) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(batch) = take(stream)
                && sender.send(batch).is_err()
            {
                return;
            }
        }
    });
    (address, taken)
}

fn take(mut stream: TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.trim().parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    Some((head.lines().next()?.to_owned(), body))
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_collector_gets_the_spans_of_a_request_and_of_its_command() {
    let (address, taken) = collector();
    let home = tempfile::tempdir().unwrap();
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*address), ("OTEL_SERVICE_NAME", "master-of-a-test")];
    let mut program = Program::embedded(home.path(), &variables);
    let mut stream = TcpStream::connect(program.rest).unwrap();
    let request = "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\ncommand: get node name\r\nConnection: close\r\n\
                   traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // The end of the program sends what is left.
    program.signal(rustix::process::Signal::TERM);
    assert!(program.wait().0.success());
    let mut seen = Vec::new();
    while let Ok((line, body)) = taken.recv_timeout(PATIENCE) {
        assert_eq!(line, "post /v1/traces http/1.1");
        seen.extend(body);
        if holds(&seen, "http.request.method") {
            break;
        }
    }
    for text in
        ["master-of-a-test", "request", "command", "anylog.door", "http.request.method", "http.response.status_code"]
    {
        assert!(holds(&seen, text), "{text} in {}", String::from_utf8_lossy(&seen));
    }
    let trace = [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
    assert!(seen.windows(trace.len()).any(|part| part == trace), "the trace of the caller goes on");
    assert!(!holds(&seen, "get node name"), "the words of a command are for nobody else");
}

#[test]
fn a_collector_that_is_not_there_is_no_matter_for_the_node() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(home.path(), &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]);
    assert_eq!(program.ask("GET", "get status").0, 200);
    program.signal(rustix::process::Signal::TERM);
    assert!(program.wait().0.success());
}
