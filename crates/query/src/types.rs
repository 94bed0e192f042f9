//! Which policies a query starts from (reference/ledger 7.1).

use super::{Budget, Error, Exhausted, filter::Filter, row::Row};
use anylog_policy::{Known, Policies, Policy};
use anylog_script::{Scope, Word, resolve};
use std::collections::HashMap;

/// The types of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Types {
    /// `*`.
    All,
    /// One type, or several in the order in which they were written.
    Named(Vec<String>),
    /// `root policies`: without parent, with at least one child.
    Roots(RootTypes),
}

/// Which of the root policies are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RootTypes {
    /// All of them.
    All,
    /// `include TYPE …`: those of these types.
    Include(Vec<String>),
    /// `exclude TYPE …`: those of other types.
    Exclude(Vec<String>),
}

impl RootTypes {
    /// Reads the types behind `root policies` and returns the words after them.
    fn parse<'w>(words: &'w [Word], scope: &dyn Scope) -> Result<(Self, &'w [Word]), Error> {
        let [choice, rest @ ..] = words else { return Ok((Self::All, words)) };
        let (chosen, what): (fn(Vec<String>) -> Self, _) = match choice.text.as_str() {
            "include" => (Self::Include, "include"),
            "exclude" => (Self::Exclude, "exclude"),
            _ => return Ok((Self::All, words)),
        };
        let ends = |word: &Word| {
            ["where", "join", "merge"].iter().any(|end| word.is(end)) || word.text.split('.').next() == Some("bring")
        };
        let count = rest.iter().position(ends).unwrap_or(rest.len());
        let (types, rest) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        if types.is_empty() {
            return Err(Error::structure(format!("policy types are expected behind 'root policies {what}'")));
        }
        Ok((chosen(types.iter().map(|word| resolve(word, scope).into_text()).collect()), rest))
    }

    fn has(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Include(types) => types.iter().any(|one| one == kind),
            Self::Exclude(types) => types.iter().all(|one| one != kind),
        }
    }
}

impl Types {
    /// Reads the types and returns the words after them.
    pub(super) fn parse<'w>(words: &'w [Word], scope: &dyn Scope) -> Result<(Self, &'w [Word]), Error> {
        match words {
            [] => Err(Error::structure("a policy type, '*' or a list of types is expected")),
            [root, policies, rest @ ..] if root.is("root") && policies.is("policies") => {
                RootTypes::parse(rest, scope).map(|(types, rest)| (Self::Roots(types), rest))
            }
            [word, rest @ ..] => {
                let text = resolve(word, scope).into_text();
                if text.is_empty() {
                    return Err(Error::NoValue(word.text.clone()));
                }
                Ok((Self::read(&text), rest))
            }
        }
    }

    fn read(text: &str) -> Self {
        let Some(list) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
            return if text == "*" { Self::All } else { Self::Named(vec![text.to_owned()]) };
        };
        let names: Vec<String> =
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.iter().any(|name| name == "*") { Self::All } else { Self::Named(names) }
    }

    /// Returns the policies of the types that the filter accepts, in ledger order.
    pub(super) fn select<'a>(
        &self,
        known: &'a dyn Known,
        filter: &Filter,
        budget: &Budget<'_>,
    ) -> Result<Vec<Row<'a>>, Exhausted> {
        let times = if let Self::Named(names) = self { counted(names) } else { HashMap::new() };
        let mut rows = Vec::new();
        for policy in self.candidates(known, filter) {
            budget.work(1)?;
            let count = match self {
                Self::All => 1,
                Self::Named(_) => times.get(policy.kind()).copied().unwrap_or_default(),
                Self::Roots(types) => usize::from(types.has(policy.kind()) && is_root(known, policy)),
            };
            let row = Row::Known(policy);
            if count == 0 || !filter.accepts(&row, budget)? {
                continue;
            }
            for _ in 0..count {
                budget.keep_row()?;
                rows.push(row.clone());
            }
        }
        Ok(rows)
    }

    /// Returns the policies to look at, which may be of other types: those of an index when the filter names what it is
    /// made of.
    fn candidates<'a>(&self, known: &'a dyn Known, filter: &Filter) -> Policies<'a> {
        if let Some(found) = filter.equal("id").and_then(|id| by_id(known, id)) {
            return found;
        }
        match self {
            Self::Named(names) => match names.as_slice() {
                [kind] => of_one_type(known, kind, filter),
                _ => known.all(),
            },
            Self::All | Self::Roots(_) => known.all(),
        }
    }
}

/// Tells whether a policy has no parent and at least one child.
fn is_root(known: &dyn Known, policy: &Policy) -> bool {
    policy.kind() != "cluster"
        && policy.get("parent").is_none()
        && policy.id().is_some_and(|id| known.children(&id).next().is_some())
}

fn counted(names: &[String]) -> HashMap<&str, usize> {
    let mut times = HashMap::new();
    for name in names {
        *times.entry(name.as_str()).or_insert(0) += 1;
    }
    times
}

/// Returns the policy with an id, or nothing to tell that only a look at all policies can answer.
fn by_id<'a>(known: &'a dyn Known, id: &str) -> Option<Policies<'a>> {
    let generated = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    match known.by_id(id).or_else(|| known.by_id(&id.to_ascii_lowercase())) {
        Some(policy) => Some(Box::new(std::iter::once(policy))),
        None if generated => Some(Box::new(std::iter::empty())),
        None => None,
    }
}

fn of_one_type<'a>(known: &'a dyn Known, kind: &str, filter: &Filter) -> Policies<'a> {
    if let Some(name) = filter.equal("name") {
        return known.named(kind, name);
    }
    if let (Some(ip), Some(port)) = (filter.equal("ip"), filter.equal("port")) {
        return known.at_address(kind, ip, port);
    }
    known.of_type(kind)
}
