//! A member node of the tests: listens on a port of its own, sends blocks, keeps the messages it gets.

use anylog_block::{Assembly, BLOCK, Block, Header, Job, Message, Outgoing, ReturnAddress, Rule};

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

/// Longest wait for something that has to come.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A member with its inbox.
pub struct Member {
    /// Address of the node under test.
    pub node: SocketAddr,
    /// Port that answers come to.
    pub port: u16,
    inbox: mpsc::Receiver<Message>,
    listening: JoinHandle<()>,
}

impl Member {
    /// Starts a member of a node.
    pub async fn new(node: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, inbox) = mpsc::channel(1024);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    if let Some(message) = receive(stream).await {
                        let _ = sender.send(message).await;
                    }
                });
            }
        });
        Self { node, port, inbox, listening }
    }

    /// Returns the header of a request.
    pub fn header(&self, id: u32) -> Header {
        Header {
            info: 6,
            job: Job { slot: u16::try_from(id % 500).unwrap(), id },
            receivers: 1,
            partitions: 1,
            source: ReturnAddress::new("127.0.0.1", self.port),
            ..Header::default()
        }
    }

    /// Returns the bytes of a command, which travels as a file when it does not fit a block.
    pub fn encoded(&self, command: &str, id: u32) -> Vec<u8> {
        let header = self.header(id);
        let message = if command.len() < 1800 {
            Outgoing::new(header, command)
        } else {
            let header = Header { flag: 3, info: 0, job: Job::default(), ..header };
            let data = command.to_owned().into();
            Outgoing { header, command: "file write cmd.127.0.0.1.1.lmsg".to_owned(), data, rule: Rule::File }
        };
        let mut raw = Vec::new();
        message.encode(&mut raw).unwrap();
        raw
    }

    /// Sends a command and waits until the node closes.
    pub async fn send(&self, command: &str, id: u32) {
        self.raw(&self.encoded(command, id)).await;
    }

    /// Sends bytes on a connection of their own and waits until the node closes it.
    pub async fn raw(&self, bytes: &[u8]) {
        let mut stream = TcpStream::connect(self.node).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        // The node may have closed already, which is what we wait for.
        let _ = stream.shutdown().await;
        timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await.expect("the node closes").ok();
    }

    /// Waits for the next message.
    pub async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.inbox.recv()).await.expect("a message comes").unwrap()
    }

    /// Sends a command with a waiting caller and returns its answer.
    pub async fn ask(&mut self, command: &str) -> Message {
        self.send(command, 77).await;
        self.next().await
    }

    /// Sends a command with a waiting caller to a node that may be killed meanwhile, and returns the answer to this very command,
    /// if it comes within the limit: an answer that came too late for an earlier one is left aside.
    pub async fn try_ask(&mut self, command: &str, id: u32, limit: Duration) -> Option<Message> {
        let asked = async {
            let mut stream = TcpStream::connect(self.node).await.ok()?;
            stream.write_all(&self.encoded(command, id)).await.ok()?;
            loop {
                let message = self.inbox.recv().await?;
                if message.header.job.id == id {
                    return Some(message);
                }
            }
        };
        timeout(limit, asked).await.ok().flatten()
    }

    /// Returns what came although nothing should have: everything up to the answer of one more request.
    pub async fn rest(&mut self) -> Vec<Message> {
        self.send("get status", 99_999_999).await;
        let mut found = Vec::new();
        loop {
            let message = self.next().await;
            if message.header.job.id == 99_999_999 {
                return found;
            }
            found.push(message);
        }
    }

    /// Waits for the next message, if one comes in time.
    pub async fn next_within(&mut self, limit: Duration) -> Option<Message> {
        timeout(limit, self.inbox.recv()).await.ok().flatten()
    }

    /// Asks for the ledger as members do in every round.
    pub async fn poll(&self) {
        self.send("event get_blockchain /srv/x.new 0 0", 0).await;
    }

    /// Publishes the policy of a query node at the address of the member.
    pub async fn publish(&self) {
        let policy = format!(
            r#"{{"query": {{"name": "q{0}", "ip": "127.0.0.1", "port": {0}, "rest_port": 1, "company": "c", "id": "q{0}"}}}}"#,
            self.port
        );
        self.send(&format!("blockchain push {policy}"), 0).await;
    }

    /// Asks for the ledger until the node asks which program the member is, which takes a round of a synchroniser; answers, and
    /// leaves aside what came meanwhile.
    pub async fn say_program(&mut self, program: &str) {
        const MOMENT: Duration = Duration::from_millis(500);
        let begin = std::time::Instant::now();
        loop {
            match self.next_within(MOMENT).await {
                Some(question) if question.command == "get version" => {
                    self.answer(&question, program).await;
                    while self.next_within(MOMENT).await.is_some() {}
                    return;
                }
                Some(file) => {
                    let is_plain = file.command.starts_with("file write") && file.command.ends_with(".new");
                    assert!(is_plain, "nothing is known yet: {}", file.command);
                }
                None => self.poll().await,
            }
            assert!(begin.elapsed() < 2 * PATIENCE, "the node never asks");
        }
    }

    async fn answer(&self, question: &Message, text: &str) {
        let header = Header { info: 4, flag: 1, job: question.header.job, ..self.header(0) };
        let data = text.to_owned().into();
        let answer = Outgoing { header, command: "print".to_owned(), data, rule: Rule::Reply };
        let mut raw = Vec::new();
        answer.encode(&mut raw).unwrap();
        self.raw(&raw).await;
    }

    /// Asks for the ledger and returns its bytes, or the code of the refusal.
    pub async fn ledger(&mut self) -> Result<Vec<u8>, u16> {
        self.send("event get_blockchain /srv/x.new 0 0", 0).await;
        let message = self.next().await;
        if message.header.error == 0 { Ok(message.data) } else { Err(message.header.error) }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Reads one message and checks that its sender keeps the rules of blocks.
async fn receive(mut stream: TcpStream) -> Option<Message> {
    let mut assembly = Assembly::new(1 << 26);
    let mut raw = [0; BLOCK];
    loop {
        stream.read_exact(&mut raw).await.ok()?;
        let block = Block::decode(&raw).expect("the node sends good blocks");
        let used = raw.len() - raw.iter().rev().take_while(|byte| **byte == 0).count();
        assert!(used <= 207 + block.command.len() + block.data.len(), "padding is not zero");
        if let Some(message) = assembly.push(block).expect("the node sends good messages") {
            assert_eq!(stream.read(&mut raw).await.unwrap_or(0), 0, "the connection ends after the message");
            return Some(message);
        }
    }
}

/// Returns the text of a message.
pub fn text(message: &Message) -> String {
    String::from_utf8(message.data.clone()).unwrap()
}
