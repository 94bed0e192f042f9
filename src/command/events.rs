//! Rings of recent events: event log, error log, REST log, echo queue (spec/rest 10 "Logs", spec/command-language 7.7).

/// The logs of one node.
#[derive(Debug, Default)]
pub struct Events {}
