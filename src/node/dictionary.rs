//! The node's variables: `!name` from the dictionary, `$NAME` from the environment (reference/command-language 3).

use super::secret;
use indexmap::IndexMap;
use secrecy::{ExposeSecret, SecretString};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

/// One shared map of texts, in the order in which keys were first set.
///
/// What stands under the name of a secret is closed: whoever asks for it gets the mask. So is the password of a URL in the
/// environment, which other programs may have put there under any name, and the key in the path of a provider. Only logins at
/// databases and chains open them, by [`Dictionary::open`] and [`Dictionary::open_environment`].
#[derive(Debug, Default)]
pub struct Dictionary {
    variables: VariableTable,
    environment: VariableTable,
    /// Where the node's files are, whatever the variables say that callers may set.
    home: RwLock<PathBuf>,
}

#[derive(Debug, Default)]
struct VariableTable(RwLock<IndexMap<String, Value>>);

#[derive(Debug)]
enum Value {
    Text(String),
    Secret { opened: SecretString, shown: String },
}

impl Value {
    fn new(name: &str, text: String) -> Self {
        let shown =
            if secret::holds_login(name, &text) { secret::MASK.to_owned() } else { secret::closed(name, &text) };
        if shown == text { Self::Text(text) } else { Self::Secret { opened: text.into(), shown } }
    }

    fn of_environment(name: &str, text: String) -> Self {
        let value = Self::new(name, text);
        let Self::Text(text) = &value else { return value };
        match secret::without_logins(name, text) {
            Cow::Owned(shown) => Self::Secret { opened: text.clone().into(), shown },
            Cow::Borrowed(_) => value,
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Secret { shown: text, .. } => text,
        }
    }

    fn opened(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Secret { opened, .. } => opened.expose_secret(),
        }
    }
}

impl VariableTable {
    fn read<T>(&self, read: impl FnOnce(&IndexMap<String, Value>) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, name: &str, value: Value) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value);
    }

    fn remove(&self, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).shift_remove(name);
    }

    fn all(&self) -> Vec<(String, String)> {
        self.read(|map| map.iter().map(|(name, value)| (name.clone(), value.shown().to_owned())).collect())
    }
}

impl Dictionary {
    /// Creates a dictionary over the node's own copy of the environment.
    #[must_use]
    pub fn new(environment: IndexMap<String, String>) -> Self {
        let own = Self::default();
        environment.into_iter().for_each(|(name, value)| own.set_environment(&name, value));
        own
    }

    /// Returns the value of a key, if it is set; of a secret the mask.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.variables.read(|map| map.get(key).map(|value| value.shown().to_owned()))
    }

    /// Returns the value of a key, also when it is a secret: for the login of a database.
    #[must_use]
    pub fn open(&self, key: &str) -> Option<String> {
        self.variables.read(|map| map.get(key).map(|value| value.opened().to_owned()))
    }

    /// Sets a key; an empty value removes it.
    pub fn set(&self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() { self.remove(key) } else { self.variables.set(key, Value::new(key, value)) }
    }

    /// Removes a key.
    pub fn remove(&self, key: &str) {
        self.variables.remove(key);
    }

    /// Returns a variable of the environment as this node sees it; of a secret the mask.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<String> {
        self.environment.read(|map| map.get(name).map(|value| value.shown().to_owned()))
    }

    /// Returns a variable of the environment, also when it is a secret: for the login of a database.
    #[must_use]
    pub fn open_environment(&self, name: &str) -> Option<String> {
        self.environment.read(|map| map.get(name).map(|value| value.opened().to_owned()))
    }

    /// Sets a variable of the environment for this node only.
    pub fn set_environment(&self, name: &str, value: impl Into<String>) {
        self.environment.set(name, Value::of_environment(name, value.into()));
    }

    /// Returns the directory below which all files of the node are; only [`work_directories::locate`] moves it.
    ///
    /// [`work_directories::locate`]: super::work_directories::locate
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.home.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says below which directory all files of the node are.
    pub(super) fn set_home(&self, home: &Path) {
        home.clone_into(&mut self.home.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns all variables in the order in which they were first set, secrets masked.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        self.variables.all()
    }

    /// Returns the node's copy of the environment, secrets masked.
    #[must_use]
    pub fn environment_variables(&self) -> Vec<(String, String)> {
        self.environment.all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_closed_unless_they_are_opened() {
        let url = "postgres://u:hunter2@h/d";
        let environment = [("DB_PASSWD", "hunter2"), ("NODE_NAME", "m1"), ("DATABASE_URL", url)];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let dictionary = Dictionary::new(environment.into_iter().collect());
        dictionary.set("api_token", "hunter2");
        assert_eq!(dictionary.get("api_token").as_deref(), Some(secret::MASK));
        assert_eq!(dictionary.open("api_token").as_deref(), Some("hunter2"));
        assert_eq!(dictionary.environment("DB_PASSWD").as_deref(), Some(secret::MASK));
        assert_eq!(dictionary.open_environment("DB_PASSWD").as_deref(), Some("hunter2"));
        assert_eq!(dictionary.environment("NODE_NAME").as_deref(), Some("m1"));
        assert_eq!(dictionary.environment("DATABASE_URL").as_deref(), Some("postgres://u:********@h/d"));
        assert_eq!(dictionary.open_environment("DATABASE_URL").as_deref(), Some(url));
        let shown = format!("{:?}{:?}{dictionary:?}", dictionary.variables(), dictionary.environment_variables());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
