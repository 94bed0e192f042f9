//! Who is signed in. Only hashes are kept: of the cookie, and of the token that was shown.

use crate::{rest::TokenHash, runtime::limits};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Hash of the secret in a cookie.
pub type SessionKey = [u8; 32];

/// The sessions of the console.
#[derive(Debug)]
pub struct ConsoleSessions {
    timeout: Duration,
    kept: Mutex<HashMap<SessionKey, SignedIn>>,
}

/// One session.
#[derive(Clone, Debug)]
struct SignedIn {
    token: TokenHash,
    last: Instant,
    /// Cancelled when the session ends: its streams end with it.
    end: CancellationToken,
}

impl ConsoleSessions {
    /// Creates a keeper of sessions that end after a time without a request.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout, kept: Mutex::default() }
    }

    /// Begins a session of who has shown a token; returns the secret of its cookie. When there are too many, the one that was
    /// used last the longest ago ends.
    ///
    /// # Errors
    /// The random source is not there.
    pub fn begin(&self, token: TokenHash, now: Instant) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let secret = hex::encode(bytes);
        let mut kept = self.kept();
        kept.retain(|_, one| {
            let goes_on = now.saturating_duration_since(one.last) < self.timeout;
            if !goes_on {
                one.end.cancel();
            }
            goes_on
        });
        if kept.len() >= limits::CONSOLE_SESSIONS
            && let Some(oldest) = kept.iter().min_by_key(|(_, one)| one.last).map(|(key, _)| *key)
        {
            cancel(kept.remove(&oldest));
        }
        kept.insert(key(&secret), SignedIn { token, last: now, end: CancellationToken::new() });
        Ok(secret)
    }

    /// Returns the key of a session that goes on, and the token that it was begun with; `uses` says that somebody is at work, so
    /// that it goes on from now.
    #[must_use]
    pub fn find(&self, secret: &str, now: Instant, uses: bool) -> Option<(SessionKey, TokenHash)> {
        let key = key(secret);
        let mut kept = self.kept();
        let one = kept.get_mut(&key)?;
        if now.saturating_duration_since(one.last) >= self.timeout {
            cancel(kept.remove(&key));
            return None;
        }
        if uses {
            one.last = now;
        }
        Some((key, one.token))
    }

    /// Ends a session.
    pub fn end(&self, key: &SessionKey) {
        cancel(self.kept().remove(key));
    }

    /// Returns what is cancelled when a session ends; nothing when it has ended.
    #[must_use]
    pub fn end_of(&self, key: &SessionKey) -> Option<CancellationToken> {
        self.kept().get(key).map(|one| one.end.clone())
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<SessionKey, SignedIn>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cancel(ended: Option<SignedIn>) {
    if let Some(ended) = ended {
        ended.end.cancel();
    }
}

fn key(secret: &str) -> SessionKey {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: TokenHash = [7; 32];
    const TIMEOUT: Duration = Duration::from_secs(60);

    #[test]
    fn a_session_goes_on_while_it_is_used() {
        let (sessions, start) = (ConsoleSessions::new(TIMEOUT), Instant::now());
        let secret = sessions.begin(TOKEN, start).unwrap();
        assert_eq!(secret.len(), 64);
        let (key, token) = sessions.find(&secret, start + TIMEOUT / 2, true).unwrap();
        assert_eq!(token, TOKEN);
        assert!(sessions.find(&secret, start + TIMEOUT, false).is_some(), "it was used since");
        assert!(
            sessions.find(&secret, start + TIMEOUT * 3 / 2, false).is_none(),
            "what pages ask by themselves is no use"
        );
        assert!(sessions.find(&secret, start, true).is_none(), "it does not come back");
        assert!(sessions.end_of(&key).is_none());
    }

    #[test]
    fn the_end_of_a_session_ends_its_streams() {
        let (sessions, now) = (ConsoleSessions::new(TIMEOUT), Instant::now());
        let secret = sessions.begin(TOKEN, now).unwrap();
        let (key, _) = sessions.find(&secret, now, true).unwrap();
        let end = sessions.end_of(&key).unwrap();
        assert!(!end.is_cancelled());
        sessions.end(&key);
        assert!(end.is_cancelled());
        assert!(sessions.find(&secret, now, true).is_none());
        for unknown in ["", "ab", &"0".repeat(64), &"x".repeat(1_000_000)] {
            assert!(sessions.find(unknown, now, true).is_none());
        }
    }

    #[test]
    fn there_are_only_so_many() {
        let (sessions, now) = (ConsoleSessions::new(TIMEOUT), Instant::now());
        let first = sessions.begin(TOKEN, now).unwrap();
        let later = now + Duration::from_secs(1);
        for _ in 0..limits::CONSOLE_SESSIONS {
            sessions.begin(TOKEN, later).unwrap();
        }
        assert!(sessions.find(&first, later, true).is_none(), "the oldest one made room");
        assert_eq!(sessions.kept().len(), limits::CONSOLE_SESSIONS);
    }
}
