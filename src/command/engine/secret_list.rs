//! `where` lists of commands that may open secrets: which of their values may be told, and which come from what is closed.

use crate::{
    node::secret,
    reply::{Code, Error},
    script::{Arguments, Key, Scope, Word, resolve, where_list},
};

/// A scope that shows of what another one opens what everybody may see.
struct ClosedScope<'a>(&'a dyn Scope);

impl Scope for ClosedScope<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.variable(name).map(|value| shown(name, &value))
    }

    fn environment(&self, name: &str) -> Option<String> {
        let value = shown(name, &self.0.environment(name)?);
        Some(secret::without_logins(name, &value).into_owned())
    }

    fn binds(&self) -> bool {
        self.0.binds()
    }
}

fn shown(name: &str, value: &str) -> String {
    if secret::holds_login(name, value) { secret::MASK.to_owned() } else { secret::closed(name, value) }
}

/// A `where` list that was read twice: as everybody may see it, and with its secrets opened. However a value refers to a secret
/// (inside other words, cut, through another variable), the two differ.
pub struct SecretList {
    shown: Arguments,
    opened: Arguments,
}

impl SecretList {
    /// Reads the words after `where`; the scope opens secrets.
    ///
    /// # Errors
    /// Code 2, without a secret in its words.
    pub fn read(words: &[Word], scope: &dyn Scope, schema: &[Key]) -> Result<Self, Error> {
        let shown = where_list(words, &ClosedScope(scope), schema)?;
        let opened = where_list(words, scope, schema)
            .map_err(|_secret| Error::with(Code::STRUCTURE, "a secret of this node is no value for its key"))?;
        Ok(Self { shown, opened })
    }

    /// Returns the values as everybody may see them: all that the command may tell.
    #[must_use]
    pub const fn shown(&self) -> &Arguments {
        &self.shown
    }

    /// Returns the text of a key as it is.
    #[must_use]
    pub fn opened(&self, key: &str) -> Option<&str> {
        self.opened.text(key)
    }

    /// Tells whether the text of a key comes from a secret of this node.
    #[must_use]
    pub fn opens(&self, key: &str) -> bool {
        self.opened(key) != self.shown.text(key)
    }
}

/// Returns a word with its reference resolved as everybody may see it.
#[must_use]
pub fn shown_word(scope: &dyn Scope, word: &str) -> String {
    resolve(word, &ClosedScope(scope)).into_text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::words;

    /// What a scope gives that opens secrets.
    struct Everything;

    impl Scope for Everything {
        fn variable(&self, name: &str) -> Option<String> {
            let value = match name {
                "db_passwd" => "hunter2",
                "chain_private_key" => "4c4c",
                "a" => "http://192.0.2.1",
                _ => return None,
            };
            Some(value.to_owned())
        }

        fn environment(&self, name: &str) -> Option<String> {
            let value = match name {
                "A" => "!db_passwd",
                "PROVIDER" => "https://host/v3/0123456789abcdef0123456789abcdef",
                "OTHER_URL" => "https://al:hunter2@host",
                _ => return None,
            };
            Some(value.to_owned())
        }
    }

    #[test]
    fn a_value_from_a_secret_is_known_however_the_words_refer_to_it() {
        let keys = [Key::text("password"), Key::text("user")];
        for word in [
            "!db_passwd",
            "(!db_passwd)",
            "!db_passwd[0:3]",
            "!chain_private_key.str",
            "!a/!db_passwd",
            "$A",
            "$PROVIDER",
            "$OTHER_URL",
        ] {
            let list = words(&format!("user = u and password = {word}")).unwrap();
            let list = SecretList::read(&list, &Everything, &keys).unwrap();
            assert!(list.opens("password") && !list.opens("user"), "{word}");
            assert_eq!(list.opened("user"), Some("u"));
        }
        let list = SecretList::read(&words("password = !a").unwrap(), &Everything, &keys).unwrap();
        assert!(!list.opens("password") && !list.opens("user"));
        assert_eq!(shown_word(&Everything, "$A"), secret::MASK);
    }

    #[test]
    fn mistakes_tell_no_secret() {
        for list in ["port = $A", "port = !db_passwd[0:3]", "!db_passwd = 1"] {
            let error = SecretList::read(&words(list).unwrap(), &Everything, &[Key::int("port")]).err().unwrap();
            assert!(!format!("{error:?}").contains("hun"), "{error:?}");
        }
    }
}
