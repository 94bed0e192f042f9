//! Configuration of the node: `anylog_configs.env`, the process environment, defaults.

/// The effective configuration.
#[derive(Clone, Debug, Default)]
pub struct Config {}
