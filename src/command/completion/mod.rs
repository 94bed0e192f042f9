//! What may stand at the cursor of a line that somebody types: names of commands, their options, variables, and the types,
//! attributes, values and ids of policies. Pure: it reads a line, the catalog and the node, and every edge where people type
//! shows the same [`Completion`].
//!
//! A list of words of commands stands nowhere: the entries say their words, what stands behind them
//! ([`Behind`](crate::command::Behind)), and their options in their help. What a caller may not run or read is not offered.

mod arguments;
mod candidate;
mod known_policies;
mod names;
mod option_words;
mod query_words;
mod typed_line;

pub use candidate::{Candidate, CandidateKind, Completion};

use crate::{
    command::engine::{Access, Catalog, Entry, access, may_run},
    node::{Node, Session},
};
use arguments::Caller;
use candidate::Offer;
use known_policies::KnownPolicies;
use typed_line::TypedLine;

/// Returns what may stand at a place of a line, at most
/// [`COMPLETION_CANDIDATES`](crate::runtime::limits::COMPLETION_CANDIDATES) words in the order of their texts.
///
/// `line` may hold several commands (`a & b`, `x = a`, `<a`); `at` is the cursor's offset in bytes, and one that is no
/// place of the line stands for its end. It takes some milliseconds in a ledger of 50,000 policies.
#[must_use]
pub fn complete(catalog: &'static Catalog, line: &str, at: usize, node: &Node, session: &Session) -> Completion {
    let typed = TypedLine::read(line, at);
    let mut offer = Offer::new(&typed);
    let may = |access| {
        use access::Permission::{Within, Yes};
        matches!(access::permission(session.door(), access), Yes | Within(_))
    };
    match typed.word.strip_prefix('!') {
        Some(_) if may(Access::ReadInside) => {
            for (name, _) in node.dictionary.variables() {
                offer.add(CandidateKind::Variable, &format!("!{name}"));
            }
        }
        Some(_) => {}
        None if typed.is_inside_object => {}
        None => {
            let view = node.ledger.view();
            let policies = may(Access::ReadLedger).then(|| KnownPolicies::new(&view));
            let may_run = |entry: &Entry| may_run(entry, node, session).is_ok();
            let caller = Caller { catalog, may_run: &may_run, policies };
            caller.offer(&typed.words, &mut offer);
        }
    }
    offer.into_completion()
}

/// Returns the words of commands and their options that may stand at the end of a line, where no node can be asked.
#[must_use]
pub fn complete_names(catalog: &'static Catalog, line: &str) -> Completion {
    let typed = TypedLine::read(line, line.len());
    let mut offer = Offer::new(&typed);
    if !typed.is_inside_object {
        Caller { catalog, may_run: &|_| true, policies: None }.offer(&typed.words, &mut offer);
    }
    offer.into_completion()
}
