//! A provider in front of a chain, which writes down what is asked and has the troubles that it is told to have.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What the provider does with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It hands it on and answers.
    #[default]
    Fine,
    /// It answers that it is overloaded.
    Busy,
    /// It hands it on and closes the connection without an answer.
    Forgetful,
    /// It says that it takes no batches.
    OneByOne,
    /// It takes the request and never answers.
    Silent,
}

#[derive(Default)]
struct State {
    mood: Mood,
    /// Requests for which the mood holds; it is fine again after them.
    left: usize,
    is_plain: bool,
    methods: Vec<String>,
    requests: usize,
    logins: Vec<String>,
}

/// A running provider.
pub struct RecordingProvider {
    state: Arc<Mutex<State>>,
    /// Port on 127.0.0.1.
    pub port: u16,
}

/// First bytes of the call `overview()`, which other contracts do not have.
const OVERVIEW: &str = "overview()";

impl RecordingProvider {
    /// Starts a provider in front of a chain on another port.
    pub fn start(chain: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (state, port) = (Arc::new(Mutex::new(State::default())), listener.local_addr().unwrap().port());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, chain, &shared));
            }
        });
        Self { state, port }
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Gives it a mood for so many requests.
    pub fn be(&self, mood: Mood, requests: usize) {
        let mut state = lock(&self.state);
        (state.mood, state.left) = (mood, requests);
    }

    /// Hides what the contracts of other nodes do not have.
    pub fn plain(&self) {
        lock(&self.state).is_plain = true;
    }

    /// Returns and forgets the methods that were asked, and the number of requests in which they came.
    pub fn asked(&self) -> (Vec<String>, usize) {
        let mut state = lock(&self.state);
        (std::mem::take(&mut state.methods), std::mem::take(&mut state.requests))
    }

    /// Returns the logins that came with the requests.
    pub fn logins(&self) -> Vec<String> {
        lock(&self.state).logins.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the one request of a connection.
fn serve(mut stream: TcpStream, chain: u16, state: &Mutex<State>) {
    let Some((head, body)) = read_message(&mut stream) else { return };
    let request: Value = serde_json::from_slice(&body).unwrap();
    let several = request.as_array().cloned().unwrap_or_else(|| vec![request.clone()]);
    let (mood, is_plain) = {
        let mut state = lock(state);
        state.requests += 1;
        state.methods.extend(several.iter().map(|call| call["method"].as_str().unwrap_or_default().to_owned()));
        state
            .logins
            .extend(head.lines().filter(|line| line.to_lowercase().starts_with("authorization:")).map(str::to_owned));
        let mood = if state.left == 0 { Mood::Fine } else { state.mood };
        state.left = state.left.saturating_sub(1);
        (mood, state.is_plain)
    };
    let is_hidden = is_plain && request["params"][0]["data"].as_str() == Some(&selector(OVERVIEW));
    let answer = match mood {
        Mood::Busy => return reply(&mut stream, "503 Service Unavailable", b"try later"),
        Mood::Silent => {
            // Whoever asked gives up some time and closes the connection.
            let _closed = stream.read(&mut [0; 1]);
            return;
        }
        Mood::OneByOne if request.is_array() => {
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "no batches" } })
                .to_string()
                .into()
        }
        _ if is_hidden => {
            let error = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }).to_string().into()
        }
        _ => match forward(chain, &body) {
            Some(answer) => answer,
            None => return,
        },
    };
    if mood != Mood::Forgetful {
        reply(&mut stream, "200 OK", &answer);
    }
}

fn selector(function: &str) -> String {
    use sha3::{Digest, Keccak256};
    format!("0x{}", hex::encode(&Keccak256::digest(function)[..4]))
}

/// Returns the answer of the chain; nothing when it is gone.
fn forward(chain: u16, body: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", chain)).ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok()?;
    read_message(&mut stream).map(|(_, answer)| answer)
}

fn reply(stream: &mut TcpStream, status: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// Reads the head and the body of one message of HTTP.
fn read_message(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut reader, mut head) = (BufReader::new(stream), String::new());
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
