//! The policies that are written: 400 bytes each, the same for every peer.

/// Bytes of the text of one policy.
const BYTES: usize = 400;

/// Returns the name of a policy.
pub fn name(number: u64) -> String {
    format!("d{number}")
}

/// Returns the number of a name.
pub fn number(name: &str) -> Option<u64> {
    name.trim().strip_prefix('d')?.parse().ok()
}

/// Returns the text of a policy.
pub fn policy(number: u64) -> String {
    let head = format!(r#"{{"device": {{"name": "{}", "serial": {number}, "text": ""#, name(number));
    let filler = "x".repeat(BYTES.saturating_sub(head.len() + 3));
    format!(r#"{head}{filler}"}}}}"#)
}

/// Returns a list of policies that begins with a number.
pub fn list(first: u64, count: u64) -> String {
    let policies: Vec<String> = (first..first + count).map(policy).collect();
    format!("[{}]", policies.join(","))
}
