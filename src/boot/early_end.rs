//! Whether the scripts of a boot came to their end.

use crate::{node::Node, reply::Error};

/// Returns why the work of the scripts is not done: the script that was run failed, or the configuration policy that it
/// applied, whatever the script made of that. A server that listens is no sign of it.
#[must_use]
pub fn reason(node: &Node, script: Option<&Error>) -> Option<String> {
    let policies = node.settings.get().configurations;
    let failed = policies.iter().find(|attempt| attempt.code != 0);
    let of_policy = failed.map(|attempt| {
        format!(
            "the configuration policy {} ({}) was not applied to its end: {}",
            attempt.name, attempt.id, attempt.message
        )
    });
    of_policy.or_else(|| script.map(|error| format!("the boot script ended early: {error}")))
}
