//! `docker run --env-file`, which takes every text as it is.

use super::reading::Reading;

/// Reads one assignment; of one that goes on in more lines the first counts.
pub fn read(statement: &str) -> Reading {
    let line = statement.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
    let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
    match value {
        _ if name.is_empty() || name.contains([' ', '\t']) => Reading::Refused,
        None => Reading::Nothing,
        Some(value) => Reading::Value(value.to_owned()),
    }
}
