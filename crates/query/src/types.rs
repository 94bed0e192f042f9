//! Which policies a query starts from (reference/ledger 7.1).

use super::{Budget, Error, Exhausted, filter::Filter, reads::Reads, row::Row};
use anylog_policy::{Candidate, Candidates, Known, ListedPolicy, Policy};
use anylog_script::{Scope, Word, resolve};
use std::{
    collections::{BTreeSet, HashMap},
    iter,
};

/// The attribute that names the policy above.
const PARENT: &str = "parent";
/// The attribute that names the policy itself.
const ID: &str = "id";
/// Bytes of a text that are passed over in the time in which one is read: more looks at the clock than that would take longer than
/// the reading.
const PASSED: usize = 8;

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

    /// Returns the policies of the types that the filter accepts, in ledger order, with as much of each as is shown.
    pub(super) fn select<'a>(
        &self,
        known: &'a dyn Known,
        filter: &Filter,
        shown: Reads<'_>,
        budget: &Budget<'_>,
    ) -> Result<Vec<Row<'a>>, Exhausted> {
        let look = Look::new(known, self, filter, shown);
        let mut rows = Vec::new();
        self.each(known, filter, budget, |candidate, count| {
            let Some(row) = look.at(candidate, budget)? else { return Ok(()) };
            for row in iter::repeat_n(row, count) {
                budget.keep_row()?;
                rows.push(row);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// Lists the policies of the types that the filter accepts, in ledger order. What is not read by then stays a text.
    pub(super) fn list(
        &self,
        known: &dyn Known,
        filter: &Filter,
        budget: &Budget<'_>,
    ) -> Result<Vec<ListedPolicy>, Exhausted> {
        let look = Look::new(known, self, filter, Reads::default());
        let mut list = Vec::new();
        self.each(known, filter, budget, |candidate, count| {
            if !look.accepts(&candidate, budget)? {
                return Ok(());
            }
            for candidate in iter::repeat_n(candidate, count) {
                budget.keep_row()?;
                charge_listed(&candidate, budget)?;
                list.push(candidate.listed());
            }
            Ok(())
        })?;
        Ok(list)
    }

    /// Shows the policies of the types to `take` in ledger order, and how often each is meant.
    fn each<'a>(
        &self,
        known: &'a dyn Known,
        filter: &Filter,
        budget: &Budget<'_>,
        mut take: impl FnMut(Candidate<'a>, usize) -> Result<(), Exhausted>,
    ) -> Result<(), Exhausted> {
        let times = if let Self::Named(names) = self { counted(names) } else { HashMap::new() };
        for candidate in self.candidates(known, filter) {
            budget.work(1)?;
            let count = match self {
                Self::All => 1,
                Self::Named(_) => times.get(candidate.kind()).copied().unwrap_or_default(),
                Self::Roots(types) => usize::from(types.has(candidate.kind())),
            };
            if count > 0 {
                take(candidate, count)?;
            }
        }
        Ok(())
    }

    /// Returns what has to be read of a policy to know whether it is wanted.
    fn reads<'q>(&self, filter: &'q Filter) -> BTreeSet<&'q str> {
        let mut reads = filter.reads();
        if matches!(self, Self::Roots(_)) {
            reads.extend([PARENT, ID]);
        }
        reads
    }

    /// Returns the policies to look at, which may be of other types: those of an index when the filter names what it is
    /// made of.
    fn candidates<'a>(&self, known: &'a dyn Known, filter: &Filter) -> Candidates<'a> {
        if let Some(id) = filter.equal(ID) {
            return Box::new(known.with_id(id).map(Candidate::Read));
        }
        match self {
            Self::Named(names) => match names.as_slice() {
                [kind] => of_one_type(known, kind, filter),
                _ => known.candidates(None),
            },
            Self::All | Self::Roots(_) => known.candidates(None),
        }
    }
}

/// Looks at one policy after the other.
struct Look<'q, 'a> {
    known: &'a dyn Known,
    types: &'q Types,
    filter: &'q Filter,
    /// What is read at first.
    first: Reads<'q>,
    /// True when all of a policy is shown, but not read at first: most are not wanted.
    then_whole: bool,
}

impl<'q, 'a> Look<'q, 'a> {
    fn new(known: &'a dyn Known, types: &'q Types, filter: &'q Filter, shown: Reads<'q>) -> Self {
        let decides = types.reads(filter);
        let then_whole = shown == Reads::Whole && !decides.is_empty();
        let first = if then_whole { Reads::Attributes(decides) } else { shown.and(Reads::Attributes(decides)) };
        Self { known, types, filter, first, then_whole }
    }

    /// Returns a policy with as much of it as is shown, if it is wanted.
    fn at(&self, candidate: Candidate<'a>, budget: &Budget<'_>) -> Result<Option<Row<'a>>, Exhausted> {
        let wanted = self.wanted(&candidate, budget)?;
        if wanted.is_none() || !self.then_whole {
            return Ok(wanted);
        }
        budget.read(candidate.unread_bytes())?;
        Ok(candidate.whole().map(Row::Known))
    }

    /// Tells whether a policy is wanted; nothing is read where every one is.
    fn accepts(&self, candidate: &Candidate<'a>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
        let takes_all = self.filter.accepts_all() && !matches!(self.types, Types::Roots(_));
        Ok(takes_all || self.wanted(candidate, budget)?.is_some())
    }

    /// Returns what is read at first of a policy, if it is wanted.
    fn wanted(&self, candidate: &Candidate<'a>, budget: &Budget<'_>) -> Result<Option<Row<'a>>, Exhausted> {
        budget.read(candidate.unread_bytes() / PASSED)?;
        let first = match &self.first {
            Reads::Attributes(attributes) => candidate.part(attributes),
            Reads::Whole => candidate.clone().whole(),
        };
        let Some(first) = first else { return Ok(None) };
        if matches!(self.types, Types::Roots(_)) && !is_root(self.known, &first) {
            return Ok(None);
        }
        let first = Row::Known(first);
        Ok(self.filter.accepts(&first, budget)?.then_some(first))
    }
}

/// Charges what a policy takes in a list beside its place: the memory of its value, or the reading of its text and what is
/// written of it, which is about as long.
fn charge_listed(candidate: &Candidate<'_>, budget: &Budget<'_>) -> Result<(), Exhausted> {
    match candidate {
        Candidate::Read(policy) => budget.keep_map(policy.body()),
        Candidate::Unread(policy) => {
            budget.read(policy.text.len())?;
            budget.keep(policy.text.len())
        }
    }
}

/// Tells whether a policy has no parent and at least one child.
fn is_root(known: &dyn Known, policy: &Policy) -> bool {
    policy.kind() != "cluster"
        && policy.get(PARENT).is_none()
        && policy.id().is_some_and(|id| known.children(&id).next().is_some())
}

fn counted(names: &[String]) -> HashMap<&str, usize> {
    let mut times = HashMap::new();
    for name in names {
        *times.entry(name.as_str()).or_insert(0) += 1;
    }
    times
}

fn of_one_type<'a>(known: &'a dyn Known, kind: &str, filter: &Filter) -> Candidates<'a> {
    if let Some(name) = filter.equal("name") {
        return Box::new(known.named(kind, name).map(Candidate::Read));
    }
    if let (Some(ip), Some(port)) = (filter.equal("ip"), filter.equal("port")) {
        return Box::new(known.at_address(kind, ip, port).map(Candidate::Read));
    }
    known.candidates(Some(kind))
}
