//! What the node told the writers, and the comparison with what it holds.

use crate::{
    crash::writers::Road,
    peer::member::Member,
    program::{PATIENCE, Program},
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// What was acknowledged; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Names>>);

#[derive(Debug, Default)]
struct Names {
    inserted: HashSet<String>,
    /// Policies that somebody asked to drop, whatever came of it.
    asked: HashSet<String>,
    dropped: HashSet<String>,
    inserts: HashMap<Road, usize>,
    drops: usize,
}

impl Told {
    /// Begins with an empty ledger; the numbers of the summary stay.
    pub fn begin(&self) {
        let mut names = self.names();
        names.inserted.clear();
        names.asked.clear();
        names.dropped.clear();
    }

    /// Notes a policy that was acknowledged.
    pub fn inserted(&self, road: Road, name: &str) {
        let mut names = self.names();
        names.inserted.insert(name.to_owned());
        *names.inserts.entry(road).or_default() += 1;
    }

    /// Notes a policy that somebody asks to drop.
    pub fn asks_to_drop(&self, name: &str) {
        self.names().asked.insert(name.to_owned());
    }

    /// Notes a policy whose drop was acknowledged.
    pub fn dropped(&self, name: &str) {
        let mut names = self.names();
        names.dropped.insert(name.to_owned());
        names.drops += 1;
    }

    /// Tells whether policies were acknowledged on every road, and drops.
    pub fn has_all_roads(&self) -> bool {
        let names = self.names();
        names.drops > 0 && Road::ALL.iter().all(|road| names.inserts.contains_key(road))
    }

    /// Returns what was acknowledged, in words.
    pub fn summary(&self) -> String {
        let names = self.names();
        let over = |road| names.inserts.get(&road).copied().unwrap_or_default();
        let (rest, tcp, api) = (over(Road::Rest), over(Road::Tcp), over(Road::Api));
        format!(
            "{rest} acknowledged over REST, {tcp} over TCP, {api} over /v1, {} dropped: none lost, none twice, none back",
            names.drops
        )
    }

    /// Compares it with the ledger of a node to which nobody writes, and that with the copy that members get.
    pub fn check(&self, program: &Program) {
        let policies: Vec<Value> = serde_json::from_str(&program.get("blockchain get device")).unwrap();
        let mut found: HashMap<String, u32> = HashMap::new();
        for policy in &policies {
            *found.entry(name(policy)).or_default() += 1;
        }
        let names = self.names();
        let is_there = |name: &&String| found.contains_key(*name);
        let lost: Vec<_> =
            names.inserted.iter().filter(|name| !names.asked.contains(*name) && !is_there(name)).collect();
        let back: Vec<_> = names.dropped.iter().filter(is_there).collect();
        let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged policies are lost: {lost:?}", lost.len(), names.inserted.len());
        assert!(back.is_empty(), "dropped policies that are back: {back:?}");
        assert!(twice.is_empty(), "policies that are there twice: {twice:?}");
        let mut copy = copy_of_a_member(program);
        let mut own: Vec<String> = found.into_keys().collect();
        copy.sort();
        own.sort();
        assert_eq!(copy, own, "a member's copy differs");
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap()
    }
}

fn name(policy: &Value) -> String {
    policy["device"]["name"].as_str().unwrap().to_owned()
}

/// Returns the names in the ledger as a member gets it.
fn copy_of_a_member(program: &Program) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async {
        let (mut member, begin) = (Member::new(program.tcp).await, Instant::now());
        loop {
            match member.ledger().await {
                Ok(bytes) => return bytes,
                // Nothing is delivered while the table and the local copy are brought together.
                Err(code) => assert!(begin.elapsed() < PATIENCE, "members get no ledger: {code}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let text = String::from_utf8(bytes).unwrap();
    let policies = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    policies.filter(|policy| policy.get("device").is_some()).map(|policy| name(&policy)).collect()
}
