//! Names of files for policies, whatever their types and names hold.

use crate::policy::{Policy, id};
use std::collections::HashSet;

/// Characters of a name that a file keeps.
const KEPT: usize = 80;
/// Characters of the hash of an id that tells files apart.
const TAG: usize = 12;

/// The names that are taken, in lower case: some file systems do not tell capitals apart.
#[derive(Debug, Default)]
pub struct FileNames(HashSet<String>);

impl FileNames {
    /// Returns folder and file of a policy: its type and its name. A policy without a name, and one whose name is taken or no
    /// name of a file, gets a part of the hash of its id; the same policy always gets the same name.
    pub fn of(&mut self, policy: &Policy) -> (String, String) {
        let folder = safe(policy.kind());
        let folder = if folder == policy.kind() { folder } else { tagged(&folder, policy.kind(), TAG) };
        let name = policy.text("name").unwrap_or_default();
        let file = safe(name);
        let id = policy.id().unwrap_or_else(|| policy.stored_text());
        let mut candidates = (!name.is_empty() && file == name)
            .then(|| file.clone())
            .into_iter()
            .chain([tagged(&file, &id, TAG), tagged(&file, &id, usize::MAX)]);
        let is_free = |file: &String| self.0.insert(format!("{folder}/{file}").to_lowercase());
        let file = candidates.find(is_free).unwrap_or(file);
        (folder, format!("{file}.json"))
    }
}

/// Replaces what has a meaning in paths, shells or archives.
fn safe(name: &str) -> String {
    let is_safe = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    let mut safe: String = name.chars().take(KEPT).map(|sign| if is_safe(sign) { sign } else { '_' }).collect();
    if safe.is_empty() || safe.starts_with(['.', '-']) {
        safe.insert(0, '_');
    }
    safe
}

fn tagged(name: &str, text: &str, length: usize) -> String {
    let hash = id::hash(text.as_bytes());
    format!("{name}-{}", hash.get(..length).unwrap_or(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(policies: &[(&str, &str, &str)]) -> Vec<String> {
        let mut names = FileNames::default();
        let name = |(kind, name, id): &(&str, &str, &str)| {
            let mut policy = Policy::new(*kind, serde_json::Map::new());
            policy.set("name", *name);
            policy.set("id", *id);
            let (folder, file) = names.of(&policy);
            format!("{folder}/{file}")
        };
        policies.iter().map(name).collect()
    }

    #[test]
    fn plain_names_stay_and_others_get_a_tag() {
        let found = names(&[
            ("operator", "edge-1", "1"),
            ("operator", "EDGE-1", "2"),
            ("operator", "edge-1", "3"),
            ("operator", "../../etc/passwd", "4"),
            ("operator", "", "5"),
            ("../x", "a", "6"),
            (".git", "config", "7"),
            ("operator", &"n".repeat(300), "8"),
            ("operator", "zürich\u{0}\n", "9"),
        ]);
        assert_eq!(found[0], "operator/edge-1.json");
        assert!(found.iter().all(|name| name.is_ascii() && name.matches('/').count() == 1 && !name.contains("/.")));
        assert!(found.iter().all(|name| !name.starts_with('.') && name.len() < 160), "{found:?}");
        let different: HashSet<String> = found.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(different.len(), found.len(), "{found:?}");
    }
}
