//! JSON-RPC over HTTP and HTTPS.

use super::{answer_watch::AnswerWatch, calls::RpcCall, failure::RpcFailure};
use crate::{
    node::platforms::{PlatformError, Provider},
    runtime::{
        http_client::{HttpClient, authorities_of, public_authorities},
        limits::{CHAIN_ANSWER, CHAIN_BATCH, CHAIN_CALL, CHAIN_CONNECT, CHAIN_PAUSE, CHAIN_READS, CHAIN_TRIES},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// What a provider answers to one call.
pub type RpcAnswer = Result<Value, RpcFailure>;

/// A provider of JSON-RPC.
pub struct Rpc {
    /// For calls that change something.
    once: HttpClient,
    /// For reads, which may be sent twice and so keep their connections.
    reads: HttpClient,
    provider: Provider,
    authorization: Option<HeaderValue>,
    /// Calls that the provider takes in one batch, as far as it is known.
    batch: AtomicUsize,
    /// Since when it does not answer.
    answers: AnswerWatch,
}

impl Rpc {
    /// Creates a client; nothing is asked yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(provider: &Provider) -> Result<Self, PlatformError> {
        let unusable = |reason: String| PlatformError::Unavailable { provider: provider.to_string(), reason };
        let tls = provider.authority().map_or_else(public_authorities, authorities_of);
        let tls = Arc::new(tls.map_err(|error| unusable(error.to_string()))?);
        let authorization = provider.login().map(|login| {
            let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(login)));
            if let Ok(value) = &mut value {
                value.set_sensitive(true);
            }
            value
        });
        let authorization = authorization.transpose().map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            once: HttpClient::new(Arc::clone(&tls), Some(CHAIN_CONNECT), CHAIN_ANSWER),
            reads: HttpClient::keeping(CHAIN_READS, tls, Some(CHAIN_CONNECT), CHAIN_ANSWER),
            provider: provider.clone(),
            authorization,
            batch: AtomicUsize::new(CHAIN_BATCH),
            answers: AnswerWatch::default(),
        })
    }

    /// Returns for how long the provider has answered nothing although it is asked.
    pub fn silence(&self) -> Option<Duration> {
        self.answers.silence()
    }

    /// Makes a call that changes nothing and returns its value; a provider that does not answer is asked again.
    ///
    /// # Errors
    /// [`PlatformError::Unavailable`], [`PlatformError::Malformed`], [`PlatformError::Rejected`].
    pub async fn value(&self, call: &RpcCall) -> Result<Value, PlatformError> {
        self.read(call).await?.map_err(|failure| failure.rejected(call.method))
    }

    /// Makes a call that changes nothing and returns the answer; a provider that does not answer is asked again.
    ///
    /// # Errors
    /// [`PlatformError::Unavailable`], [`PlatformError::Malformed`].
    pub async fn read(&self, call: &RpcCall) -> Result<RpcAnswer, PlatformError> {
        let mut pause = CHAIN_PAUSE;
        for _ in 1..CHAIN_TRIES {
            match self.one(&self.reads, call).await {
                Err(PlatformError::Unavailable { .. }) => {}
                Ok(Err(failure)) if failure.is_busy() => {}
                answer => return answer,
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.one(&self.reads, call).await
    }

    /// Makes several calls that change nothing, as few batches as the provider takes, and returns the answers in their order.
    ///
    /// # Errors
    /// [`PlatformError::Unavailable`], [`PlatformError::Malformed`].
    pub async fn read_all(&self, calls: &[RpcCall]) -> Result<Vec<RpcAnswer>, PlatformError> {
        let (mut answers, mut rest) = (Vec::with_capacity(calls.len()), calls);
        while !rest.is_empty() {
            let size = self.batch.load(Ordering::Relaxed).clamp(1, rest.len());
            let (now, later) = rest.split_at(size);
            match now {
                [call] => answers.push(self.read(call).await?),
                several => match self.read_batch(several).await? {
                    Some(found) => answers.extend(found),
                    // Providers limit their batches, or take none.
                    None => {
                        self.batch.store(size / 2, Ordering::Relaxed);
                        continue;
                    }
                },
            }
            rest = later;
        }
        Ok(answers)
    }

    /// Makes a call once, as one that changes something has to be made.
    ///
    /// # Errors
    /// [`PlatformError::Unavailable`], after which it may have been taken, and [`PlatformError::Malformed`].
    pub async fn once(&self, call: &RpcCall) -> Result<RpcAnswer, PlatformError> {
        self.one(&self.once, call).await
    }

    async fn one(&self, http: &HttpClient, call: &RpcCall) -> Result<RpcAnswer, PlatformError> {
        let mut answer = self.post(http, &request(0, call), call.method).await?;
        answered(&mut answer).ok_or_else(|| malformed(call.method, "no result is in it"))
    }

    /// Returns the answers to a batch, or nothing when the provider takes no batch of this size.
    async fn read_batch(&self, calls: &[RpcCall]) -> Result<Option<Vec<RpcAnswer>>, PlatformError> {
        let requests: Vec<Value> = (0_u64..).zip(calls).map(|(id, call)| request(id, call)).collect();
        let (requests, method) = (Value::Array(requests), calls.first().map_or("", |call| call.method));
        let mut pause = CHAIN_PAUSE;
        for _ in 1..CHAIN_TRIES {
            match self.post(&self.reads, &requests, method).await {
                Err(PlatformError::Unavailable { .. }) => {}
                answer => return answer.and_then(|answer| in_order(answer, calls)),
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.post(&self.reads, &requests, method).await.and_then(|answer| in_order(answer, calls))
    }

    /// Sends a body and returns the JSON of the answer.
    async fn post(&self, http: &HttpClient, body: &Value, method: &'static str) -> Result<Value, PlatformError> {
        let away = |reason: String| PlatformError::Unavailable { provider: self.provider.to_string(), reason };
        let mut request = Request::post(self.provider.url()).header(CONTENT_TYPE, "application/json");
        if let Some(login) = &self.authorization {
            request = request.header(AUTHORIZATION, login);
        }
        let request =
            request.body(Full::new(Bytes::from(body.to_string()))).map_err(|error| away(error.to_string()))?;
        let question = self.answers.ask();
        let response = timeout(CHAIN_CALL, http.send(request)).await;
        let response = response.map_err(|_| away(format!("no answer within {} seconds", CHAIN_CALL.as_secs())))?;
        let response = response.map_err(|error| away(error.to_string()))?;
        question.answered();
        let status = response.status();
        let answer = serde_json::from_slice::<Value>(response.body())
            .ok()
            .filter(|answer| answer.is_object() || answer.is_array());
        match answer {
            Some(answer) if status.is_success() || answer.get("error").is_some_and(Value::is_object) => Ok(answer),
            _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(away(format!("it takes neither this login nor this key ({status})")))
            }
            _ if !status.is_success() => Err(away(status.to_string())),
            _ => Err(malformed(method, "it is no JSON")),
        }
    }
}

fn request(id: u64, call: &RpcCall) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": call.method, "params": call.params })
}

fn malformed(method: &'static str, what: &str) -> PlatformError {
    PlatformError::Malformed { method, what: what.to_owned() }
}

/// Returns what an answer says; nothing when it is none.
pub(super) fn answered(answer: &mut Value) -> Option<RpcAnswer> {
    match answer.get("error") {
        Some(error) if !error.is_null() => Some(Err(RpcFailure::read(error))),
        _ => answer.get_mut("result").map(|result| Ok(result.take())),
    }
}

/// Brings the answers to a batch into the order of its calls; nothing when it was not taken as a batch.
pub(super) fn in_order(answer: Value, calls: &[RpcCall]) -> Result<Option<Vec<RpcAnswer>>, PlatformError> {
    let Value::Array(answers) = answer else {
        return Ok(None);
    };
    let mut found: Vec<Option<RpcAnswer>> = calls.iter().map(|_| None).collect();
    for mut answer in answers {
        let id = answer.get("id").and_then(Value::as_u64).and_then(|id| usize::try_from(id).ok());
        if let Some(place) = id.and_then(|id| found.get_mut(id)) {
            *place = answered(&mut answer);
        }
    }
    let found = found.into_iter().zip(calls).map(|(answer, call)| {
        answer.ok_or_else(|| malformed(call.method, "the answer to a batch has not all answers"))
    });
    found.collect::<Result<_, _>>().map(Some)
}
