//! Replies to commands whose answers depend on the policies alone, kept for as long as no policy changes: a large ledger is
//! written as text once and sent to everybody from the same bytes.

use crate::{rest::rest_reply::RestReply, runtime::limits};
use moka::{policy::EvictionPolicy, sync::Cache};

/// The kept replies by command; [`limits::REST_CACHE`] bytes of them, those that were used last.
#[derive(Debug)]
pub struct ResponseCache {
    replies: Cache<String, Kept>,
}

/// A reply and the version of the policies that it is true for.
#[derive(Clone, Debug)]
struct Kept {
    generation: u64,
    reply: RestReply,
}

impl Default for ResponseCache {
    fn default() -> Self {
        let replies = Cache::builder()
            .weigher(|command: &String, kept: &Kept| {
                let bytes = command.len() + kept.reply.body.len() + size_of::<Kept>();
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .max_capacity(limits::REST_CACHE)
            // What replaces a reply of an older version has to find room at once, however often that one was used.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { replies }
    }
}

impl ResponseCache {
    /// Returns the reply to a command in a version of the policies, if it is kept.
    #[must_use]
    pub fn get(&self, command: &str, generation: u64) -> Option<RestReply> {
        self.replies.get(command).filter(|kept| kept.generation == generation).map(|kept| kept.reply)
    }

    /// Keeps the reply to a command in a version of the policies.
    pub fn keep(&self, command: &str, generation: u64, reply: RestReply) {
        self.replies.insert(command.to_owned(), Kept { generation, reply });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(length: usize) -> RestReply {
        RestReply::text(vec![b' '; length].into(), false)
    }

    #[test]
    fn a_change_of_the_policies_outdates_what_was_kept() {
        let cache = ResponseCache::default();
        cache.keep("a", 1, reply(2));
        assert_eq!(cache.get("a", 1).map(|reply| reply.body.len()), Some(2));
        assert!(cache.get("a", 2).is_none());
        cache.keep("a", 2, reply(3));
        assert_eq!(cache.get("a", 2).map(|reply| reply.body.len()), Some(3));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = ResponseCache::default();
        let half = usize::try_from(limits::REST_CACHE / 2).unwrap();
        for command in ["one", "other", "third"] {
            cache.keep(command, 1, reply(half));
            cache.replies.run_pending_tasks();
        }
        assert!(cache.replies.weighted_size() <= limits::REST_CACHE);
        assert!(cache.get("one", 1).is_none() && cache.get("third", 1).is_some());
    }
}
