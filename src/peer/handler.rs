//! One message of another node, from the moment it is complete to its answer (reference/tcp-protocol 11).

use crate::{
    command::{self, Exchange, Selection},
    node::{JoinTrouble, Node, Origin, PeerSwitch, Role, Session, events::Echoed},
    peer::{
        answer,
        connection_limiter::{ConnectionPermit, SharedPlace},
        delivery::{Delivery, DeliveryReport},
        error::Error as PeerError,
        programs,
        receipts::SentLedger,
        request::PeerRequest,
        return_address,
        shared::Shared,
        wire,
    },
    reply::{Code, CopyKind, Error, ErrorKind, Notice, Reply},
    runtime::limits,
    script::{Form, Word, WordKind},
    telemetry::{self, RequestId},
};
use anylog_block::{Data, Message, Outgoing, ReturnAddress};
use serde_json::Value;
use std::{net::IpAddr, sync::Arc};

/// Name in the logs' thread column.
const THREAD: &str = "tcp";

/// Handles one message.
pub struct MessageHandler<'a> {
    /// The service.
    pub(super) shared: &'a Arc<Shared>,
    /// The node that runs the command.
    pub node: &'a Arc<Node>,
    /// Address of the connection.
    pub peer: IpAddr,
    /// The connection's place among others.
    pub permit: &'a ConnectionPermit,
}

impl MessageHandler<'_> {
    /// Does what the message asks for and queues the answers; the lines of the log carry its job.
    pub async fn run(&self, message: Message) {
        let Err(message) = self.shared.deliver(message) else { return };
        telemetry::within(RequestId::Peer(message.header.job.id), self.take(message)).await;
    }

    async fn take(&self, message: Message) {
        if message.is_reply() {
            self.show(&message);
            return;
        }
        let Some(request) = PeerRequest::read(message) else {
            let line = || tracing::warn!(peer.addr = %self.peer, "large message dropped: it is not UTF-8");
            return self.shared.complaints.say(line);
        };
        let selection = command::select(&request.command);
        let exchange = selection.exchange();
        let mut place = None;
        if exchange.keeps_order() {
            self.permit.wait_for_turn().await;
        } else {
            self.permit.release_order();
            match self.permit.wait_for_question().await {
                Ok(one) => place = Some(one),
                Err(error) => return self.complain(&error),
            }
        }
        let outcome = self.execute(&request, &selection).await;
        self.permit.release_order();
        if outcome.as_ref().is_err_and(|error| error.code == Code::REMOTE_NOT_SUPPORTED) {
            self.note_closed(&request, exchange);
        }
        if matches!(exchange, Exchange::PolicyPush | Exchange::LedgerChange | Exchange::File) {
            // Members send changes and ask for a whole file when they start.
            self.node.poll_rhythms.disturbed(&self.announced(&request.header.source));
        }
        self.answer(&request, exchange, outcome, place).await;
    }

    /// Tells the sender of a message that is too large for a command.
    pub async fn refuse(&self, beginning: Message) {
        let Some(request) = PeerRequest::read_beginning(beginning) else { return };
        let exchange = command::select(&request.command).exchange();
        self.permit.release_order();
        let limit = limits::PEER_COMMAND >> 20;
        let detail = format!("a command of more than {limit} MB: send less at once");
        self.answer(&request, exchange, Err(Error::with(Code::LARGE_COMMAND, detail)), None).await;
    }

    /// Says that a message is dropped because too many others were there first.
    fn complain(&self, error: &PeerError) {
        self.shared.complaints.say(|| tracing::warn!(peer.addr = %self.peer, "message dropped: {error}"));
    }

    async fn execute(&self, request: &PeerRequest, selection: &Selection<'_>) -> Result<Reply, Error> {
        if wire::is_file(&request.command) {
            let detail = "this node takes files only when it asked for them";
            return Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail));
        }
        if !matches!(Form::of(selection.words()), Form::Command(_) | Form::Nothing) {
            return Err(Error::with(Code::REMOTE_NOT_SUPPORTED, "the variables of this node are not for other nodes"));
        }
        if selection.exchange() == Exchange::Closed {
            return Err(not_offered(&request.command));
        }
        if selection.exchange() == Exchange::File && selection.entry().is_none() {
            let detail = "only file get !blockchain_file is for other nodes";
            return Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail));
        }
        self.node.ledger.until_read().await;
        self.may_use_variables(selection)?;
        let source = &request.header.source;
        let origin = Origin::Peer { host: self.host(source), port: source.port, caller: self.peer };
        let mut session = Session::new(origin, Role::Publish, Arc::clone(&self.node.console), THREAD);
        selection.run(self.node, &mut session).await
    }

    /// Refuses references to variables of this node, unless other nodes may see them. A file is asked for by the variable
    /// that names it, whose value nobody learns.
    fn may_use_variables(&self, selection: &Selection<'_>) -> Result<(), Error> {
        let is_used = selection.words().iter().any(is_variable) && selection.exchange() != Exchange::File;
        if !is_used {
            return Ok(());
        }
        let checked = self.node.peer_access.check(PeerSwitch::NodeInfo, self.peer, &self.node.ledger.view());
        checked.map_err(|reason| {
            let detail = format!("the variables of this node are not for other nodes: {reason}");
            Error::with(Code::REMOTE_NOT_SUPPORTED, detail)
        })
    }

    /// Takes note of a member that asks for the ledger, or brings a policy, and is kept out by the configuration: the book
    /// knows nothing of it, since it was not let in.
    fn note_closed(&self, request: &PeerRequest, exchange: Exchange) {
        let asked = match exchange {
            Exchange::Event | Exchange::File => PeerSwitch::Read,
            Exchange::PolicyPush => PeerSwitch::Write,
            _ => return,
        };
        let view = self.node.ledger.view();
        let is_closed = |switch: &PeerSwitch| self.node.peer_access.check(*switch, self.peer, &view).is_err();
        if is_closed(&asked) {
            // A member does both, so that one which is let in to the one alone is still none.
            let closed = [PeerSwitch::Read, PeerSwitch::Write].into_iter().filter(is_closed);
            let variables = closed.map(PeerSwitch::name).collect::<Vec<_>>().join(" and ");
            let address = self.announced(&request.header.source).to_string();
            self.node.note_trouble(self.peer, JoinTrouble::Closed { address, variables });
        }
    }

    /// Tells whether a sender may do anything here, or was told something lately; a text for people is taken from nobody else.
    fn is_let_in(&self) -> bool {
        let view = self.node.ledger.view();
        let may = |switch| self.node.peer_access.check(switch, self.peer, &view).is_ok();
        may(PeerSwitch::Read) || may(PeerSwitch::Write) || self.shared.told.has(self.peer)
    }

    /// Returns the return address, with the host of the connection where the header leaves it open.
    fn announced(&self, source: &ReturnAddress) -> ReturnAddress {
        ReturnAddress { host: self.host(source), port: source.port }
    }

    /// Returns the host of the return address; the connection's own when the header leaves it open.
    fn host(&self, source: &ReturnAddress) -> String {
        let open = source.host.is_empty() || source.host == "0.0.0.0";
        if open { self.peer.to_canonical().to_string() } else { source.host.clone() }
    }

    /// Writes the answers; a large one is not written where other members are served.
    async fn written(
        &self,
        request: &PeerRequest,
        exchange: Exchange,
        outcome: Result<Reply, Error>,
        own: ReturnAddress,
    ) -> Vec<Outgoing> {
        let number = self.shared.delivery_number();
        let written = if outcome.as_ref().is_ok_and(Reply::is_large) {
            let (asked, address) = (request.clone(), own.clone());
            let writing = move || answer::answers(&asked, exchange, outcome, &address, number);
            self.node.queries.apart(Some(self.peer), writing).await
        } else {
            Ok(answer::answers(request, exchange, outcome, &own, number))
        };
        match written.and_then(|answers| self.counted(answers)) {
            Ok(answers) => answers,
            Err(error) => answer::answers(request, exchange, Err(error), &own, number),
        }
    }

    /// Counts the memory of answers until they have gone. Whoever asks decides how long each waits for its return
    /// address, and only the connections bound how many do.
    fn counted(&self, answers: Vec<Outgoing>) -> Result<Vec<Outgoing>, Error> {
        let counted = |answer: Outgoing| {
            let data = match answer.data {
                Data::Whole(bytes) if bytes.len() >= limits::PEER_COUNTED_ANSWER => {
                    self.node.queries.counted(self.peer, bytes)?.into()
                }
                // A short text takes little, and a ledger no memory of its own.
                data => data,
            };
            Ok(Outgoing { data, ..answer })
        };
        answers.into_iter().map(counted).collect()
    }

    /// Writes the answers and queues them. The place of a question is free as soon as they are written: who is answered
    /// may let its name take long to be looked up.
    async fn answer(
        &self,
        request: &PeerRequest,
        exchange: Exchange,
        outcome: Result<Reply, Error>,
        place: Option<SharedPlace>,
    ) {
        let version = sent_version(&outcome);
        let to = self.announced(&request.header.source);
        let answers = match self.shared.own_address(self.node, to.host.parse().ok()) {
            Ok(own) => self.written(request, exchange, outcome, own).await,
            Err(error) => {
                return self.shared.complaints.say(|| tracing::warn!(peer.addr = %to, "no answer: {error}"));
            }
        };
        drop(place);
        if answers.is_empty() {
            return;
        }
        let to = match return_address::destination(self.shared, self.node, Some(self.permit), self.peer, &to).await {
            Ok(destination) => destination,
            Err(error) => return self.cannot_answer(exchange, &to, &error),
        };
        for answer in answers {
            let delivery = match version.as_ref().filter(|_| wire::is_ledger(&answer)) {
                Some((generation, md5)) => self.ledger(&to.address, *generation, md5, answer),
                None => answer.into(),
            };
            self.shared.queues.push(&self.node.shutdown, &to, self.watched(&to.address, delivery));
        }
        if version.is_some() {
            programs::find(self.shared, self.node, &to.address);
        }
    }

    /// Takes note of why an answer goes nowhere.
    fn cannot_answer(&self, exchange: Exchange, to: &ReturnAddress, error: &PeerError) {
        if exchange == Exchange::Event {
            // A member that asks and gets nothing: its book says why.
            self.node.members.failed(to, error.to_string(), false);
        }
        match error {
            // Nothing is wrong with the address.
            PeerError::Crowded { .. } => self.complain(error),
            _ => return_address::note(self.node, self.peer, to, error),
        }
    }

    /// A ledger for a member, of which the book is told what becomes.
    fn ledger(&self, member: &ReturnAddress, generation: u64, md5: &str, message: Outgoing) -> Delivery {
        let sent = SentLedger::of(self.node, member, (generation, md5), &message, false);
        let report: DeliveryReport = Box::new(move |outcome| sent.ended(outcome));
        Delivery { generation: Some(generation), report: Some(report), ..message.into() }
    }

    /// The delivery of an answer, of which `test join` and `doctor` learn when nobody is there to take it.
    fn watched(&self, to: &ReturnAddress, delivery: Delivery) -> Delivery {
        let (node, peer, to, inner) = (Arc::clone(self.node), self.peer, to.clone(), delivery.report);
        let report: DeliveryReport = Box::new(move |outcome| {
            if let Err(error) = outcome {
                return_address::remember(&node, peer, &to, error);
            }
            if let Some(inner) = inner {
                inner(outcome);
            }
        });
        Delivery { report: Some(report), ..delivery }
    }

    /// Shows a text that another node sent: answers on the console, echoes in the echo queue while there is one.
    fn show(&self, message: &Message) {
        if message.header.job.id != 0 {
            return tracing::debug!(peer.addr = %self.peer, "late answer to a caller that gave up");
        }
        if !self.is_let_in() {
            return tracing::debug!(peer.addr = %self.peer, "text of a node that is not let in (PEER_READ, PEER_WRITE)");
        }
        let from = self.announced(&message.header.source);
        if message.header.error != 0 {
            self.note_unwritten(&from, &message.command);
        }
        let words = message.command.split_once([' ', '\t']).map_or("", |(_, words)| words).replace('\t', " ");
        let data = String::from_utf8_lossy(&message.data);
        if message.verb() == wire::PRINT && words.is_empty() {
            return self.print(&from, &data, message.header.flag);
        }
        let text = [format!("[From Node {from}]"), words, data.replace('\t', " ")].join(" ");
        let text = text.trim_end();
        match self.node.events.echo(text) {
            Echoed::Off => self.node.console.notice(&Notice::Paragraph(text.to_owned())),
            Echoed::First => self.node.console.notice(&Notice::EchoQueue),
            Echoed::Queued => {}
        }
    }

    /// Takes note of a member that says that it could not write a file. What nodes say of it names it.
    fn note_unwritten(&self, from: &ReturnAddress, told: &str) {
        let is_packed = wire::is_packed(told);
        if is_packed {
            self.node.members.refuses_packed(from);
        }
        if is_packed || wire::tells_unwritten(told) {
            // It closed the connection all the same, and has less than that tells: it is sent the file again.
            self.node.poll_rhythms.disturbed(from);
        }
    }

    /// Prints an answer that nobody waits for, as the reference does after `run client` at its prompt.
    fn print(&self, from: &ReturnAddress, data: &str, flag: u16) {
        self.node.console.background(&Notice::PeerAnswer { from: from.to_string(), value: shown(data, flag) });
    }
}

/// Returns what is shown of an answer: the value of its JSON, or a text. Long JSON stays a text, since its value would
/// take many times the memory, and whoever reaches the port sends it.
fn shown(data: &str, flag: u16) -> Value {
    let is_json = flag == wire::REPLY_JSON && data.len() <= limits::PEER_JSON;
    let value = is_json.then(|| serde_json::from_str(data).ok()).flatten();
    value.unwrap_or_else(|| Value::String(data.to_owned()))
}

/// Returns the version of the ledger that an outcome brings to a member: number of the view and MD5.
fn sent_version(outcome: &Result<Reply, Error>) -> Option<(u64, String)> {
    match outcome {
        Ok(Reply::Copy(copy)) if copy.kind == CopyKind::Ledger => Some((copy.generation, copy.md5.clone())),
        _ => None,
    }
}

/// Tells whether a word stands for a variable; `!=` is an operator.
fn is_variable(word: &Word) -> bool {
    word.kind != WordKind::Operator && word.is_reference()
}

/// Refuses a command that changes the node: another code than for one that nobody knows.
fn not_offered(command: &str) -> Error {
    let verb = command.split_ascii_whitespace().next().unwrap_or_default();
    if command::CATALOG.begins(verb) {
        return Error::with(Code::REMOTE_NOT_SUPPORTED, format!("'{verb}' is not for other nodes"));
    }
    Error { kind: ErrorKind::UnknownCommand, ..Code::UNRECOGNIZED_COMMAND.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{boot::unattended as node, node::ServerOptions, peer::settings::PeerSettings};
    use anylog_block::{Header, Job};
    use futures_util::future::join_all;
    use std::{net::SocketAddr, time::Duration};

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    /// Returns the state of a service that seems to listen.
    fn listening() -> Arc<Shared> {
        let shared = Shared::new(PeerSettings::default());
        let socket = SocketAddr::from(([127, 0, 0, 1], 9));
        let options = ServerOptions {
            external: socket.into(),
            internal: socket.into(),
            bind: true,
            configured: false,
            threads: 1,
            timeout: Duration::ZERO,
            tls: None,
        };
        shared.listening.store(Some(Arc::new((options, socket))));
        Arc::new(shared)
    }

    fn question() -> Message {
        let (job, source) = (Job { slot: 7, id: 7 }, ReturnAddress::new("localhost", 9));
        let header = Header { job, source, ..Header::default() };
        Message { header, command: "get status".to_owned(), data: Vec::new() }
    }

    #[tokio::test]
    async fn a_question_gives_its_place_back_before_its_answer_is_delivered() {
        let (node, shared) = (node(), listening());
        let admit = |_| shared.limiter.admit(PEER, || true).unwrap();
        let permits: Vec<_> = (0..=limits::PEER_QUESTIONS_OF_HOST).map(admit).collect();
        let (last, others) = permits.split_last().unwrap();
        // So many names are looked up already that no answer can be delivered.
        let mut lookups = Vec::new();
        for _ in 0..limits::PEER_LOOKUPS_OF_HOST {
            lookups.push(last.wait_for_lookup().await.unwrap());
        }
        let handler = |permit| MessageHandler { shared: &shared, node: &node, peer: PEER, permit };
        let handlers: Vec<_> = others.iter().map(handler).collect();
        let handled = join_all(handlers.iter().map(|handler| handler.run(question())));
        tokio::select! {
            biased;
            _ = handled => panic!("no name can be looked up"),
            place = last.wait_for_question() => assert!(place.is_ok(), "answered questions keep their places"),
        }
    }

    #[tokio::test]
    async fn an_answer_that_waits_counts_among_the_large_ones() {
        let (node, shared) = (node(), listening());
        let permit = shared.limiter.admit(PEER, || true).unwrap();
        let handler = MessageHandler { shared: &shared, node: &node, peer: PEER, permit: &permit };
        let counted = |bytes: usize| {
            let answer = Outgoing::new(Header::default(), wire::PRINT);
            handler.counted(vec![Outgoing { data: vec![b'x'; bytes].into(), ..answer }])
        };
        let held = node.queries.counted(PEER, vec![0_u8; limits::LARGE_ANSWERS].into()).unwrap();
        assert!(counted(limits::PEER_COUNTED_ANSWER - 1).is_ok(), "a short one is answered all the same");
        assert_eq!(counted(limits::PEER_COUNTED_ANSWER).unwrap_err().code, Code::QUERY_VOLUME);
        drop(held);
        assert!(counted(limits::PEER_COUNTED_ANSWER).is_ok());
    }

    #[test]
    fn long_json_of_others_is_shown_as_a_text() {
        let json = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
        assert!(shown(&json(limits::PEER_JSON), wire::REPLY_JSON).is_array());
        assert!(shown(&json(limits::PEER_JSON + 1), wire::REPLY_JSON).is_string());
        assert!(shown("[]", wire::REPLY_TEXT).is_string() && shown("[", wire::REPLY_JSON).is_string());
    }
}
