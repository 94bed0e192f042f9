//! The token of a node that wants one from everybody and was given none: made at its first start and printed once.

use crate::{
    boot::{Failure, check},
    config::{Auth, Config},
    node::{Output, Role},
    reply::Notice,
    rest::{NewToken, Tokens},
};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Name of the token.
const NAME: &str = "first";
/// Only the user of the node reads it.
const MODE: u32 = 0o600;

/// Returns where the token of such a node is kept: its line for `REST_TOKENS`, which tells no secret.
#[must_use]
pub fn place(config: &Config) -> Option<PathBuf> {
    let is_wanted =
        config.security.auth == Some(Auth::Token) && check::tokens(config).is_ok_and(|given| given.is_empty());
    is_wanted.then(|| config.paths.anylog_path.join("EdgeLake").join("rest_tokens"))
}

/// Returns the tokens of the configuration; where there are none and everybody needs one, the token that this node made.
///
/// # Errors
/// Tokens that cannot be read, and a file that cannot be made.
pub fn tokens(config: &Config, console: &dyn Output) -> Result<Tokens, Failure> {
    let Some(path) = place(config) else { return Ok(check::tokens(config)?) };
    match fs::read_to_string(&path) {
        Ok(kept) => Tokens::parse(&kept).map_err(|error| Failure::KeptTokens { path, error }),
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path, console),
        Err(error) => Err(Failure::System { what: "token of REST callers", error }),
    }
}

fn make(path: &Path, console: &dyn Output) -> Result<Tokens, Failure> {
    let system = |error| Failure::System { what: "token of REST callers", error };
    let token = NewToken::generate(NAME, Role::Admin).map_err(|error| system(std::io::Error::other(error)))?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(system)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path).map_err(system)?;
    writeln!(file, "{}", token.line).and_then(|()| file.sync_all()).map_err(system)?;
    tracing::warn!(
        path = %path.display(),
        "AUTH=token and no REST_TOKENS: a token with the role admin was made, it is printed once on the console"
    );
    console.notice(&Notice::Line(format!(
        "Token for REST, shown this once: Authorization: Bearer {}\r\nIts hash is kept in {}; another one is made when that file is removed",
        token.secret,
        path.display()
    )));
    Ok(Tokens::parse(&token.line)?)
}
