//! Where the policies of an import come from: a file, the standard input, or a PostgreSQL server.

use crate::{
    cli::{arguments::ImportOptions, exit::ExitFailure, load},
    config::{Config, Sources},
    ledger::{DatabaseTarget, FileSource, Outage, PostgresServer, RawRow, SourceError, source},
    node::{LEDGER_DBMS, own_database},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{fs, io, path::Path};

/// What a source turned out to be, and what stands in it.
pub struct FoundSource {
    /// What it is, for people; without a password.
    pub description: String,
    /// Its rows or lines, in its order.
    pub rows: Vec<RawRow>,
}

impl From<FileSource> for FoundSource {
    fn from(file: FileSource) -> Self {
        Self { description: file.description, rows: file.rows }
    }
}

/// Reads the source that the options name. Nothing of it is changed.
///
/// # Errors
/// It cannot be read, or it is no ledger.
pub async fn read(options: &ImportOptions) -> Result<FoundSource, ExitFailure> {
    let from = options.from.as_str();
    if from.starts_with("postgres://") || from.starts_with("postgresql://") {
        let server = server(options)?;
        let rows = server.ledger_rows(LEDGER_DBMS).await.map_err(failure)?;
        let place = format!("{}/{}", server.address(), server.database(LEDGER_DBMS));
        return Ok(FoundSource { description: format!("PostgreSQL {place}, table ledger"), rows });
    }
    if let Some(scheme) = scheme(from) {
        // The rest of it may be a password.
        let text = format!(
            "--from: {scheme}:// is no place of a ledger: write postgres://user@host:port/blockchain, or the path of a file"
        );
        return Err(ExitFailure::Usage(text));
    }
    let found = if from == "-" {
        source::file::read_stream("standard input", io::stdin().lock())
    } else {
        source::file::read(Path::new(from)).await
    };
    found.map(FoundSource::from).map_err(failure)
}

/// Returns the scheme of a URL; nothing for a path.
fn scheme(from: &str) -> Option<&str> {
    let (scheme, _) = from.split_once("://")?;
    let is_scheme = scheme.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.'));
    Some(scheme).filter(|scheme| !scheme.is_empty() && is_scheme)
}

/// Returns the server of a URL, which is read as `DB_URL` is.
fn server(options: &ImportOptions) -> Result<PostgresServer, ExitFailure> {
    let process = vec![("DB_URL".to_owned(), options.from.clone())];
    let config = Config::load(&Sources { process, ..Sources::default() })
        .map_err(|mistakes| ExitFailure::Usage(format!("the URL of --from, read as DB_URL: {mistakes}")))?;
    let Some(DatabaseTarget::Server(server)) = own_database(&config) else {
        return Err(ExitFailure::Usage("the URL of --from names no host".to_owned()));
    };
    let password = match &options.password_file {
        Some(path) => {
            let text = fs::read_to_string(path);
            let text =
                text.map_err(|error| ExitFailure::Usage(format!("password file {}: {error}", path.display())))?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None if server.password.expose_secret().is_empty() => load::foreign_variable("PGPASSWORD"),
        None => None,
    };
    Ok(match password {
        Some(password) => server.as_login(&server.user, &SecretString::from(password)),
        None => server,
    })
}

fn failure(error: SourceError) -> ExitFailure {
    match &error {
        // A file that cannot be read as a database will not be one later.
        SourceError::Database { source: Outage::CannotOpen { .. }, .. } => ExitFailure::Failed(error.to_string()),
        SourceError::Database { source, .. } if !source.is_answer() => ExitFailure::Absent(error.to_string()),
        SourceError::Database { .. } | SourceError::NoTable(_) => ExitFailure::Failed(error.to_string()),
        _ => ExitFailure::Usage(error.to_string()),
    }
}
