//! What kept members from joining lately, by who they are; bounded, since their senders decide how much there is.

use super::trouble::JoinTrouble;
use crate::runtime::{clock, limits};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// What kept members from joining lately.
#[derive(Debug, Default)]
pub struct JoinTroubles {
    noted: Mutex<HashMap<TroubleKey, KeptTrouble>>,
}

/// What tells one trouble from another: its sender, its kind, what it is about.
type TroubleKey = (IpAddr, &'static str, String);

#[derive(Debug)]
struct KeptTrouble {
    noted: NotedTrouble,
    seen: Instant,
    told: Instant,
}

/// A trouble with who caused it, how often and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedTrouble {
    /// Where the connection came from.
    pub sender: IpAddr,
    /// What it is.
    pub trouble: JoinTrouble,
    /// How often it was seen since it was seen first.
    pub times: u64,
    /// When it was seen first.
    pub first: Timestamp,
    /// When it was seen last.
    pub last: Timestamp,
}

impl JoinTroubles {
    /// Takes note of a trouble. Returns it when the log is to tell it: when it is new, and again after
    /// [`limits::TROUBLE_AGAIN`] while it lasts. A sender with too many of them is not noted further.
    pub fn note(&self, sender: IpAddr, trouble: JoinTrouble) -> Option<NotedTrouble> {
        self.note_at(Instant::now(), sender.to_canonical(), trouble)
    }

    fn note_at(&self, now: Instant, sender: IpAddr, trouble: JoinTrouble) -> Option<NotedTrouble> {
        let mut noted = self.lock();
        let key = (sender, trouble.kind(), trouble.about().to_owned());
        let time = clock::now();
        if let Some(kept) = noted.get_mut(&key) {
            kept.noted =
                NotedTrouble { trouble, times: kept.noted.times.saturating_add(1), last: time, ..kept.noted.clone() };
            kept.seen = now;
            if now.saturating_duration_since(kept.told) < limits::TROUBLE_AGAIN {
                return None;
            }
            kept.told = now;
            return Some(kept.noted.clone());
        }
        noted.retain(|_, kept| now.saturating_duration_since(kept.seen) < limits::TROUBLE_FORGOTTEN);
        if noted.keys().filter(|(of, ..)| *of == sender).count() >= limits::TROUBLES_OF_SENDER {
            return None;
        }
        if noted.len() >= limits::TROUBLES
            && let Some(oldest) = noted.iter().min_by_key(|(_, kept)| kept.seen).map(|(key, _)| key.clone())
        {
            noted.remove(&oldest);
        }
        let new = NotedTrouble { sender, trouble, times: 1, first: time, last: time };
        noted.insert(key, KeptTrouble { noted: new.clone(), seen: now, told: now });
        Some(new)
    }

    /// Returns what was seen within [`limits::TROUBLE_RECENT`], the latest first.
    #[must_use]
    pub fn recent(&self) -> Vec<NotedTrouble> {
        let now = Instant::now();
        self.chosen(|kept| now.saturating_duration_since(kept.seen) < limits::TROUBLE_RECENT)
    }

    /// Returns what is remembered of one sender, the latest first.
    #[must_use]
    pub fn of(&self, sender: IpAddr) -> Vec<NotedTrouble> {
        let sender = sender.to_canonical();
        self.chosen(|kept| kept.noted.sender == sender)
    }

    fn chosen(&self, is_meant: impl Fn(&KeptTrouble) -> bool) -> Vec<NotedTrouble> {
        let mut found: Vec<(Instant, NotedTrouble)> =
            self.lock().values().filter(|kept| is_meant(kept)).map(|kept| (kept.seen, kept.noted.clone())).collect();
        found.sort_by_key(|(seen, _)| std::cmp::Reverse(*seen));
        found.into_iter().map(|(_, noted)| noted).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TroubleKey, KeptTrouble>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn http() -> JoinTrouble {
        JoinTrouble::HttpOnTcp { port: 1, rest: "http, port 2".to_owned() }
    }

    fn unreachable(address: impl Into<String>) -> JoinTrouble {
        JoinTrouble::Unreachable { address: address.into(), reason: "refused".to_owned() }
    }

    #[test]
    fn a_trouble_is_told_once_and_again_after_a_while() {
        let (troubles, now) = (JoinTroubles::default(), Instant::now());
        let note = |at, trouble| troubles.note_at(at, SENDER, trouble).map(|noted| noted.times);
        assert_eq!(note(now, http()), Some(1));
        assert_eq!((note(now, http()), note(now, http())), (None, None));
        assert_eq!(note(now, unreachable("a:1")), Some(1), "another kind");
        assert_eq!(note(now, unreachable("b:1")), Some(1), "about another address");
        assert_eq!(note(now + limits::TROUBLE_AGAIN, http()), Some(4));
        assert_eq!(troubles.of(SENDER).len(), 3);
        assert_eq!(troubles.recent().len(), 3);
    }

    #[test]
    fn nobody_fills_the_memory_of_the_node() {
        let (troubles, now) = (JoinTroubles::default(), Instant::now());
        let told = (0..1000).filter(|n| troubles.note_at(now, SENDER, unreachable(n.to_string())).is_some()).count();
        assert_eq!(told, limits::TROUBLES_OF_SENDER);
        for number in 0..2 * u32::try_from(limits::TROUBLES).unwrap() {
            let sender = IpAddr::from((number + 1).to_be_bytes());
            assert!(troubles.note_at(now, sender, http()).is_some(), "others are still told");
        }
        assert_eq!(troubles.lock().len(), limits::TROUBLES);
    }
}
