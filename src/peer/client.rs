//! Asks other nodes: one message to each destination, answers on connections of their own (reference/tcp-protocol 4, 6).

use crate::{
    ledger,
    node::{Node, Pull},
    peer::{delivery_queues, pending_jobs::PendingJob, resolve, shared::Shared, wire},
    reply::{Code, Error, PeerAnswer, PeerContent},
    runtime::limits,
};
use anylog_block::{Header, Message, ReturnAddress};
use futures_util::{FutureExt, future::join_all};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Sends a command to every destination and waits for the answers, in the order of the destinations. Each may have
/// `most` bytes: what was asked says how much may come, whoever answers.
///
/// # Errors
/// 155 without a destination, 21 without a server of our own, 3 when too many callers wait or the machine has no random
/// numbers.
pub async fn ask(
    shared: &Arc<Shared>,
    node: &Node,
    to: &[String],
    command: &str,
    limit: Duration,
    most: usize,
) -> Result<Vec<PeerAnswer>, Error> {
    if to.is_empty() || to.len() > limits::PEER_DESTINATIONS {
        let detail = format!("{} destinations, 1 to {} are possible", to.len(), limits::PEER_DESTINATIONS);
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    shared.options()?;
    // No clock counts to the end of the longest time that a command can name.
    let limit = limit.min(limits::PEER_ANSWER_MOST);
    let until = Instant::now() + limit;
    let waiting = shared.jobs.open(to.len(), most).map_err(no_random_numbers)?.ok_or_else(busy)?;
    let receivers = u16::try_from(to.len()).unwrap_or(u16::MAX);
    let sent = (0..).zip(to).zip(&waiting.all).map(|((receiver, to), job)| {
        let header = Header { job: *job, receivers, receiver, ..Header::default() };
        timeout_at(until, deliver(shared, node, to, command, header))
            .map(move |sent| sent.unwrap_or_else(|_| Err(time_out(limit))))
    });
    let failures = join_all(sent).await.into_iter().map(Result::err).collect();
    Ok(collect(waiting, to, failures, until, limit).await)
}

/// Sends a command to one destination; nobody waits for an answer.
///
/// # Errors
/// 20 when the destination is no address, 208 when nobody listens there.
pub async fn tell(shared: &Shared, node: &Node, to: &str, command: &str) -> Result<(), Error> {
    deliver(shared, node, to, command, Header { receivers: 1, ..Header::default() }).await
}

/// Tells whether an address leads back to this node: then what is sent there comes in here.
///
/// # Errors
/// As [`ask`], and 26 when nobody answers in time.
pub async fn leads_here(shared: &Arc<Shared>, node: &Node, to: &str, limit: Duration) -> Result<bool, Error> {
    shared.options()?;
    let mut waiting = shared.jobs.open_for_question().map_err(no_random_numbers)?.ok_or_else(busy)?;
    let job = waiting.all.first().copied().ok_or_else(busy)?;
    let asked = async {
        deliver(shared, node, to, wire::SIGN_OF_LIFE, Header { job, receivers: 1, ..Header::default() }).await?;
        waiting.next().await.ok_or_else(|| time_out(limit))
    };
    let came = timeout(limit, asked).await.unwrap_or_else(|_| Err(time_out(limit)))?;
    Ok(!came.is_reply())
}

/// Asks another master for its ledger and waits for the file, or for the error that comes in its place.
///
/// # Errors
/// As [`tell`], what the other master says, 3 when too many callers wait or the machine has no random numbers, and 26 when
/// nothing comes in time.
pub async fn pull(shared: &Shared, node: &Node, master: &str, what: Pull, limit: Duration) -> Result<Vec<u8>, Error> {
    let opened = shared.jobs.open(1, limits::PEER_SHORT_ANSWER);
    let mut refusal = opened.map_err(no_random_numbers)?.ok_or_else(busy)?;
    let job = refusal.all.first().copied().ok_or_else(busy)?;
    let opened = shared.pulls.open();
    let mut awaited = opened.map_err(no_random_numbers)?;
    let name = awaited.name.clone();
    let file = async {
        let header = Header { job, receivers: 1, ..Header::default() };
        deliver(shared, node, master, &wire::ledger_request(what, &name), header).await?;
        tokio::select! {
            file = &mut awaited.answer => file.map_err(|_| time_out(limit)),
            error = refused(&mut refusal, master) => Err(error),
            () = sleep(limit) => Err(time_out(limit)),
        }
    };
    let outcome = file.await;
    shared.pulls.close(&name);
    let Message { command, data, .. } = outcome?;
    if !wire::is_packed(&command) {
        return Ok(data);
    }
    let unpack = move || ledger::unpacked(&data, limits::PEER_REPLY);
    let unpacked = tokio::task::spawn_blocking(unpack).await.map_err(|_| Error::new(Code::PROCESS_FAILURE))?;
    unpacked.map_err(|error| {
        Error::with(Code::WRONG_BLOCKCHAIN, format!("the ledger of {master} cannot be unpacked: {error}"))
    })
}

/// Returns the same failure for every destination.
#[must_use]
pub fn none(to: &[String], error: &Error) -> Vec<PeerAnswer> {
    to.iter().map(|to| PeerAnswer { destination: to.clone(), outcome: Err(error.clone()) }).collect()
}

/// Waits until another master says why it sends no ledger. What tells of no error ends nothing: the file may still come.
async fn refused(refusal: &mut PendingJob, master: &str) -> Error {
    while let Some(message) = refusal.next().await {
        if let Err(error) = outcome(message) {
            let reason = error.detail.as_deref().unwrap_or(error.code.text());
            return Error { detail: Some(format!("{master} says: {reason}")), ..error };
        }
    }
    std::future::pending().await
}

fn busy() -> Error {
    Error::with(Code::PROCESS_FAILURE, "too many commands wait for other nodes, try again")
}

fn no_random_numbers(error: getrandom::Error) -> Error {
    Error::with(Code::PROCESS_FAILURE, format!("no random numbers: {error}"))
}

fn time_out(limit: Duration) -> Error {
    Error::with(Code::TIME_OUT, format!("no answer in {} s", limit.as_secs_f32()))
}

/// Connects to one destination and sends the command.
async fn deliver(shared: &Shared, node: &Node, to: &str, command: &str, header: Header) -> Result<(), Error> {
    let named = resolve::parse(to)?;
    let to = redirected(node, named);
    let sockets = resolve::addresses(&to).await?;
    let source = shared.own_address(node, sockets.first().map(SocketAddr::ip))?;
    if header.job.id == 0 {
        shared.told.note(&sockets);
    }
    let message = shared.request(Header { source, ..header }, command);
    delivery_queues::send_once(&to, &sockets, &message).await?;
    Ok(())
}

/// Replaces this node's own address by what `set self ip` says.
fn redirected(node: &Node, to: ReturnAddress) -> ReturnAddress {
    match node.settings.get().itself {
        Some((host, port)) if to.host.parse().is_ok_and(|host| node.announces(&host)) => {
            ReturnAddress { host: host.to_string(), port: port.map_or(to.port, u32::from) }
        }
        _ => to,
    }
}

/// Waits for the answers until all came or the time is over.
async fn collect(
    mut waiting: PendingJob,
    to: &[String],
    failures: Vec<Option<Error>>,
    until: Instant,
    limit: Duration,
) -> Vec<PeerAnswer> {
    let mut outcomes: Vec<Option<Result<PeerContent, Error>>> = failures.into_iter().map(|e| e.map(Err)).collect();
    while outcomes.iter().any(Option::is_none) {
        let Ok(Some(message)) = timeout_at(until, waiting.next()).await else { break };
        let place = outcomes.get_mut(usize::from(message.header.receiver));
        if let Some(empty @ None) = place {
            *empty = Some(outcome(message));
        }
    }
    let answer = |(destination, outcome): (&String, Option<_>)| PeerAnswer {
        destination: destination.clone(),
        outcome: outcome.unwrap_or_else(|| Err(time_out(limit))),
    };
    to.iter().zip(outcomes).map(answer).collect()
}

/// Reads an answer: a text, a JSON value, or the error of the other node. What is marked as JSON and is none is a text,
/// and so is JSON whose value would take too much memory.
fn outcome(message: Message) -> Result<PeerContent, Error> {
    let text = match String::from_utf8(message.data) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    match message.header.error {
        0 if message.header.flag == wire::REPLY_JSON && text.len() <= limits::PEER_JSON => {
            Ok(serde_json::from_str(&text).map_or(PeerContent::Text(text), PeerContent::Json))
        }
        0 => Ok(PeerContent::Text(text)),
        code => Err(Error { detail: Some(text).filter(|text| !text.is_empty()), ..Error::new(Code(code)) }),
    }
}
