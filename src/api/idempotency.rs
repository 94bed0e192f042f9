//! Requests that are sent again: a key that a caller gives stands for the first request that came with it, and for its answer.
//!
//! The keys are in memory, bounded in time and bytes: a restart forgets them. The ids of policies are made of what the policies
//! say, so that a request that comes again after a restart is refused as a duplicate and adds nothing twice.

use crate::{
    api::problem::{Problem, ProblemKind},
    rest::rest_reply::RestReply,
    runtime::{limits, shutdown::Shutdown},
};
use hyper::header::{self, HeaderName, HeaderValue};
use moka::{policy::EvictionPolicy, sync::Cache};
use sha2::{Digest, Sha256};
use std::future::Future;

/// The header line of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    key: [u8; 32],
    content: [u8; 32],
}

/// What is known of a key.
#[derive(Clone, Debug)]
struct KeptAnswer {
    content: [u8; 32],
    /// The answer; nothing while the first request is worked on.
    answer: Option<RestReply>,
}

/// The keys and their answers.
#[derive(Debug)]
pub struct Idempotency(Cache<[u8; 32], KeptAnswer>);

impl Default for Idempotency {
    fn default() -> Self {
        let weigh = |_: &[u8; 32], kept: &KeptAnswer| {
            let bytes = size_of::<KeptAnswer>() + kept.answer.as_ref().map_or(0, |answer| answer.body.len());
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().weigher(weigh).max_capacity(limits::API_KEYS).time_to_live(limits::API_KEY_TIME);
        // A new key has to find room at once, however often older ones came.
        Self(cache.eviction_policy(EvictionPolicy::lru()).build())
    }
}

/// A key that is worked on. It is free again when the work ends without an answer, however it ends and whether somebody waits
/// for it or not.
struct Unanswered {
    cache: Cache<[u8; 32], KeptAnswer>,
    key: [u8; 32],
}

impl Unanswered {
    fn answered(&self, answer: KeptAnswer) {
        self.cache.insert(self.key, answer);
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if self.cache.get(&self.key).is_some_and(|kept| kept.answer.is_none()) {
            self.cache.invalidate(&self.key);
        }
    }
}

impl KeyedRequest {
    /// Describes a request: keys of one caller mean nothing to another.
    #[must_use]
    pub fn new(caller: &str, key: &[u8], query: &str, body: &[u8]) -> Self {
        let digest = |one: &[u8], other: &[u8]| {
            let length = u64::try_from(one.len()).unwrap_or(u64::MAX).to_be_bytes();
            Sha256::new().chain_update(length).chain_update(one).chain_update(other).finalize().into()
        };
        Self { key: digest(caller.as_bytes(), key), content: digest(query.as_bytes(), body) }
    }
}

impl Idempotency {
    /// Does the work of a request, or answers it as the first one with its key was answered. A request that failed because
    /// something was away may be sent again.
    ///
    /// # Errors
    /// [`ProblemKind::KeyReused`] for a key of another request, [`ProblemKind::InProgress`] while the first one is worked on;
    /// what the work says.
    pub async fn answer(
        &self,
        tasks: &Shutdown,
        request: KeyedRequest,
        work: impl Future<Output = Result<RestReply, Problem>> + Send + 'static,
    ) -> Result<RestReply, Problem> {
        let KeyedRequest { key, content } = request;
        let entry = self.0.entry(key).or_insert_with(|| KeptAnswer { content, answer: None });
        if !entry.is_fresh() {
            return replayed(entry.into_value(), content);
        }
        let unanswered = Unanswered { cache: self.0.clone(), key };
        let done = tasks.spawn(async move {
            let outcome = work.await;
            if let Ok(reply) = &outcome {
                unanswered.answered(KeptAnswer { content, answer: Some(reply.clone()) });
            }
            drop(unanswered);
            outcome
        });
        let failed = |_| Err(Problem::new(ProblemKind::Internal, "the request failed inside the node"));
        done.await.unwrap_or_else(failed)
    }
}

fn replayed(kept: KeptAnswer, content: [u8; 32]) -> Result<RestReply, Problem> {
    if kept.content != content {
        let detail = "the Idempotency-Key came with another body or URL before: take a new key for a new request";
        return Err(Problem::new(ProblemKind::KeyReused, detail));
    }
    let Some(mut answer) = kept.answer else {
        let detail = "the first request with this Idempotency-Key is worked on: send this one again in a moment";
        let problem = Problem::new(ProblemKind::InProgress, detail);
        return Err(problem.with(header::RETRY_AFTER, HeaderValue::from_static("1")));
    };
    answer.headers.push((REPLAYED, HeaderValue::from_static("true")));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::answers::document;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn the_first_answer_is_that_of_all() {
        let (keys, tasks, runs) = (Idempotency::default(), Shutdown::new(), Arc::new(AtomicUsize::new(0)));
        let send = |key: &str, body: &str, is_well: bool| {
            let (runs, request) = (Arc::clone(&runs), KeyedRequest::new("me", key.as_bytes(), "", body.as_bytes()));
            let work = async move {
                let number = runs.fetch_add(1, Ordering::SeqCst);
                if is_well { Ok(document(&number)) } else { Err(Problem::new(ProblemKind::Unavailable, "away")) }
            };
            keys.answer(&tasks, request, work)
        };
        assert_eq!(send("a", "x", true).await.unwrap().body, "0");
        let again = send("a", "x", true).await.unwrap();
        assert_eq!((&*again.body, again.headers.len()), (&b"0"[..], 1));
        assert_eq!(send("a", "y", true).await.unwrap_err().kind(), ProblemKind::KeyReused);
        assert_eq!(send("b", "x", false).await.unwrap_err().kind(), ProblemKind::Unavailable);
        assert_eq!(send("b", "x", true).await.unwrap().body, "2", "what failed may come again");
    }

    #[tokio::test]
    async fn a_key_whose_work_broke_off_is_free_again_although_nobody_waited() {
        let (keys, tasks) = (Idempotency::default(), Shutdown::new());
        let request = KeyedRequest::new("me", b"a", "", b"x");
        let (go, waiting) = oneshot::channel::<()>();
        let (ended, end) = oneshot::channel::<()>();
        let work = async move {
            let _ended = ended;
            waiting.await.unwrap();
            panic!("a fault of the program")
        };
        drop(tokio::time::timeout(std::time::Duration::ZERO, keys.answer(&tasks, request.clone(), work)).await);
        go.send(()).unwrap();
        end.await.unwrap_err();
        let again = || keys.answer(&tasks, request.clone(), async { Ok(document(&2)) });
        let mut answer = again().await;
        while let Err(problem) = &answer {
            assert_eq!(problem.kind(), ProblemKind::InProgress);
            tokio::task::yield_now().await;
            answer = again().await;
        }
        assert_eq!(answer.unwrap().body, "2");
    }

    #[tokio::test]
    async fn who_comes_meanwhile_is_told_and_who_leaves_stops_nothing() {
        let (keys, tasks) = (Idempotency::default(), Shutdown::new());
        let request = KeyedRequest::new("me", b"a", "", b"x");
        let (go, waiting) = oneshot::channel::<()>();
        let work = async move {
            let _ = waiting.await;
            Ok(document(&1))
        };
        {
            let mut first = std::pin::pin!(keys.answer(&tasks, request.clone(), work));
            tokio::select! {
                biased;
                _ = &mut first => panic!("nothing has let it go"),
                () = std::future::ready(()) => {}
            }
        }
        let other = || keys.answer(&tasks, request.clone(), async { Ok(document(&2)) });
        assert_eq!(other().await.unwrap_err().kind(), ProblemKind::InProgress);
        go.send(()).unwrap();
        tasks.begin();
        tasks.drain().await;
        assert_eq!(other().await.unwrap().body, "1");
    }
}
