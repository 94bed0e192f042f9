//! Which members ask for the ledger, and which of them stopped asking.

use crate::runtime::{clock, limits};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The members that asked for the ledger since the start, at most [`limits::MEMBERS`].
#[derive(Debug, Default)]
pub struct Members {
    asked: Mutex<HashMap<String, Asked>>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Instant,
    time: Timestamp,
}

/// A member that stopped asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentMember {
    /// Its address, as its messages announce it.
    pub address: String,
    /// When it asked last.
    pub last: Timestamp,
}

impl Members {
    /// Takes note that a member asked for the ledger. When too many are remembered, further ones are not.
    pub fn asked(&self, address: String) {
        let mut asked = self.lock();
        if asked.len() < limits::MEMBERS || asked.contains_key(&address) {
            asked.insert(address, Asked { at: Instant::now(), time: clock::now() });
        }
    }

    /// Returns how many ask, and which of them stopped; those that are silent for [`limits::MEMBER_FORGOTTEN`] have left.
    #[must_use]
    pub fn look(&self) -> (usize, Vec<SilentMember>) {
        self.look_at(Instant::now())
    }

    fn look_at(&self, now: Instant) -> (usize, Vec<SilentMember>) {
        let age = |asked: &Asked| now.saturating_duration_since(asked.at);
        let mut members = self.lock();
        members.retain(|_, asked| age(asked) < limits::MEMBER_FORGOTTEN);
        let is_silent = |asked: &Asked| age(asked) > limits::MEMBER_SILENT;
        let mut silent: Vec<SilentMember> = members
            .iter()
            .filter(|(_, asked)| is_silent(asked))
            .map(|(address, asked)| SilentMember { address: address.clone(), last: asked.time })
            .collect();
        silent.sort_unstable_by(|one, other| one.address.cmp(&other.address));
        (members.len() - silent.len(), silent)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_member_that_stops_asking_is_silent_and_then_forgotten() {
        let members = Members::default();
        let now = Instant::now();
        members.asked("10.0.0.7:32148".to_owned());
        members.asked("10.0.0.8:32148".to_owned());
        assert_eq!(members.look_at(now), (2, Vec::new()));
        let (active, silent) = members.look_at(now + limits::MEMBER_SILENT + Duration::from_secs(60));
        assert_eq!((active, silent.len(), silent[0].address.as_str()), (0, 2, "10.0.0.7:32148"));
        assert_eq!(members.look_at(now + limits::MEMBER_FORGOTTEN + Duration::from_secs(60)), (0, Vec::new()));
    }

    #[test]
    fn never_remembers_more_than_its_limit() {
        let members = Members::default();
        for number in 0..limits::MEMBERS + 10 {
            members.asked(number.to_string());
        }
        members.asked("0".to_owned());
        assert_eq!(members.look().0, limits::MEMBERS);
    }
}
