//! What other nodes report about themselves, topic by topic: the last state of each (`monitor`, `get monitored`).

use crate::runtime::clock;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};

/// Most bytes that the reports of all nodes take together.
const MOST_BYTES: usize = 16 << 20;
/// Most bytes that one node reports.
const MOST_BYTES_OF_NODE: usize = 64 << 10;
/// Bytes that a topic or a node takes beside its texts, about.
const PLACE: usize = 256;
/// When the last report came, in local time.
const UPDATE_TIME: &str = "Update time";
/// How long ago that was.
const ELAPSED_TIME: &str = "Elapsed time";

/// The topics and what is known of their nodes.
#[derive(Debug, Default)]
pub struct Monitored(Mutex<Topics>);

/// Why a report is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// One node reports too much.
    #[error("what one node reports may take {} KB", MOST_BYTES_OF_NODE >> 10)]
    Node,
    /// All nodes together report too much.
    #[error("the reports of all nodes take {} MB already: 'reset monitored TOPIC' makes room", MOST_BYTES >> 20)]
    All,
}

#[derive(Debug, Default)]
struct Topics {
    topics: IndexMap<String, IndexMap<String, NodeReport>>,
    bytes: usize,
}

/// The state that one node reported last.
#[derive(Debug)]
struct NodeReport {
    updated: Timestamp,
    attributes: Map<String, Value>,
    bytes: usize,
}

impl Monitored {
    /// Lays what a node reports over what it reported before.
    ///
    /// # Errors
    /// When that is more than is kept.
    pub fn report(&self, topic: &str, node: &str, attributes: Map<String, Value>) -> Result<(), Full> {
        self.change(|topics| topics.report(topic, node, attributes))
    }

    /// Names a node of a topic of which no report has come yet; an earlier report is forgotten.
    ///
    /// # Errors
    /// When there are more nodes than are kept.
    pub fn expect(&self, topic: &str, node: &str) -> Result<(), Full> {
        self.change(|topics| {
            topics.forget(topic, node);
            topics.report(topic, node, Map::new())
        })
    }

    /// Forgets the nodes of a topic; false when there is no such topic.
    pub fn reset(&self, topic: &str) -> bool {
        self.change(|topics| match topics.topics.get_mut(topic) {
            None => false,
            Some(nodes) => {
                let freed: usize = nodes.values().map(|node| node.bytes).sum();
                nodes.clear();
                topics.bytes = topics.bytes.saturating_sub(freed);
                true
            }
        })
    }

    /// Returns the names of the topics.
    #[must_use]
    pub fn topics(&self) -> Vec<String> {
        self.change(|topics| topics.topics.keys().cloned().collect())
    }

    /// Returns what is known of the nodes of a topic: an object with one object for each node.
    #[must_use]
    pub fn topic(&self, topic: &str) -> Option<Map<String, Value>> {
        let now = clock::now();
        let shown = |(name, node): (&String, &NodeReport)| (name.clone(), node.shown(now).into());
        self.change(|topics| topics.topics.get(topic).map(|nodes| nodes.iter().map(shown).collect()))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Topics) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Topics {
    fn report(&mut self, topic: &str, node: &str, attributes: Map<String, Value>) -> Result<(), Full> {
        let known = self.topics.get(topic).and_then(|nodes| nodes.get(node));
        let (mut all, before) = known.map_or((Map::new(), 0), |known| (known.attributes.clone(), known.bytes));
        all.extend(attributes);
        let bytes =
            PLACE + topic.len() + node.len() + serde_json::to_string(&all).map_or(usize::MAX, |text| text.len());
        if bytes > MOST_BYTES_OF_NODE {
            return Err(Full::Node);
        }
        let total = self.bytes.saturating_sub(before).saturating_add(bytes);
        if total > MOST_BYTES {
            return Err(Full::All);
        }
        self.bytes = total;
        let report = NodeReport { updated: clock::now(), attributes: all, bytes };
        self.topics.entry(topic.to_owned()).or_default().insert(node.to_owned(), report);
        Ok(())
    }

    fn forget(&mut self, topic: &str, node: &str) {
        let forgotten = self.topics.get_mut(topic).and_then(|nodes| nodes.shift_remove(node));
        self.bytes = self.bytes.saturating_sub(forgotten.map_or(0, |node| node.bytes));
    }
}

impl NodeReport {
    fn shown(&self, now: Timestamp) -> Map<String, Value> {
        let mut shown = Map::new();
        // Other nodes write whole seconds with a fraction of zeros; who reads the time with a fixed form needs them.
        shown.insert(UPDATE_TIME.to_owned(), format!("{}.000000", clock::seconds(self.updated)).into());
        shown.extend(self.attributes.iter().map(|(key, value)| (key.clone(), value.clone())));
        shown.insert(ELAPSED_TIME.to_owned(), elapsed(now.duration_since(self.updated)).into());
        shown
    }
}

/// Writes a time as `00:01:30 (H:M:S)`.
fn elapsed(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    format!("{:02}:{:02}:{:02} (H:M:S)", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value} is no object") };
        map
    }

    #[test]
    fn a_report_is_laid_over_the_one_before() {
        let monitored = Monitored::default();
        assert!(monitored.topic("operators").is_none() && !monitored.reset("operators"));
        monitored.report("operators", "10.0.0.7:32148", map(json!({"cpu": 3, "disk": 10}))).unwrap();
        monitored.report("operators", "10.0.0.7:32148", map(json!({"cpu": 5}))).unwrap();
        monitored.expect("operators", "10.0.0.8").unwrap();
        let topic = monitored.topic("operators").unwrap();
        assert_eq!(topic["10.0.0.7:32148"]["cpu"], 5);
        assert_eq!(topic["10.0.0.7:32148"]["disk"], 10);
        let keys: Vec<_> = topic["10.0.0.7:32148"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["Update time", "cpu", "disk", "Elapsed time"]);
        assert!(topic["10.0.0.8"]["Update time"].as_str().is_some_and(|time| time.ends_with(".000000")));
        assert_eq!(topic["10.0.0.8"].as_object().unwrap().len(), 2);
        assert!(monitored.reset("operators"));
        assert_eq!(
            (monitored.topics(), monitored.topic("operators").unwrap().len()),
            (vec!["operators".to_owned()], 0)
        );
    }

    #[test]
    fn reports_have_limits() {
        let monitored = Monitored::default();
        let long = |count: usize| map(json!({"text": "x".repeat(count)}));
        assert_eq!(monitored.report("t", "n", long(MOST_BYTES_OF_NODE)), Err(Full::Node));
        let (mut nodes, each) = (0, MOST_BYTES_OF_NODE - 1000);
        let full = loop {
            match monitored.report("t", &format!("n{nodes}"), long(each)) {
                Ok(()) => nodes += 1,
                Err(full) => break full,
            }
        };
        assert_eq!(full, Full::All);
        assert!(
            (nodes * each..=nodes * each + MOST_BYTES_OF_NODE + nodes * 2 * PLACE).contains(&MOST_BYTES),
            "{nodes}"
        );
        assert!(monitored.reset("t") && monitored.report("t", "n", long(each)).is_ok());
    }

    #[test]
    fn times_are_shown_in_hours_minutes_and_seconds() {
        assert_eq!(elapsed(SignedDuration::from_secs(3 * 3600 + 62)), "03:01:02 (H:M:S)");
        assert_eq!(elapsed(SignedDuration::from_secs(-5)), "00:00:00 (H:M:S)");
    }
}
