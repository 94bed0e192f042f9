//! What stands behind the name of a command, as its entry says.

use crate::command::{
    completion::{
        candidate::Offer,
        known_policies::{Kinds, KnownPolicies},
        names, option_words, query_words,
    },
    engine::{Behind, Catalog, Entry},
};

/// Most commands inside each other that are followed.
const DEPTH: usize = 8;

/// Who types, and what that caller may see.
pub(super) struct Caller<'a> {
    pub(super) catalog: &'static Catalog,
    /// Tells whether the caller may run a command.
    pub(super) may_run: &'a dyn Fn(&Entry) -> bool,
    /// The policies; none when the caller may not read them.
    pub(super) policies: Option<KnownPolicies<'a>>,
}

impl Caller<'_> {
    /// Offers what goes on with the words of a command.
    pub(super) fn offer(&self, words: &[&str], offer: &mut Offer<'_>) {
        let mut words = words;
        for _ in 0..DEPTH {
            names::offer(self.catalog, words, self.may_run, offer);
            let Some((entry, arguments)) = names::named(self.catalog, words) else { return };
            if !(self.may_run)(entry) {
                return;
            }
            option_words::offer(entry, arguments, offer);
            match inner(entry.traits.behind, arguments) {
                Some(command) => words = command,
                None => return self.offer_policies(entry.traits.behind, arguments, offer),
            }
        }
    }

    fn offer_policies(&self, behind: Behind, arguments: &[&str], offer: &mut Offer<'_>) {
        let Some(policies) = &self.policies else { return };
        match (behind, arguments) {
            (Behind::PolicyType, _) => query_words::offer(policies, arguments, offer),
            (Behind::PolicyId, []) => policies.offer_ids(&Kinds::All, offer),
            (Behind::IdOption, [.., "id", "="]) => policies.offer_ids(&Kinds::All, offer),
            // One id of a list.
            (Behind::IdOption, [before @ .., _, ","]) if ends_list(before) => policies.offer_ids(&Kinds::All, offer),
            _ => {}
        }
    }
}

/// Tells whether words end with `id =` and any number of ids with their commas.
fn ends_list(words: &[&str]) -> bool {
    match words {
        [.., "id", "="] => true,
        [before @ .., _, ","] => ends_list(before),
        _ => false,
    }
}

/// Returns the words of the command that stands inside another one.
fn inner<'w, 'a>(behind: Behind, arguments: &'w [&'a str]) -> Option<&'w [&'a str]> {
    match behind {
        Behind::Command => match arguments {
            ["(", rest @ ..] => {
                let end = rest.iter().position(|word| *word == ")")?;
                rest.get(end + 1..)
            }
            words => Some(words),
        },
        Behind::CommandAfter(word) => {
            let at = arguments.iter().position(|one| *one == word)?;
            arguments.get(at + 1..)
        }
        Behind::Options | Behind::PolicyType | Behind::PolicyId | Behind::IdOption => None,
    }
}
