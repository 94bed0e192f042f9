//! A line of the log as one JSON object.

use crate::telemetry::line::Line;
use serde_json::{Map, Value};

/// Keys that the line itself has; a field of the same name does not take their place.
const OWN: [&str; 4] = ["timestamp", "level", "message", "target"];

/// Writes a line, its end included.
pub(super) fn json(line: &Line) -> String {
    let mut object = Map::new();
    object.insert("timestamp".to_owned(), format!("{:.6}", line.time).into());
    object.insert("level".to_owned(), line.level.as_str().into());
    object.insert("message".to_owned(), line.message.clone().into());
    object.extend(line.fields.iter().map(|(name, value)| {
        let name = if OWN.contains(name) { format!("field.{name}") } else { (*name).to_owned() };
        (name, value.clone())
    }));
    object.insert("target".to_owned(), line.target.clone().into());
    let mut text = Value::Object(object).to_string();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use tracing::Level;

    #[test]
    fn a_line_is_one_object_with_numbers_as_numbers() {
        let line = Line {
            time: Timestamp::UNIX_EPOCH,
            level: Level::INFO,
            target: "anylog_master::boot".to_owned(),
            message: "two\nlines".to_owned(),
            fields: vec![("ms", 2.0.into()), ("level", "x".into())],
            is_block: false,
        };
        assert_eq!(
            json(&line),
            "{\"timestamp\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"INFO\",\"message\":\"two\\nlines\",\"ms\":2.0,\"field.level\":\"x\",\"target\":\"anylog_master::boot\"}\n"
        );
    }
}
