//! The types of policies in groups, with how many policies each has.

use super::addresses::encoded;
use crate::{command::ledger::documents::TypeCount, console::words::short};

/// The groups with the types that belong to them; every other type stands in the last one.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Nodes", &["master", "operator", "publisher", "query", "node", "config"]),
    ("Data", &["cluster", "table", "mapping", "transform", "bucket", "tag", "uns", "distribution"]),
    ("Rights", &["member", "permissions", "assignment", "license"]),
    ("Other types", &[]),
];

/// A group of types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeGroup {
    /// Its name.
    pub name: &'static str,
    /// Policies of all its types.
    pub count: usize,
    /// Its types.
    pub types: Vec<TypeBranch>,
}

/// A type in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeBranch {
    /// Its name, cut when it is long.
    pub name: String,
    /// Its name in a URL.
    pub encoded: String,
    /// How many policies it has.
    pub count: usize,
    /// True for the type that is shown.
    pub is_current: bool,
}

/// Puts types into their groups; a group without any is left out.
#[must_use]
pub fn grouped(types: &[TypeCount], current: Option<&str>) -> Vec<TypeGroup> {
    let last = GROUPS.len() - 1;
    let place = |kind: &str| GROUPS.iter().position(|(_, known)| known.contains(&kind)).unwrap_or(last);
    let branch = |one: &TypeCount| TypeBranch {
        name: shown(&one.kind),
        encoded: encoded(&one.kind),
        count: one.count,
        is_current: current == Some(&*one.kind),
    };
    let group = |(at, (name, _)): (usize, &(&'static str, _))| {
        let types: Vec<TypeBranch> = types.iter().filter(|one| place(&one.kind) == at).map(branch).collect();
        TypeGroup { name, count: types.iter().map(|one| one.count).sum(), types }
    };
    GROUPS.iter().enumerate().map(group).filter(|group| !group.types.is_empty()).collect()
}

/// A type may be empty, and as long as it likes.
fn shown(kind: &str) -> String {
    if kind.is_empty() { "(no name)".to_owned() } else { short(kind, 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_stand_in_their_groups() {
        let types = ["<b>", "cluster", "operator", "master"].map(|kind| TypeCount { kind: kind.into(), count: 2 });
        let groups = grouped(&types, Some("operator"));
        let told: Vec<_> = groups.iter().map(|group| (group.name, group.types.len(), group.count)).collect();
        assert_eq!(told, [("Nodes", 2, 4), ("Data", 1, 2), ("Other types", 1, 2)]);
        assert!(groups[0].types[0].is_current && groups[2].types[0].encoded == "%3Cb%3E");
    }
}
