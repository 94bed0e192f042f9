//! What only the rooms that use a value can judge, asked before anything starts.

use crate::{
    boot::first_token,
    config::{Auth, Config, Mistake, Mistakes},
    rest, telemetry,
};
use secrecy::ExposeSecret;
use std::{fs::File, path::PathBuf};

/// Checks the level of the log, the tokens, the roles of certificates, the files of TLS, and the script that the boot would run when no `commands` replace it.
///
/// # Errors
/// Every mistake together.
pub fn check(config: &Config, commands: &[String]) -> Result<(), Mistakes> {
    let mut mistakes = Vec::new();
    let mut mistake = |name, reason| mistakes.extend(refused(config, name, reason));
    if let Err(error) = telemetry::check(&config.logging.log_level) {
        mistake("LOG_LEVEL", error.to_string());
    }
    if let Err(error) = tokens(config) {
        mistake("REST_TOKENS", error.to_string());
    }
    if let Err(error) = certificate_roles(config) {
        mistake("REST_CERT_ROLES", error.to_string());
    }
    if let Err((name, error)) = certificate(config) {
        mistake(name, error.to_string());
    }
    let script = config.startup.boot_script.as_ref().filter(|path| commands.is_empty() && !path.is_file());
    if script.is_some() {
        let here = std::env::current_dir().unwrap_or_default();
        mistake("BOOT_SCRIPT", format!("there is no such file, seen from {}", here.display()));
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
}

/// Returns the tokens of REST callers.
///
/// # Errors
/// The first one that is not of the form that `anylog-master token` prints.
pub fn tokens(config: &Config) -> Result<rest::Tokens, rest::WrongToken> {
    rest::Tokens::parse(config.security.rest_tokens.as_ref().map_or("", |tokens| tokens.expose_secret()))
}

/// Returns what the owners of client certificates may do.
///
/// # Errors
/// The first part that is not `name:role`.
pub fn certificate_roles(config: &Config) -> Result<rest::CertificateRoles, rest::WrongCertificateRole> {
    rest::CertificateRoles::parse(config.security.rest_cert_roles.as_deref().unwrap_or_default())
}

/// Returns the files of TLS for REST.
pub fn tls_files(config: &Config) -> Option<rest::TlsFiles> {
    let security = &config.security;
    let (certificate, key) = security.rest_tls_cert.clone().zip(security.rest_tls_key.clone())?;
    Some(rest::TlsFiles { certificate, key, authority: security.rest_tls_ca.clone() })
}

/// Tells whether REST can speak TLS with the files that are there, and if not, which variable is to be corrected.
fn certificate(config: &Config) -> Result<(), (&'static str, rest::Error)> {
    let Some(files) = tls_files(config) else { return Ok(()) };
    // Files that cannot be read are told by the configuration itself.
    let is_read = |path: &PathBuf| path.is_file() && File::open(path).is_ok();
    if ![Some(&files.certificate), Some(&files.key), files.authority.as_ref()].into_iter().flatten().all(is_read) {
        return Ok(());
    }
    rest::check_tls(&files).map_err(|error| {
        let name = match &error {
            // One file for both is a certificate in most cases, and lacks the key.
            rest::Error::File { path, .. } if *path == files.certificate && *path != files.key => "REST_TLS_CERT",
            rest::Error::File { path, .. } if Some(path) == files.authority.as_ref() => "REST_TLS_CA",
            rest::Error::File { .. } | rest::Error::Parts(_) => "REST_TLS_KEY",
        };
        (name, error)
    })
}

/// Returns what a start does that the values alone do not say.
#[must_use]
pub fn notes(config: &Config) -> Vec<String> {
    let first = first_token::place(config).map(|path| match path.is_file() {
        true => format!("AUTH=token and no REST_TOKENS: the token of {} counts", path.display()),
        false => format!(
            "AUTH=token and no REST_TOKENS: the first start makes a token, prints it once and keeps its hash in {}",
            path.display()
        ),
    });
    let mtls = config.security.auth == Some(Auth::Mtls) && config.security.rest_cert_roles.is_none();
    let mtls = mtls.then(|| "AUTH=mtls and no REST_CERT_ROLES: client certificates may only read".to_owned());
    first.into_iter().chain(mtls).collect()
}

/// Refuses the value of a variable, when it is set.
fn refused(config: &Config, name: &str, reason: String) -> Option<Mistake> {
    config.setting(name).map(|s| Mistake::refused(&s.source, s.variable, &s.value, reason))
}
