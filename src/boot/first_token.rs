//! The token of a node that wants one from everybody and was given none: made at its first start and printed once.

use crate::{
    boot::{BootFailure, check, home},
    config::{Auth, Config},
    node::{Output, Role, work_directories},
    reply::Notice,
    rest::{NewToken, Tokens},
    runtime::{mounts, user},
};
use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Name of the token.
const NAME: &str = "first";
/// Name of its file.
const FILE: &str = "rest_tokens";

/// Returns where the token of such a node is kept: its line for `REST_TOKENS`, which tells no secret.
#[must_use]
pub fn place(config: &Config) -> Option<PathBuf> {
    let is_wanted =
        config.security.auth == Some(Auth::Token) && check::tokens(config).is_ok_and(|given| given.is_empty());
    is_wanted.then(|| kept_at(&work_directories::folder(&config.paths.anylog_path)))
}

/// Returns the file in the folder of the work directories. Where volumes are mounted inside of that folder, what lies beside
/// them does not outlive the container.
fn kept_at(folder: &Path) -> PathBuf {
    let volume = folder.join("anylog");
    if mounts::is_at(&volume) { volume.join(FILE) } else { folder.join(FILE) }
}

/// Returns the tokens of the configuration; where there are none and everybody needs one, the token that this node made.
///
/// # Errors
/// Tokens that cannot be read, and a file that cannot be made.
pub fn tokens(config: &Config, console: &dyn Output) -> Result<Tokens, BootFailure> {
    let Some(path) = place(config) else { return Ok(check::tokens(config)?) };
    match fs::read_to_string(&path) {
        // What a crash or a full disk left of it lets nobody in.
        Ok(kept) if kept.trim().is_empty() => {
            fs::remove_file(&path).map_err(|error| home::refused(&path, error))?;
            make(&path, console)
        }
        Ok(kept) => Tokens::parse(&kept).map_err(|error| BootFailure::KeptTokens { path, error }),
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path, console),
        Err(error) => Err(home::refused(&path, error)),
    }
}

fn make(path: &Path, console: &dyn Output) -> Result<Tokens, BootFailure> {
    let random = |error| BootFailure::System { what: "token of REST callers", error: io::Error::other(error) };
    let token = NewToken::generate(NAME, Role::Admin).map_err(random)?;
    keep(path, &token.line).map_err(|error| home::refused(path.parent().unwrap_or(path), error))?;
    tracing::warn!(
        path = %path.display(),
        "AUTH=token and no REST_TOKENS: a token with the role admin was made, it is printed once on the console"
    );
    console.notice(&Notice::Secret(vec![
        format!("Token for REST, shown this once: Authorization: Bearer {}", token.secret),
        format!("Its hash is kept in {}; another one is made when that file is removed", path.display()),
    ]));
    Ok(Tokens::parse(&token.line)?)
}

/// Writes the line of a token into a new file that others do not read.
fn keep(path: &Path, line: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(user::private_mode()).open(path)?;
    let written = writeln!(file, "{line}").and_then(|()| file.sync_all());
    if written.is_err() {
        // The next start makes another one; what is left of this one is told there if it cannot be removed.
        let _removed = fs::remove_file(path);
    }
    written
}
