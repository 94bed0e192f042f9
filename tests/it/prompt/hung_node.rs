//! The prompt of a node that takes requests and does not answer them.

use super::terminal::Terminal;
use crate::program::PATIENCE;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
};

const CTRL_C: &str = "\x03";

/// A node that says its name; everything else it is asked comes with the connection on which the answer is waited for.
fn hung_node() -> (SocketAddr, mpsc::Receiver<(String, TcpStream)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Some(command) = command(&mut stream) else { continue };
            if command == "get node name" {
                answer(&mut stream, "far@127.0.0.1:32048");
            } else if sender.send((command, stream)).is_err() {
                return;
            }
        }
    });
    (address, asked)
}

/// Reads the header of a request and returns the command in it.
fn command(stream: &mut TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    head.lines().find_map(|line| line.strip_prefix("command: ")).map(str::to_owned)
}

fn answer(stream: &mut TcpStream, text: &str) {
    let length = text.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}").unwrap();
}

#[test]
fn a_node_that_hangs_has_a_prompt_and_ctrl_c_while_a_command_runs_is_a_key() {
    let directory = tempfile::tempdir().unwrap();
    let (address, asked) = hung_node();
    let (address, home) = (address.to_string(), directory.path().to_str().unwrap());
    let arguments = ["prompt", "--connect", &address];
    let Some(mut terminal) = Terminal::echoing(directory.path(), &arguments, &[("HOME", home)]) else { return };
    // Before each prompt the node is asked whether messages wait, and does not say.
    terminal.until("AL far > ");
    terminal.press("get status\r");
    let mut waiting = loop {
        let (command, stream) = asked.recv_timeout(PATIENCE).unwrap();
        if command == "get status" {
            break stream;
        }
    };
    terminal.wake(CTRL_C);
    // Where the key is a signal, the program has it before the terminal shows the key.
    terminal.until("^C");
    answer(&mut waiting, "far is running");
    terminal.until("far is running");
    // The next line is dropped by the key, and the one behind it has a prompt of its own.
    for _ in 0..2 {
        let (command, _hung_up) = asked.recv_timeout(PATIENCE).unwrap();
        assert_eq!(command, "test echo queue");
    }
    terminal.exit("exit");
}

#[test]
fn lines_pasted_behind_a_command_that_nobody_answers_do_not_run() {
    let directory = tempfile::tempdir().unwrap();
    let (address, asked) = hung_node();
    let (address, home) = (address.to_string(), directory.path().to_str().unwrap());
    let arguments = ["prompt", "--connect", &address];
    let Some(mut terminal) = Terminal::start(directory.path(), &arguments, &[("HOME", home)]) else { return };
    terminal.until("AL far > ");
    terminal.press("\x1b[200~get status & get cpu usage\nget dictionary\nget hostname\x1b[201~\r");
    while !asked.recv_timeout(PATIENCE).unwrap().0.starts_with("get status") {}
    // The connection is closed, which is as little an answer as none in time.
    terminal.until("no answer from");
    terminal.until("3 lines or commands that waited behind it were dropped");
    assert_eq!(asked.recv_timeout(PATIENCE).unwrap().0, "test echo queue");
    terminal.exit("exit");
}
