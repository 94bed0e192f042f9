//! What stands behind a type of policies: conditions, their values, and what `bring` shows (reference/ledger 7).

use crate::{
    command::completion::{
        candidate::{CandidateKind, Offer},
        known_policies::{Kinds, KnownPolicies},
    },
    values::Comparison,
};

/// The options behind `bring`, of which a query takes any number (reference/ledger 7.5).
const BRING_OPTIONS: [&str; 14] = [
    "children", "count", "first", "ip_port", "json", "last", "list", "max", "min", "null", "recent", "sort", "table",
    "unique",
];

/// Offers what goes on with the arguments of a command behind which a type of policies stands.
pub(super) fn offer(policies: &KnownPolicies<'_>, arguments: &[&str], offer: &mut Offer<'_>) {
    let Some((kinds, behind)) = kinds_of(arguments) else { return policies.offer_types(offer) };
    let is_bring = |word: &&str| *word == "bring" || word.starts_with("bring.");
    if offer.word.starts_with("bring.") {
        return bring_options(offer);
    }
    match behind {
        [.., "=" | "with"] if behind.iter().any(is_bring) => {}
        _ if behind.iter().any(is_bring) => items(policies, &kinds, offer),
        [] => offer.add(CandidateKind::Option, "bring"),
        [.., "where" | "and" | "or" | "not"] | [.., "("] => attributes(policies, &kinds, offer),
        [.., path, "with"] => policies.offer_values(&kinds, &keys_of(path), offer),
        [.., path, sign] if is_comparison(sign) => policies.offer_values(&kinds, &keys_of(path), offer),
        [.., before, _] if *before == "with" || is_comparison(before) => {
            ["and", "bring"].iter().for_each(|word| offer.add(CandidateKind::Option, word));
        }
        [.., "where" | "and" | "or" | "not", _] => {
            let signs = Comparison::ALL.iter().map(|sign| sign.as_str());
            signs.chain(["=", "with"]).for_each(|sign| offer.add(CandidateKind::Option, sign));
        }
        _ => {}
    }
}

/// Returns the types that a query names, and the words behind them; nothing while they are typed.
fn kinds_of<'w, 'a>(arguments: &'w [&'a str]) -> Option<(Kinds<'a>, &'w [&'a str])> {
    match arguments {
        [] => None,
        ["(", rest @ ..] => {
            let end = rest.iter().position(|word| *word == ")")?;
            let (kinds, behind) = rest.split_at_checked(end)?;
            let kinds = kinds.iter().copied().filter(|word| *word != ",").collect();
            Some((Kinds::Named(kinds), behind.get(1..)?))
        }
        ["root", "policies", behind @ ..] => Some((Kinds::All, behind)),
        ["*", behind @ ..] => Some((Kinds::All, behind)),
        [kind, behind @ ..] => Some((Kinds::Named(vec![kind]), behind)),
    }
}

fn is_comparison(sign: &str) -> bool {
    sign == "=" || Comparison::ALL.iter().any(|one| one.as_str() == sign)
}

/// Returns the keys of a path: `name`, `table[dbms]`, `[table][dbms]`, `[port].int`.
fn keys_of(path: &str) -> Vec<&str> {
    let path = path.strip_suffix(".int").or_else(|| path.strip_suffix(".float")).unwrap_or(path);
    path.split(['[', ']']).filter(|key| !key.is_empty()).collect()
}

/// Offers paths as conditions have them: `name`, `table[dbms]`, or `[name]` when a bracket is typed.
fn attributes(policies: &KnownPolicies<'_>, kinds: &Kinds<'_>, offer: &mut Offer<'_>) {
    let in_brackets = offer.word.starts_with('[');
    for (_, path) in policies.attributes(kinds, offer) {
        let text = match path.as_slice() {
            [key, rest @ ..] if !in_brackets => format!("{key}{}", bracketed(rest)),
            path => bracketed(path),
        };
        offer.add(CandidateKind::Attribute, &text);
    }
}

/// Offers paths as `bring` has them, which begin with the type: `[*][name]`, `[operator][name]`.
fn items(policies: &KnownPolicies<'_>, kinds: &Kinds<'_>, offer: &mut Offer<'_>) {
    let names_type = offer.word.starts_with('[') && !"[*]".starts_with(offer.word) && !offer.word.starts_with("[*]");
    offer.add(CandidateKind::Attribute, "[*]");
    offer.add(CandidateKind::Option, "separator");
    for (kind, path) in policies.attributes(kinds, offer) {
        let kind = if names_type { kind.as_str() } else { "*" };
        offer.add(CandidateKind::Attribute, &format!("[{kind}]{}", bracketed(&path)));
    }
}

fn bracketed(path: &[String]) -> String {
    path.iter().map(|key| format!("[{key}]")).collect()
}

/// Offers what goes on behind `bring.`: any number of options, each once.
fn bring_options(offer: &mut Offer<'_>) {
    let Some((before, _)) = offer.word.rsplit_once('.') else { return };
    for option in BRING_OPTIONS.iter().filter(|option| !before.split('.').any(|given| given == **option)) {
        offer.add(CandidateKind::Option, &format!("{before}.{option}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        query::Query,
        script::{NoVariables, words},
    };

    #[test]
    fn the_options_are_those_of_queries() {
        for option in BRING_OPTIONS {
            let query = words(&format!("operator bring.{option} [*][name]")).unwrap();
            assert!(Query::parse(&query, &NoVariables).is_ok(), "{option}");
        }
    }

    #[test]
    fn a_path_is_read_in_each_of_its_forms() {
        for path in ["table[dbms]", "[table][dbms]", "[table][dbms].int"] {
            assert_eq!(keys_of(path), ["table", "dbms"]);
        }
    }
}
