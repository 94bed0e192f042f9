//! One event, and its form on the wire.

use crate::{
    api::parameters::TOPICS,
    ledger::{HistoryLine, HistoryMark},
};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Changes of policies.
    Policies,
    /// Members that come, go or change their state.
    Members,
    /// Steps of the boot.
    Boot,
    /// What the checks find.
    Health,
}

/// Some of the topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics([bool; 4]);

/// An event of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiEvent {
    /// What it is about.
    pub topic: Topic,
    /// What its line in the history is known by, for a change that the database keeps.
    pub mark: Option<HistoryMark>,
    /// True when the history goes on behind this line whatever was told before: it is another history.
    pub restarts: bool,
    /// Its form on the wire, shared by all streams.
    pub bytes: Bytes,
}

impl Topic {
    /// All of them, in the order of [`TOPICS`].
    pub const ALL: [Self; 4] = [Self::Policies, Self::Members, Self::Boot, Self::Health];

    const fn index(self) -> usize {
        match self {
            Self::Policies => 0,
            Self::Members => 1,
            Self::Boot => 2,
            Self::Health => 3,
        }
    }

    /// Returns the name of its events.
    #[must_use]
    pub fn name(self) -> &'static str {
        TOPICS.get(self.index()).copied().unwrap_or_default()
    }
}

impl Topics {
    /// Puts topics together.
    #[must_use]
    pub fn of(topics: impl IntoIterator<Item = Topic>) -> Self {
        let mut all = Self::default();
        for topic in topics {
            if let Some(one) = all.0.get_mut(topic.index()) {
                *one = true;
            }
        }
        all
    }

    /// Tells whether a topic is one of them.
    #[must_use]
    pub fn has(self, topic: Topic) -> bool {
        self.0.get(topic.index()).copied().unwrap_or_default()
    }
}

impl ApiEvent {
    /// Describes a change of a policy. Where somebody else changed the table, nobody knows what: whoever follows reads all again.
    #[must_use]
    pub fn of_line(line: &HistoryLine) -> Self {
        let mark = line.mark();
        let bytes = match line.action {
            None => written("reset", Some(mark), &json!({"reason": "the table was changed by another program"})),
            Some(action) => {
                let change = json!({
                    "version": line.place.to_string(),
                    "time": line.time,
                    "action": action.as_str(),
                    "type": line.kind,
                    "id": line.id,
                    "who": line.who,
                });
                written(Topic::Policies.name(), Some(mark), &change)
            }
        };
        Self { topic: Topic::Policies, mark: Some(mark), restarts: false, bytes }
    }

    /// Says that the history is another one than before, and where it ends.
    #[must_use]
    pub fn of_other_history(end: HistoryMark) -> Self {
        Self { topic: Topic::Policies, mark: Some(end), restarts: true, bytes: reset(Some(end), OTHER_HISTORY) }
    }

    /// Describes something that no history keeps.
    #[must_use]
    pub fn of_state(topic: Topic, state: &impl Serialize) -> Self {
        Self { topic, mark: None, restarts: false, bytes: written(topic.name(), None, state) }
    }

    /// Describes a change of what the node shows that the database does not keep: of policies that only the local copy has.
    #[must_use]
    pub fn of_view(policies: usize) -> Self {
        let bytes = written("ledger", None, &json!({"policies": policies}));
        Self { topic: Topic::Policies, mark: None, restarts: false, bytes }
    }
}

/// Writes the event that begins a stream.
#[must_use]
pub fn started(mark: Option<HistoryMark>, policies: usize) -> Bytes {
    let version = mark.map_or(Value::Null, |mark| mark.place.to_string().into());
    let began = written("start", mark, &json!({"version": version, "policies": policies}));
    // Whoever loses the stream comes back after this many milliseconds.
    [b"retry: 2000\n", &*began].concat().into()
}

/// Writes the event that tells a caller that changes may be missing.
#[must_use]
pub fn reset(mark: Option<HistoryMark>, reason: &str) -> Bytes {
    written("reset", mark, &json!({"reason": reason}))
}

/// Why changes may be missing where the history does not have the line up to which they were told.
pub const OTHER_HISTORY: &str = "the history is not the one that was followed: another database was put in place of it, or changes \
                                 were lost in a failover";

/// What is sent while nothing happens, so that both sides notice when the other one is gone.
pub const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");

/// Writes an event. JSON of one line has no line end that would begin a field.
fn written(name: &str, mark: Option<HistoryMark>, data: &impl Serialize) -> Bytes {
    let id = mark.map(|mark| format!("id: {mark}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("{id}event: {name}\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{HistoryAction, HistoryPlace};

    #[test]
    fn an_event_is_lines_that_nothing_in_it_can_end() {
        let line = HistoryLine {
            place: HistoryPlace { version: 7, place: 2 },
            time: "t".to_owned(),
            who: "rest:x\nid: 9".to_owned(),
            action: Some(HistoryAction::Insert),
            kind: "a\r\n\r\nevent: b".to_owned(),
            id: "i".to_owned(),
        };
        let text = String::from_utf8(ApiEvent::of_line(&line).bytes.to_vec()).unwrap();
        assert_eq!(text.lines().count(), 4, "{text}");
        let start = format!("id: {}\nevent: policies\ndata: {{\"version\":\"7.2\"", line.mark());
        assert!(text.starts_with(&start) && text.ends_with("}\n\n"), "{text}");
        let outside = ApiEvent::of_line(&HistoryLine { action: None, ..line.clone() });
        let reset = format!("id: {}\nevent: reset\n", line.mark());
        assert!(outside.bytes.starts_with(reset.as_bytes()));
        let other = ApiEvent::of_other_history(line.mark());
        assert!(other.restarts && other.bytes.starts_with(reset.as_bytes()));
    }

    #[test]
    fn topics_are_a_set() {
        let some = Topics::of([Topic::Boot, Topic::Policies]);
        assert_eq!(Topic::ALL.map(|topic| some.has(topic)), [true, false, true, false]);
        assert_eq!(Topic::ALL.map(Topic::name), TOPICS);
    }
}
