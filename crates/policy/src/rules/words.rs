//! The rules of a type in words, for people who write a policy. They are made from the same tables that [`super::check`] reads.

use super::{
    schema::{self, Attribute},
    unique_keys,
};

/// Returns what a policy of a type has to fulfil, a sentence each.
#[must_use]
pub fn described(kind: &str) -> Vec<String> {
    let mut rules = vec![
        "A policy is one object with its type as the only key and its attributes below it.".to_owned(),
        "'id' is a text that is not empty, or an integer; 'id' and 'date' are filled in when they are missing."
            .to_owned(),
        "No other policy has the same id.".to_owned(),
    ];
    let attributes = match kind {
        "operator" => schema::OPERATOR,
        "cluster" => schema::CLUSTER,
        "mapping" => schema::MAPPING,
        kind => schema::of(kind),
    };
    rules.extend(attributes.iter().map(|attribute| sentence("", attribute)));
    match kind {
        "cluster" => rules.extend(schema::CLUSTER_TABLE.iter().map(|one| sentence("Each entry of 'table': ", one))),
        "mapping" => rules.extend(schema::COLUMN.iter().map(|one| sentence("Each column of 'schema': ", one))),
        _ => {}
    }
    rules.extend(own(kind).iter().map(|rule| (*rule).to_owned()));
    rules.extend(unique_keys(kind).iter().map(|keys| no_other(keys)));
    if rules.len() == 3 {
        rules.push("Policies of this type have no other rules: every attribute is free.".to_owned());
    }
    rules
}

fn sentence(place: &str, attribute: &Attribute) -> String {
    let name = attribute.name;
    let must = if attribute.is_required() { "is there, and it" } else { "may be missing; when it is there it" };
    let unique = if attribute.unique { ", and no other policy of the type has the same value" } else { "" };
    format!("{place}'{name}' {must} is {}{unique}.", attribute.in_words())
}

fn no_other(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    format!("No other policy of the type has the same {}.", keys.join(" and "))
}

/// Returns the rules of a type that stand in no table.
const fn own(kind: &str) -> &'static [&'static str] {
    match kind.as_bytes() {
        b"operator" => &[
            "The cluster that 'cluster' names by its id is in the ledger.",
            "'member' is an integer that no other operator of the cluster has; when it is missing, one from 1 to 255 is chosen.",
            "No other operator of the company has the same 'name'.",
        ],
        b"cluster" => &[
            "'name' is not empty, and no other cluster without a parent has it.",
            "A cluster with 'parent' has the name and the company of its parent, which is in the ledger.",
            "'table' lists no table twice; 'status' is filled in as 'active', also of each table.",
        ],
        b"table" => &["'name', 'dbms' and 'create' are there, and they are texts."],
        b"mapping" => &[
            "Each column of 'schema' is an object or a list of objects, unless its name begins and ends with '__'.",
            "'default' of a column has the type of the column.",
            "What 'import' names by ids are mappings of the ledger.",
        ],
        b"member" => &["There is one member of the type 'root' at most."],
        b"tag" => &[
            "'node_iid' or 'node_sid' is there.",
            "No other tag has the same 'dbms' and 'table', also together with 'node_iid' or 'node_sid'.",
        ],
        b"uns" => &[
            "'parent' is the id of a policy of the type 'uns' that is in the ledger.",
            "With 'table' there is 'dbms', and no other policy of the type has the same 'dbms', 'table' and 'name'.",
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_says_its_rules() {
        let has = |kind: &str, rule: &str| described(kind).iter().any(|one| one == rule);
        assert!(has("operator", "'port' is there, and it is an integer."), "{:?}", described("operator"));
        assert!(has("operator", "No other policy of the type has the same 'ip' and 'port'."));
        // Any integer may be given: the range is that of the numbers that are chosen.
        let member = "'member' is an integer that no other operator of the cluster has; when it is missing, one from 1 to 255 is chosen.";
        assert!(has("operator", member));
        assert!(has("cluster", "Each entry of 'table': 'status' may be missing; when it is there it is a text."));
        assert!(has(
            "bucket",
            "'name' is there, and it is a text, and no other policy of the type has the same value."
        ));
        assert_eq!(described("anything").len(), 4);
        for kind in ["operator", "cluster", "table", "mapping", "member", "tag", "uns", "license"] {
            assert!(described(kind).len() > 4, "{kind}");
        }
    }
}
