//! Where a caller's references get their values from.

use super::{
    node::Node,
    secret,
    session::{Door, Origin, Session},
};
use crate::script::{Scope, Word, place_of};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

/// The caller's own variables, then the dictionary of the node. Secrets are masked;
/// the boot plan gets its values bound, because they are what the configuration says and not text of the language.
pub struct SessionScope<'a> {
    node: &'a Node,
    locals: Option<&'a HashMap<String, String>>,
    masks: bool,
    binds: bool,
    opens: Opened,
    /// Nothing of the node is seen: the caller is another node or a page of another origin, and its variables are not for
    /// those.
    hides: bool,
}

/// The names under which a node has the URL of a provider: the variable of scripts, and that of the environment.
const PROVIDERS: [&str; 2] = ["provider", "PROVIDER"];

/// What of the closed values a command is given.
#[derive(Clone, Copy)]
enum Opened {
    Nothing,
    /// The URL of a chain's provider, which scripts take from the environment under its own name.
    Provider,
    Everything,
}

impl<'a> SessionScope<'a> {
    /// Creates the scope in which the value for a key is found: what shows nothing may come from what is closed. A place in an
    /// object (`name[place]`) is as open as the variable that holds the object. `found` finds the value in a scope: over the network
    /// a provider is given whole or not at all, for as a part of another URL it would lead its key to whoever names the rest.
    #[must_use]
    pub fn for_key(
        node: &'a Node,
        session: &'a Session,
        key: &str,
        found: impl Fn(&dyn Scope) -> Option<String>,
    ) -> Self {
        let key = key.strip_prefix(['!', '$']).unwrap_or(key);
        if secret::is_provider(key) {
            let open = Self { opens: Opened::Provider, ..Self::new(node, session) };
            let is_whole = || found(&open).is_some_and(|text| Self::is_whole_provider(&open, &text));
            return if !session.origin.is_from_network() || is_whole() { open } else { Self::new(node, session) };
        }
        let name = place_of(key).map_or(key, |(name, _)| name);
        if secret::is_kept_closed(name) { Self::with_secrets(node, session) } else { Self::new(node, session) }
    }

    /// Tells whether a text is all of a provider that is known in a scope which opens it.
    #[must_use]
    pub fn is_whole_provider(scope: &dyn Scope, text: &str) -> bool {
        let is_text = |value: Option<String>| value.is_some_and(|value| value == text);
        PROVIDERS.into_iter().any(|name| is_text(scope.variable(name)) || is_text(scope.environment(name)))
    }

    /// Creates the scope of a caller.
    #[must_use]
    pub fn new(node: &'a Node, session: &'a Session) -> Self {
        let masks = session.origin.is_from_network() && session.depth == 0;
        let binds = session.origin == Origin::Plan && session.depth == 0;
        let hides = match session.door() {
            Door::Peer => !node.peer_access.shows_variables(),
            Door::OtherOrigin => true,
            Door::RestRead | Door::RestPublish | Door::RestAdmin | Door::Prompt | Door::Boot => false,
        };
        Self { node, locals: session.locals.as_ref(), masks, binds, opens: Opened::Nothing, hides }
    }

    /// Creates a scope that opens secrets: for the login of a database, and for a value on its way from the name of one
    /// secret to that of another.
    pub fn with_secrets(node: &'a Node, session: &'a Session) -> Self {
        Self { masks: false, opens: Opened::Everything, ..Self::new(node, session) }
    }

    /// Returns a text of this command without the secrets that its words refer to.
    pub fn masked(&self, words: &[Word], text: &str) -> String {
        // A line may name one secret very often. Those that may have others in them are replaced first.
        let named: BTreeSet<String> = words.iter().flat_map(|word| self.secrets_of(&word.text)).collect();
        let mut secrets: Vec<String> = named.into_iter().filter(|secret| !secret.is_empty()).collect();
        secrets.sort_by_key(|secret| Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), secret::MASK))
    }

    /// Returns what the references to secrets in a word stand for, wherever in it they are.
    fn secrets_of(&self, word: &str) -> Vec<String> {
        let marks = word.char_indices().filter(|(_, mark)| matches!(mark, '!' | '$'));
        let secrets = marks.filter_map(|(at, mark)| {
            let rest = word.get(at + 1..)?;
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
            let name = rest.get(..end).filter(|name| secret::is_secret(name))?;
            if mark == '!' { self.node.dictionary.open(name) } else { self.node.dictionary.open_environment(name) }
        });
        secrets.collect()
    }

    /// Tells whether the value under a name is given as it is.
    fn is_open(&self, name: &str) -> bool {
        match self.opens {
            Opened::Nothing => false,
            Opened::Provider => secret::is_provider(name),
            Opened::Everything => true,
        }
    }

    /// Returns a value as the caller may see it.
    fn offered(&self, name: &str, value: String) -> String {
        if self.masks { secret::value_or_mask(name, &value).into_owned() } else { value }
    }
}

impl Scope for SessionScope<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        let own = self.locals.and_then(|locals| locals.get(name));
        // What a caller took from a closed value is as closed under its own name.
        let own = own.map(|value| if self.is_open(name) { value.clone() } else { secret::closed(name, value) });
        own.or_else(|| {
            if self.hides {
                return None;
            }
            let dictionary = &self.node.dictionary;
            if self.is_open(name) {
                return dictionary.open(name);
            }
            Some(self.offered(name, dictionary.get(name)?))
        })
    }

    fn environment(&self, name: &str) -> Option<String> {
        if self.hides {
            return None;
        }
        let dictionary = &self.node.dictionary;
        if self.is_open(name) {
            return dictionary.open_environment(name);
        }
        let value = self.offered(name, dictionary.environment(name)?);
        // Other programs keep all they know of a login in one variable.
        Some(if self.masks { secret::masked(&value).into_owned() } else { value })
    }

    fn binds(&self) -> bool {
        self.binds
    }
}
