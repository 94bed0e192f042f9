//! Messages of this node to others: one queue per destination, a pace, limited retries (reference/tcp-protocol 15.8).

use crate::{
    peer::{
        Error,
        complaints::Complaints,
        connection,
        delivery::{Delivery, Receipt},
        destination::{Destination, Receiver},
        pace::Paces,
        wire,
    },
    runtime::{background::Background, limits, shutdown::Shutdown},
};
use anylog_block::{Outgoing, ReturnAddress};
use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The queues of all destinations.
#[derive(Debug, Default)]
pub struct DeliveryQueues {
    state: Mutex<QueuesState>,
    /// Where files are sent, so that nobody waits for a turn behind all their pieces.
    files: Background,
    complaints: Complaints,
}

#[derive(Debug, Default)]
struct QueuesState {
    queues: HashMap<SocketAddr, DeliveryQueue>,
    /// What receivers were sent lately; it outlives their queues.
    paces: HashMap<Receiver, Paces>,
    /// The newest ledger that a destination was sent lately, by the number of its view; it outlives its queue as well.
    newest: HashMap<SocketAddr, u64>,
    /// Bytes of all texts that wait or are under way. Files are shared with the ledger and count nothing.
    bytes: usize,
    /// Queues so far.
    created: u64,
}

#[derive(Debug)]
struct DeliveryQueue {
    /// Tells this queue from a later one for the same destination.
    number: u64,
    to: Destination,
    /// Ends what is under way, when the queue has to make room.
    dropped: CancellationToken,
    /// Messages that wait.
    messages: VecDeque<WaitingDelivery>,
    /// Tasks that send them.
    senders: usize,
    /// True while a file is on its way: a second one would only hold the destination up.
    is_delivering_file: bool,
    /// Bytes of the texts that wait or are under way.
    bytes: usize,
}

#[derive(Debug)]
struct WaitingDelivery {
    delivery: Delivery,
    /// Whose pace it keeps: several may ask for messages to one destination.
    receiver: Receiver,
}

/// The queue that a task sends.
#[derive(Clone, Debug)]
struct Ticket {
    socket: SocketAddr,
    number: u64,
    dropped: CancellationToken,
}

/// What became of a message that was queued.
#[derive(Debug, Default)]
struct QueuedDelivery {
    /// Another task has to send the queue.
    starts: Option<Ticket>,
    /// Messages to others that made room.
    dropped: usize,
}

/// How a message that was taken from a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SendEnd {
    /// It was written to the end.
    Sent,
    /// It was not, and nobody had asked for it: what waits behind it may be what a node that starts has asked for.
    Lost,
    /// It was not, and neither will be what waits behind it.
    LostWithTheRest,
}

/// What a task does next.
enum NextDelivery {
    Send(Delivery),
    /// Everything that waits has to wait longer.
    Pause(Instant),
    End,
}

impl DeliveryQueues {
    /// Puts a message into the queue of its destination; a file takes the place of an older one that waits there, and a ledger
    /// that is older than what the destination was sent already is dropped.
    pub fn push(self: &Arc<Self>, shutdown: &Shutdown, to: &Destination, delivery: Delivery) {
        let Some(socket) = to.socket() else { return };
        let outcome = self.state().push(socket, to, delivery);
        let pushed = match outcome {
            Ok(pushed) => pushed,
            Err(reason) => {
                return self.complaints.say(|| tracing::warn!(peer.addr = %to.address, "message dropped: {reason}"));
            }
        };
        if pushed.dropped > 0 {
            let dropped = pushed.dropped;
            self.complaints.say(|| tracing::warn!(dropped, "answers that were not taken made room for others"));
        }
        if let Some(ticket) = pushed.starts {
            let (queues, stop) = (Arc::clone(self), shutdown.clone());
            shutdown.spawn(async move {
                tokio::select! {
                    () = queues.send_all(&ticket, &stop) => {}
                    () = ticket.dropped.cancelled() => {}
                }
            });
        }
    }

    /// Sends what waits for a destination, one after the other, until nothing is left.
    async fn send_all(&self, ticket: &Ticket, shutdown: &Shutdown) {
        loop {
            let next = self.state().next(ticket);
            match next {
                NextDelivery::Send(delivery) => self.send(ticket, delivery, shutdown).await,
                NextDelivery::Pause(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = shutdown.token().cancelled_owned() => self.state().stop_pausing(ticket),
                },
                NextDelivery::End => return,
            }
        }
    }

    async fn send(&self, ticket: &Ticket, delivery: Delivery, shutdown: &Shutdown) {
        let Some(to) = self.state().queue(ticket).map(|queue| queue.to.clone()) else { return };
        let Delivery { message, is_asked_for, report, .. } = delivery;
        let message = Arc::new(message);
        let sending = send_with_retries(to.clone(), Arc::clone(&message), is_asked_for, shutdown.clone());
        let outcome = if is_file(&message) {
            self.files.run(sending).await.unwrap_or_else(|ended| Err(Error::Io(ended.into())))
        } else {
            sending.await
        };
        let end = match &outcome {
            Ok(_) => SendEnd::Sent,
            Err(_) if is_asked_for => SendEnd::LostWithTheRest,
            Err(_) => SendEnd::Lost,
        };
        let lost = self.state().done(ticket, &message, end);
        if let Some(report) = report {
            report(outcome.as_ref().copied());
        }
        // What this node itself cut is nothing to complain of.
        if let Err(error) = outcome
            && !matches!(error, Error::Evicted)
        {
            let (to, command) = (to.address, &message.command);
            self.complaints.say(|| {
                tracing::warn!(peer.addr = %to, command.name = command, also_dropped = lost, "message not delivered: {error}");
            });
        }
    }

    fn state(&self) -> MutexGuard<'_, QueuesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueuesState {
    fn queue(&mut self, ticket: &Ticket) -> Option<&mut DeliveryQueue> {
        self.queues.get_mut(&ticket.socket).filter(|queue| queue.number == ticket.number)
    }

    /// Queues a message. Where there is no room, the machine that takes the most of it loses its oldest queue.
    fn push(
        &mut self,
        socket: SocketAddr,
        to: &Destination,
        mut delivery: Delivery,
    ) -> Result<QueuedDelivery, &'static str> {
        let mut dropped = 0;
        if !self.is_newest(socket, delivery.generation) {
            return Ok(QueuedDelivery::default());
        }
        while self.queues.len() >= limits::PEER_QUEUES && !self.queues.contains_key(&socket) {
            dropped += self.make_room(socket, |_| 1).ok_or("too many destinations have waiting messages")?;
        }
        let bytes = text_bytes(&delivery.message);
        if !to.is_sender && bytes > limits::PEER_TEXT_TO_OTHERS {
            return Err("it is too large for an address that is not the sender's");
        }
        let held = self.queues.get(&socket).map_or(0, |queue| queue.bytes);
        if bytes > 0 && held > 0 && held.saturating_add(bytes) > limits::PEER_QUEUE_BYTES {
            return Err("the answers that wait for it take too much memory");
        }
        while bytes > 0 && self.bytes >= limits::PEER_QUEUES_BYTES {
            let freed = self.make_room(socket, |queue| queue.bytes);
            dropped += freed.ok_or("the answers that wait take too much memory")?;
        }
        self.created = self.created.saturating_add(1);
        let number = self.created;
        let queue = self.queues.entry(socket).or_insert_with(|| DeliveryQueue::new(number, to));
        let mut receiver = to.receiver(socket);
        let place = queue.messages.iter().position(|earlier| replaces(&delivery.message, &earlier.delivery.message));
        if let Some(earlier) = place.and_then(|at| queue.messages.remove(at)) {
            // What the sender itself asked for keeps its pace and its tries, whoever else asks for it.
            delivery.is_asked_for |= earlier.delivery.is_asked_for;
            if matches!(earlier.receiver, Receiver::Sender(_)) {
                receiver = earlier.receiver;
            }
        }
        if queue.messages.len() >= limits::PEER_QUEUE {
            return Err("the queue of this destination is full");
        }
        queue.messages.push_back(WaitingDelivery { delivery, receiver });
        queue.bytes = queue.bytes.saturating_add(bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        let starts = (queue.senders < limits::PEER_LANES).then(|| {
            queue.senders += 1;
            Ticket { socket, number: queue.number, dropped: queue.dropped.clone() }
        });
        Ok(QueuedDelivery { starts, dropped })
    }

    /// Tells whether a destination was sent no newer ledger than one of this view, and takes note of it.
    fn is_newest(&mut self, socket: SocketAddr, generation: Option<u64>) -> bool {
        let Some(generation) = generation else { return true };
        if self.newest.len() >= limits::PEER_PACES && !self.newest.contains_key(&socket) {
            let queues = &self.queues;
            self.newest.retain(|socket, _| queues.contains_key(socket));
        }
        let newest = self.newest.entry(socket).or_default();
        *newest = generation.max(*newest);
        *newest == generation
    }

    /// Drops the oldest queue of the machine with the largest share, but for one, and tells how many messages that were.
    fn make_room(&mut self, but: SocketAddr, share: fn(&DeliveryQueue) -> usize) -> Option<usize> {
        let mut shares: HashMap<IpAddr, usize> = HashMap::new();
        for (socket, queue) in &self.queues {
            *shares.entry(socket.ip()).or_default() += share(queue);
        }
        let (largest, _) = shares.into_iter().max_by_key(|(_, share)| *share)?;
        let of_largest =
            self.queues.iter().filter(|(socket, queue)| socket.ip() == largest && **socket != but && share(queue) > 0);
        let oldest = of_largest.min_by_key(|(_, queue)| queue.number).map(|(socket, _)| *socket)?;
        let queue = self.queues.remove(&oldest)?;
        queue.dropped.cancel();
        self.bytes = self.bytes.saturating_sub(queue.bytes);
        Some(queue.messages.len().saturating_add(queue.senders))
    }

    /// Takes the next message that may be sent now; without one the task that asks ends.
    fn next(&mut self, ticket: &Ticket) -> NextDelivery {
        let now = Instant::now();
        let queue = self.queues.get_mut(&ticket.socket).filter(|queue| queue.number == ticket.number);
        let Some(queue) = queue else { return NextDelivery::End };
        let ready = |waiting: &WaitingDelivery| {
            let paces = self.paces.get(&waiting.receiver);
            paces.map_or(now, |paces| paces.ready(is_file(&waiting.delivery.message)))
        };
        let is_free = |waiting: &WaitingDelivery| !(queue.is_delivering_file && is_file(&waiting.delivery.message));
        let free = queue.messages.iter().enumerate().filter(|(_, waiting)| is_free(waiting));
        // The first that may go now, else the one that may go first.
        let next = free.map(|(at, waiting)| (ready(waiting).max(now), at)).min();
        match next {
            Some((until, at)) if until <= now => {
                if let Some(WaitingDelivery { delivery, receiver }) = queue.messages.remove(at) {
                    queue.is_delivering_file |= is_file(&delivery.message);
                    self.spend(receiver, &delivery.message, now);
                    return NextDelivery::Send(delivery);
                }
            }
            // One task is enough to wait.
            Some((until, _)) if queue.senders <= 1 => return NextDelivery::Pause(until),
            _ => {}
        }
        queue.senders = queue.senders.saturating_sub(1);
        if queue.senders == 0 {
            self.queues.remove(&ticket.socket);
        }
        NextDelivery::End
    }

    /// Counts a message that is sent now to the pace of its receiver.
    fn spend(&mut self, receiver: Receiver, message: &Outgoing, now: Instant) {
        if self.paces.len() >= limits::PEER_PACES && !self.paces.contains_key(&receiver) {
            self.paces.retain(|_, paces| !paces.is_over(now));
        }
        let is_sender = matches!(receiver, Receiver::Sender(_));
        let paces = self.paces.entry(receiver).or_insert_with(|| Paces::new(is_sender, now));
        paces.spend(is_file(message), text_bytes(message), now);
    }

    /// Notes how a message ended; what is dropped with it is counted.
    fn done(&mut self, ticket: &Ticket, message: &Outgoing, end: SendEnd) -> usize {
        if end != SendEnd::Sent {
            self.newest.remove(&ticket.socket);
        }
        let Some(queue) = self.queue(ticket) else { return 0 };
        queue.is_delivering_file &= !is_file(message);
        let lost = match end {
            SendEnd::LostWithTheRest => std::mem::take(&mut queue.messages),
            SendEnd::Sent | SendEnd::Lost => VecDeque::new(),
        };
        let freed = lost.iter().map(|lost| &lost.delivery.message).chain([message]).map(text_bytes).sum();
        queue.bytes = queue.bytes.saturating_sub(freed);
        self.bytes = self.bytes.saturating_sub(freed);
        lost.len()
    }

    /// Drops what waits for its time, because the node stops.
    fn stop_pausing(&mut self, ticket: &Ticket) {
        if let Some(queue) = self.queue(ticket) {
            let freed = queue.messages.drain(..).map(|waiting| text_bytes(&waiting.delivery.message)).sum();
            queue.bytes = queue.bytes.saturating_sub(freed);
            self.bytes = self.bytes.saturating_sub(freed);
        }
    }
}

impl DeliveryQueue {
    fn new(number: u64, to: &Destination) -> Self {
        let dropped = CancellationToken::new();
        Self {
            number,
            to: to.clone(),
            dropped,
            messages: VecDeque::new(),
            senders: 0,
            is_delivering_file: false,
            bytes: 0,
        }
    }
}

fn is_file(message: &Outgoing) -> bool {
    wire::is_file(&message.command)
}

/// Tells whether a file takes the place of one that waits: a ledger that of an older one, another file that of the same
/// one for the same place.
fn replaces(file: &Outgoing, earlier: &Outgoing) -> bool {
    if wire::is_ledger(file) {
        return wire::is_ledger(earlier);
    }
    is_file(file) && file.command == earlier.command && file.header.flag == earlier.header.flag
}

/// Returns how many bytes of memory a message takes that nobody else has.
fn text_bytes(message: &Outgoing) -> usize {
    if is_file(message) { 0 } else { message.data.len() }
}

/// Tries to send a message, more than once when it was asked for; a stop of the node ends the pauses.
async fn send_with_retries(
    to: Destination,
    message: Arc<Outgoing>,
    is_asked_for: bool,
    shutdown: Shutdown,
) -> Result<Receipt, Error> {
    let (to, message, shutdown) = (&to, &*message, &shutdown);
    let mut outcome = send_to(to, message, is_asked_for, shutdown).await;
    let pauses = if is_asked_for { limits::PEER_RETRIES.as_slice() } else { &[] };
    for pause in pauses {
        let Err(Error::Refused { .. }) = outcome else { return outcome };
        tokio::select! {
            () = tokio::time::sleep(*pause) => outcome = send_to(to, message, is_asked_for, shutdown).await,
            () = shutdown.token().cancelled_owned() => return outcome,
        }
    }
    outcome
}

/// Sends a message once; for a file it waits until its receiver has worked on it, or the node stops. What nobody asked for
/// is cut soon after that: its receiver asks for it later, and a slow one would hold up the stop.
async fn send_to(
    to: &Destination,
    message: &Outgoing,
    is_asked_for: bool,
    shutdown: &Shutdown,
) -> Result<Receipt, Error> {
    let writing = async {
        let mut stream = connection::connect(&to.address, &to.sockets).await?;
        connection::send(&mut stream, message).await?;
        Ok::<_, Error>(stream)
    };
    let mut stream = tokio::select! {
        written = writing => written?,
        () = soon_after(shutdown), if !is_asked_for => return Err(Error::Evicted),
    };
    if !is_file(message) {
        return Ok(Receipt::Open);
    }
    tokio::select! {
        receipt = connection::receipt(&mut stream) => Ok(receipt),
        () = shutdown.token().cancelled_owned() => Ok(Receipt::Open),
    }
}

/// Ends a moment after the node begins to stop.
async fn soon_after(shutdown: &Shutdown) {
    shutdown.token().cancelled_owned().await;
    tokio::time::sleep(limits::MEMBER_PUSH_AT_STOP).await;
}

/// Connects to the first socket that answers and sends, once.
///
/// # Errors
/// What keeps the message from its destination.
pub async fn send_once(to: &ReturnAddress, sockets: &[SocketAddr], message: &Outgoing) -> Result<(), Error> {
    connection::send(&mut connection::connect(to, sockets).await?, message).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::delivery::DeliveryReport;
    use anylog_block::{BLOCK, Block, Header, Rule};
    use tokio::{io::AsyncReadExt, net::TcpListener};

    fn ledger(bytes: &'static [u8]) -> Outgoing {
        let header = Header { flag: wire::FILE_LEDGER, ..Header::default() };
        Outgoing { header, command: wire::file_write("x"), data: bytes.into(), rule: Rule::File }
    }

    fn ticket(state: &QueuesState, socket: SocketAddr) -> Ticket {
        let queue = &state.queues[&socket];
        Ticket { socket, number: queue.number, dropped: queue.dropped.clone() }
    }

    fn destination(socket: SocketAddr) -> Destination {
        let address = ReturnAddress::new(socket.ip().to_string(), socket.port());
        Destination { address, sockets: vec![socket], is_sender: true }
    }

    #[tokio::test]
    async fn a_newer_ledger_replaces_one_that_waits_and_a_late_listener_still_gets_it() {
        let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = place.local_addr().unwrap();
        drop(place);
        let (queues, shutdown) = (Arc::new(DeliveryQueues::default()), Shutdown::new());
        let to = destination(address);
        // The first is under way (and refused) when the others come.
        for bytes in [b"1".as_slice(), b"2", b"3"] {
            queues.push(&shutdown, &to, ledger(bytes).into());
            tokio::task::yield_now().await;
        }
        let listener = TcpListener::bind(address).await.unwrap();
        let mut found = Vec::new();
        while found.last() != Some(&b"3".to_vec()) {
            let mut raw = [0; BLOCK];
            listener.accept().await.unwrap().0.read_exact(&mut raw).await.unwrap();
            found.push(Block::decode(&raw).unwrap().data.to_vec());
        }
        assert!(!found.contains(&b"2".to_vec()), "{found:?}");
        shutdown.drain().await;
        assert!(queues.state().queues.is_empty() && queues.state().bytes == 0);
    }

    #[tokio::test]
    async fn what_nobody_asked_for_does_not_hold_up_the_stop() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (queues, shutdown) = (Arc::new(DeliveryQueues::default()), Shutdown::new());
        let (reporter, reported) = tokio::sync::oneshot::channel();
        let report: DeliveryReport = Box::new(move |outcome| {
            let _ = reporter.send(matches!(outcome, Err(Error::Evicted)));
        });
        // More than the sockets hold, for a receiver that reads nothing of it.
        let message = Outgoing { data: vec![b'x'; 64 << 20].into(), ..ledger(b"") };
        let delivery = Delivery { is_asked_for: false, report: Some(report), ..message.into() };
        queues.push(&shutdown, &destination(listener.local_addr().unwrap()), delivery);
        let (_receiver, _) = listener.accept().await.unwrap();
        shutdown.begin();
        let patience = limits::PEER_SEND_TIME / 2;
        tokio::time::timeout(patience, shutdown.drain()).await.expect("the receiver that is slow is not waited for");
        assert!(reported.await.unwrap());
    }

    #[test]
    fn an_older_ledger_never_follows_a_newer_one() {
        let socket = SocketAddr::from(([192, 0, 2, 1], 1));
        let version = |generation| Delivery { generation: Some(generation), ..ledger(b"x").into() };
        let mut state = QueuesState::default();
        let push = |state: &mut QueuesState, generation| {
            let pushed = state.push(socket, &destination(socket), version(generation)).unwrap();
            pushed.starts.is_some()
        };
        assert!(push(&mut state, 7) && !push(&mut state, 6), "while the newer one waits");
        let first = ticket(&state, socket);
        let NextDelivery::Send(sent) = state.next(&first) else { panic!("the ledger may go") };
        assert!(!push(&mut state, 6), "while it is under way");
        state.done(&first, &sent.message, SendEnd::Sent);
        assert!(matches!(state.next(&first), NextDelivery::End));
        assert!(!push(&mut state, 6), "after it has arrived");
        assert!(push(&mut state, 7), "the same one is sent again");
        let again = ticket(&state, socket);
        let NextDelivery::Send(sent) = state.next(&again) else { panic!("the ledger may go") };
        state.done(&again, &sent.message, SendEnd::LostWithTheRest);
        assert!(push(&mut state, 6), "what did not arrive counts nothing");
    }

    #[test]
    fn the_same_file_is_queued_once_and_texts_have_their_room() {
        let socket = SocketAddr::from(([192, 0, 2, 1], 1));
        let seed = |bytes: &'static [u8]| Outgoing { header: Header::default(), ..ledger(bytes) };
        let text =
            |bytes: usize| Outgoing { data: vec![b'x'; bytes].into(), ..Outgoing::new(Header::default(), wire::PRINT) };
        let mut state = QueuesState::default();
        for bytes in [b"1".as_slice(), b"1", b"2", b"1"] {
            state.push(socket, &destination(socket), seed(bytes).into()).unwrap();
        }
        assert_eq!(state.queues[&socket].messages.len(), 1);
        let ticket = ticket(&state, socket);
        let large = limits::PEER_QUEUE_BYTES + 1;
        assert!(state.push(socket, &destination(socket), text(large).into()).is_ok(), "the first may be larger");
        assert!(state.push(socket, &destination(socket), text(1).into()).is_err());
        let other = SocketAddr::from(([192, 0, 2, 2], 1));
        let third = Destination { is_sender: false, ..destination(other) };
        assert!(state.push(other, &third, text(limits::PEER_TEXT_TO_OTHERS + 1).into()).is_err());
        assert!(state.push(other, &third, text(1).into()).is_ok());
        assert!(matches!(state.next(&ticket), NextDelivery::Send(file) if is_file(&file.message)));
        let NextDelivery::Send(sent) = state.next(&ticket) else { panic!("the text is left") };
        state.done(&ticket, &sent.message, SendEnd::Sent);
        assert_eq!(state.bytes, 1);
    }

    #[test]
    fn a_machine_that_takes_the_most_room_makes_it() {
        let text =
            |bytes: usize| Outgoing { data: vec![b'x'; bytes].into(), ..Outgoing::new(Header::default(), wire::PRINT) };
        let at = |host, port| SocketAddr::from(([192, 0, 2, host], port));
        let mut state = QueuesState::default();
        for port in 1..=u16::try_from(limits::PEER_QUEUES).unwrap() {
            state.push(at(1, port), &destination(at(1, port)), text(1).into()).unwrap();
        }
        let first = ticket(&state, at(1, 1));
        let pushed = state.push(at(2, 1), &destination(at(2, 1)), text(1).into()).unwrap();
        assert!(pushed.starts.is_some() && pushed.dropped > 0 && first.dropped.is_cancelled());
        assert!(!state.queues.contains_key(&at(1, 1)) && state.queues.contains_key(&at(1, 2)));
        assert_eq!((state.queues.len(), state.bytes), (limits::PEER_QUEUES, limits::PEER_QUEUES));
        // What the dropped queue was sending changes nothing of a later one for the same destination.
        state.push(at(1, 1), &destination(at(1, 1)), text(5).into()).unwrap();
        assert_eq!(state.done(&first, &text(1), SendEnd::LostWithTheRest), 0);
        assert_eq!(state.queues[&at(1, 1)].bytes, 5);
        let mut state = QueuesState::default();
        for port in 1..=5 {
            state.push(at(1, port), &destination(at(1, port)), text(limits::PEER_QUEUE_BYTES).into()).unwrap();
        }
        state.push(at(2, 1), &destination(at(2, 1)), text(100).into()).unwrap();
        assert!(state.queues.contains_key(&at(2, 1)) && state.bytes <= limits::PEER_QUEUES_BYTES);
    }

    #[test]
    fn whoever_is_not_the_sender_gets_few_ledgers() {
        let sockets = [1, 2].map(|port| SocketAddr::from(([192, 0, 2, 1], port)));
        let mut state = QueuesState::default();
        let mut sent = 0;
        for _ in 0..20 {
            for socket in sockets {
                let third = Destination { is_sender: false, ..destination(socket) };
                state.push(socket, &third, ledger(b"x").into()).unwrap();
                let ticket = ticket(&state, socket);
                if let NextDelivery::Send(file) = state.next(&ticket) {
                    state.done(&ticket, &file.message, SendEnd::Sent);
                    sent += 1;
                }
            }
        }
        assert_eq!(sent, limits::PEER_FILES_TO_OTHERS.0, "both ports of the machine together");
        assert!(state.queues.values().all(|queue| queue.messages.len() <= 1));
    }
}
