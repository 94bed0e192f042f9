//! Eight writers over REST, TCP and `/v1`, each of which drops some of what it wrote.

use crate::{
    crash::told::Told,
    peer::member::Member,
    program::{PATIENCE, Program, try_ask},
};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// One in so many policies is dropped again.
const DROPPED: u32 = 5;
/// Pause after a policy that was not taken: mostly nobody listens, and a node that starts needs the processors.
const PAUSE: Duration = Duration::from_millis(5);

/// How a writer reaches the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Road {
    Rest,
    Tcp,
    Api,
}

impl Road {
    pub const ALL: [Self; 3] = [Self::Rest, Self::Tcp, Self::Api];
}

/// Writers that run.
pub struct Writing {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Writing {
    /// Ends them.
    pub fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

/// Starts the writers of a cycle; a writer that gets no answer goes on until it is ended.
pub fn start(program: &Program, cycle: u32, told: &Told) -> Writing {
    start_at((program.rest, program.tcp), cycle, told)
}

/// Starts writers to the addresses of REST and of members, where a node need not run yet.
pub fn start_at((rest, tcp): (SocketAddr, SocketAddr), cycle: u32, told: &Told) -> Writing {
    let stop = Arc::new(AtomicBool::new(false));
    let threads = Road::ALL.iter().cycle().take(8).enumerate().map(|(number, road)| {
        let prefix = format!("c{cycle}-w{number}");
        let (stop, told) = (Arc::clone(&stop), told.clone());
        std::thread::spawn(move || {
            let mut writer = Writer::new(*road, rest, tcp);
            let mut last: Option<String> = None;
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let name = format!("{prefix}-{number}");
                match last.take_if(|_| number % DROPPED == 0) {
                    Some(old) => {
                        told.asks_to_drop(&old);
                        if writer.drop_policy(&old) {
                            told.dropped(&old);
                        }
                    }
                    None if writer.insert(&name) => {
                        told.inserted(*road, &name);
                        last = Some(name);
                    }
                    None => std::thread::sleep(PAUSE),
                }
            }
        })
    });
    Writing { threads: threads.collect(), stop }
}

/// One writer; a call returns whether the node acknowledged it.
enum Writer {
    Rest(SocketAddr),
    Api(SocketAddr),
    Tcp { runtime: tokio::runtime::Runtime, member: Box<Member>, job: u32 },
}

impl Writer {
    fn new(road: Road, rest: SocketAddr, tcp: SocketAddr) -> Self {
        match road {
            Road::Rest => Self::Rest(rest),
            Road::Api => Self::Api(rest),
            Road::Tcp => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let member = Box::new(runtime.block_on(Member::new(tcp)));
                Self::Tcp { runtime, member, job: 0 }
            }
        }
    }

    fn insert(&mut self, name: &str) -> bool {
        let policy = format!(r#"{{"device": {{"name": "{name}", "id": "{name}"}}}}"#);
        match self {
            Self::Rest(rest) => {
                let text =
                    format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
                matches!(try_ask(*rest, "POST", &text), Ok((200, _)))
            }
            Self::Api(rest) => is_good(document(*rest, "POST", "/v1/policies", &policy)),
            Self::Tcp { .. } => self.send(&format!("blockchain push {policy}")),
        }
    }

    fn drop_policy(&mut self, name: &str) -> bool {
        let text = format!("blockchain drop policy where id = {name}");
        match self {
            Self::Rest(rest) => matches!(try_ask(*rest, "POST", &text), Ok((200, _))),
            Self::Api(rest) => is_good(document(*rest, "DELETE", &format!("/v1/policies/{name}"), "")),
            Self::Tcp { .. } => self.send(&text),
        }
    }

    /// Sends a command with a waiting caller: the answer is the acknowledgement.
    fn send(&mut self, text: &str) -> bool {
        let Self::Tcp { runtime, member, job } = self else { return false };
        *job += 1;
        let answer = runtime.block_on(member.try_ask(text, *job, Duration::from_secs(2)));
        answer.is_some_and(|answer| answer.header.error == 0)
    }
}

fn is_good(status: io::Result<u16>) -> bool {
    matches!(status, Ok(200..=299))
}

/// Sends a document and returns the status of the answer.
fn document(rest: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(rest)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    // An answer that breaks off acknowledges nothing.
    let (head, _) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}
