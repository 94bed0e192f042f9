//! What the commands of this family are given: platforms, accounts, and keys that nobody may read.

use crate::{
    command::engine::{Line, SecretList},
    node::{
        Node, Session,
        platforms::{AccountInfo, ChainAddress, PrivateKey},
        secret,
    },
    reply::{Code, Error},
    script::{Key, Word},
};
use secrecy::{ExposeSecret, SecretString};
use std::{path::PathBuf, sync::Arc};

/// The keys that say who signs. They may name a file instead of the key itself.
pub(super) const ACCOUNT: [Key; 8] = [
    Key::text("private_key"),
    Key::text("private_key_file"),
    Key::text("keystore"),
    Key::text("password"),
    Key::text("password_file"),
    Key::text("public_key"),
    Key::text("contract"),
    Key::text("gas_read"),
];
/// The key that says for which chain is signed.
pub(super) const CHAIN_ID: Key = Key::text("chain_id");
/// A key of the network's documents that nothing is done with, like `gas_read`: gas is estimated.
pub(super) const GAS_WRITE: Key = Key::text("gas_write");

/// Where a private key comes from.
#[derive(Debug)]
pub(super) enum KeySource {
    /// The command has it.
    Given(PrivateKey),
    /// Somebody types it unseen.
    Asked,
    /// A file with its digits.
    File(PathBuf),
    /// A keystore file, opened with a password.
    Keystore {
        /// The file.
        path: PathBuf,
        /// Its password.
        password: PasswordSource,
    },
}

/// Where the password of a keystore comes from.
#[derive(Debug)]
pub(super) enum PasswordSource {
    /// The command has it.
    Given(SecretString),
    /// Somebody types it unseen.
    Asked,
    /// A file.
    File(PathBuf),
}

/// What a command says of an account.
#[derive(Debug, Default)]
pub(super) struct AccountWords {
    /// The key, or where it is.
    key: Option<KeySource>,
    /// The account.
    public_key: Option<ChainAddress>,
    /// The chain.
    chain_id: Option<u64>,
    /// The contract.
    contract: Option<ChainAddress>,
}

/// Reads a `where` list that may hold secrets: no error repeats one.
pub(super) fn secret_list(line: &Line<'_>, words: &[Word], schema: &[Key]) -> Result<SecretList, Error> {
    SecretList::read(words, line.scope, schema).map_err(|error| {
        let detail = error.detail.as_deref().map(|text| secret::masked(text).into_owned());
        // What caused it has the words as they were written.
        Error { detail, cause: None, ..error }
    })
}

impl AccountWords {
    /// Reads what a list says of an account.
    ///
    /// # Errors
    /// Code 2 for what is no key, address or number; the text of a key is not repeated.
    pub(super) fn read(list: &SecretList) -> Result<Self, Error> {
        let chain_id = list.shown().text("chain_id").map(|text| {
            text.parse().map_err(|_| Error::with(Code::STRUCTURE, format!("chain_id '{text}' is no whole number")))
        });
        Ok(Self {
            key: key_source(list)?,
            public_key: address(list, "public_key")?,
            chain_id: chain_id.transpose()?,
            contract: address(list, "contract")?,
        })
    }

    /// Tells whether the words say nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.key.is_none() && self.public_key.is_none() && self.chain_id.is_none() && self.contract.is_none()
    }

    /// Returns what somebody has to be asked for before the account is known.
    pub(super) const fn question(&self) -> Option<&'static str> {
        match self.key {
            Some(KeySource::Asked) => Some("private key: "),
            Some(KeySource::Keystore { password: PasswordSource::Asked, .. }) => Some("password of the keystore: "),
            _ => None,
        }
    }

    /// Returns the account, with its key read from where it is.
    ///
    /// # Errors
    /// When a file cannot be read or opened, or nobody was asked for a secret; code 294 for callers over the network, who may name no
    /// files.
    pub(super) async fn info(self, node: &Arc<Node>, session: &mut Session) -> Result<AccountInfo, Error> {
        let Self { key, public_key, chain_id, contract } = self;
        let private_key = match key {
            None => None,
            Some(KeySource::Given(key)) => Some(key),
            Some(KeySource::Asked) => Some(private_key(typed(session)?.expose_secret())?),
            Some(KeySource::File(path)) => {
                let text = read(session, path).await?;
                Some(private_key(&text)?)
            }
            Some(KeySource::Keystore { path, password }) => Some(opened(node, session, path, password).await?),
        };
        Ok(AccountInfo { private_key, public_key, chain_id, contract })
    }
}

fn key_source(list: &SecretList) -> Result<Option<KeySource>, Error> {
    let path = |key: &str| list.opened(key).map(PathBuf::from);
    let given = ["private_key", "private_key_file", "keystore"].map(|key| list.shown().has(key));
    if given.into_iter().filter(|is_given| *is_given).count() > 1 {
        let detail = "write one of private_key, private_key_file and keystore";
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    if let Some(text) = list.opened("private_key") {
        let key = if text == secret::ASKED { KeySource::Asked } else { KeySource::Given(private_key(text)?) };
        return Ok(Some(key));
    }
    if let Some(path) = path("private_key_file") {
        return Ok(Some(KeySource::File(path)));
    }
    let Some(keystore) = path("keystore") else { return Ok(None) };
    let password = match (list.opened("password"), path("password_file")) {
        (Some(secret::ASKED), None) => PasswordSource::Asked,
        (Some(password), None) => PasswordSource::Given(password.to_owned().into()),
        (None, Some(path)) => PasswordSource::File(path),
        _ => {
            let detail = "a keystore needs its password: add password = ?, password = … or password_file = …";
            return Err(Error::with(Code::STRUCTURE, detail));
        }
    };
    Ok(Some(KeySource::Keystore { path: keystore, password }))
}

/// Takes what somebody typed unseen.
fn typed(session: &mut Session) -> Result<SecretString, Error> {
    session.secret.take().ok_or_else(|| {
        let detail = "only the prompt of the node itself asks for a secret, for a command on a line of its own; elsewhere write \
            private_key = $BLOCKCHAIN_PRIVATE_KEY (set by BLOCKCHAIN_PRIVATE_KEY_FILE or in the environment), private_key_file = PATH \
            or password_file = PATH";
        Error::with(Code::STRUCTURE, detail)
    })
}

fn private_key(text: &str) -> Result<PrivateKey, Error> {
    PrivateKey::parse(text).map_err(|error| Error::with(Code::STRUCTURE, error.to_string()))
}

fn address(list: &SecretList, key: &str) -> Result<Option<ChainAddress>, Error> {
    let read = |text: &str| {
        let wrong = |error| Error::with(Code::STRUCTURE, format!("{key} '{text}': {error}"));
        text.parse().map_err(wrong)
    };
    list.shown().text(key).map(read).transpose()
}

async fn opened(
    node: &Arc<Node>,
    session: &mut Session,
    path: PathBuf,
    password: PasswordSource,
) -> Result<PrivateKey, Error> {
    let text = read(session, path).await?;
    let password = match password {
        PasswordSource::Given(password) => password,
        PasswordSource::Asked => typed(session)?,
        PasswordSource::File(path) => read(session, path).await?.trim_end_matches(['\r', '\n']).to_owned().into(),
    };
    let node = Arc::clone(node);
    let open = move || node.platforms.maker().open_keystore(&text, &password);
    let interrupted = |_| Error::with(Code::PROCESS_FAILURE, "opening the keystore was interrupted");
    Ok(tokio::task::spawn_blocking(open).await.map_err(interrupted)??)
}

/// Refuses callers over the network, who may name no files.
///
/// # Errors
/// Code 294.
pub(super) fn refuse_files(session: &Session) -> Result<(), Error> {
    if session.origin.is_from_network() {
        let detail = "files with keys are read for people of this node alone: type the command at its prompt";
        return Err(Error::with(Code::FILE_NOT_AUTHORIZED, detail));
    }
    Ok(())
}

/// Reads a file with a secret; what is in it is told nobody.
async fn read(session: &Session, path: PathBuf) -> Result<String, Error> {
    refuse_files(session)?;
    let failed = |error| Error::with(Code::NO_FILE, format!("{}: {error}", path.display()));
    tokio::fs::read_to_string(&path).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{NoVariables, words};

    fn read(text: &str) -> Result<AccountWords, Error> {
        let keys: Vec<Key> = ACCOUNT.into_iter().chain([CHAIN_ID]).collect();
        let list = SecretList::read(&words(text).unwrap(), &NoVariables, &keys)?;
        AccountWords::read(&list)
    }

    #[test]
    fn a_key_has_one_source() {
        let digits = "4c".repeat(32);
        assert!(matches!(read(&format!("private_key = {digits}")).unwrap().key, Some(KeySource::Given(_))));
        assert!(matches!(read("private_key_file = /run/key").unwrap().key, Some(KeySource::File(_))));
        assert!(matches!(
            read("keystore = /run/k.json and password_file = /run/p").unwrap().key,
            Some(KeySource::Keystore { password: PasswordSource::File(_), .. })
        ));
        assert!(read("keystore = /run/k.json").is_err());
        assert_eq!(read("private_key = ?").unwrap().question(), Some("private key: "));
        assert!(read("keystore = /run/k.json and password = ?").unwrap().question().is_some());
        assert_eq!(read("private_key_file = /run/key").unwrap().question(), None);
        assert!(read(&format!("private_key = {digits} and keystore = /k and password = x")).is_err());
        assert!(read("chain_id = 5").unwrap().key.is_none());
    }

    #[test]
    fn mistakes_do_not_tell_the_key() {
        let error = read(&format!("private_key = {}", "4c".repeat(31))).unwrap_err();
        assert!(!format!("{error:?}").contains("4c4c"), "{error:?}");
        assert!(read("chain_id = many").unwrap_err().to_string().contains("many"));
        assert!(read("public_key = 0x1").is_err());
    }
}
