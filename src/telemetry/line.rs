//! One line of the log before it is written: what an event says, as data.

use crate::telemetry::{clean::clean, request};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    error::Error,
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
};
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

/// A field with this name asks for one field a line where people read: the first block of a start.
const BLOCK: &str = "block";
/// Where lines of libraries without `tracing` say which library they come from.
const LOG_TARGET: &str = "log.target";

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub time: Timestamp,
    pub level: Level,
    /// The module that says it, `anylog_master::rest::server`.
    pub target: String,
    pub message: String,
    pub fields: Vec<(&'static str, Value)>,
    /// True when people read one field a line.
    pub is_block: bool,
}

impl Line {
    /// Reads an event.
    pub fn of(event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let mut line = Self {
            time: Timestamp::now(),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            message: String::new(),
            fields: Vec::new(),
            is_block: false,
        };
        event.record(&mut line);
        if let Some((name, id)) = request::current() {
            line.fields.push((name, id));
        }
        line
    }

    /// Returns the part of the program that says it, without the name of the program.
    pub fn room(&self) -> &str {
        self.target.strip_prefix("anylog_master::").unwrap_or(&self.target)
    }

    /// Returns a number that is the same for lines that say the same, whoever's request they belong to.
    pub fn likeness(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.message.hash(&mut hasher);
        for (name, value) in self.fields.iter().filter(|(name, _)| !request::FIELDS.contains(name)) {
            (name, value.to_string()).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (BLOCK, Value::Bool(is_block)) => self.is_block = is_block,
            (LOG_TARGET, Value::String(target)) => self.target = target,
            (name, _) if name.starts_with("log.") && name != "log.level" => {}
            (name, value) => self.fields.push((name, value)),
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, u64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, clean(value).into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, clean(&value.to_string()).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, clean(&format!("{value:?}")).into());
    }
}
