//! `exec` and `prompt`: commands for a node that runs already.

use crate::{
    cli::{
        arguments::{AnswerFormat, ExecOptions, RemoteOptions},
        block_on::block_on,
        exit::ExitFailure,
        health, load,
        output::print,
        own_certificate,
    },
    config::Config,
    prompt::{Client, ClientError, ClientTarget, RemotePrompt, commands_of},
    render,
    runtime::client_identity::ClientIdentity,
    telemetry,
};
use anylog_values::{Address, Host};
use secrecy::SecretString;
use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    sync::Arc,
};

/// Runs a command, or those of several lines, and prints what they answer; the first that fails is the last.
///
/// # Errors
/// When the node does not answer or refuses a command, or a block is not closed.
pub fn exec(options: &ExecOptions) -> Result<(), ExitFailure> {
    let client = client(&options.remote)?;
    let commands = commands_of(&options.words.join(" ")).map_err(|reason| ExitFailure::Usage(reason.to_owned()))?;
    block_on(async {
        for command in &commands {
            let answer = match options.format {
                AnswerFormat::Text => client.run(command, None).await,
                AnswerFormat::Json => client.json(command).await.map(|value| value.to_string()),
            };
            print_answer(&answer.map_err(failure)?)?;
        }
        Ok::<(), ExitFailure>(())
    })?
}

fn print_answer(answer: &str) -> Result<(), ExitFailure> {
    let answer = answer.trim_matches(['\r', '\n']).replace("\r\n", "\n");
    let answer = match (io::stdout().is_terminal(), answer.contains('\x1b')) {
        (true, _) => render::visible(&answer).into_owned(),
        // The boxes of notices have colours of their own, which no program expects.
        (false, true) => telemetry::clean(&answer).into_owned(),
        (false, false) => answer,
    };
    if answer.is_empty() { Ok(()) } else { print(&format!("{answer}\n")) }
}

/// Opens the prompt of a running node; it ends with the input, `exit` or Ctrl-D.
///
/// # Errors
/// When the node does not answer, or a piped command failed.
pub fn prompt(options: &RemoteOptions) -> Result<(), ExitFailure> {
    let client = client(options)?;
    let history = std::env::home_dir().map(|home| home.join(".anylog_master_history"));
    let succeeded = block_on(async { Ok(RemotePrompt::open(client, history).await?.run().await) })?;
    if succeeded.map_err(failure)? { Ok(()) } else { Err(ExitFailure::Failed("a command failed".to_owned())) }
}

/// Returns the client of the node that the options name.
///
/// # Errors
/// When the configuration or a file of the options cannot be used.
pub fn client(remote: &RemoteOptions) -> Result<Client, ExitFailure> {
    let mut target = match &remote.connect {
        Some(address) => {
            place(address)?;
            let token = load::from_process("REST_TOKEN")?.map(SecretString::from);
            ClientTarget { address: address.clone(), token, ..ClientTarget::default() }
        }
        None => own(&load::config(&remote.sources)?)?,
    };
    if let Some(path) = &remote.token_file {
        target.token = Some(read_token(path)?);
    }
    if remote.ca.is_some() {
        target.authority.clone_from(&remote.ca);
        target.tls = None;
    }
    if let (Some(certificate), Some(key)) = (remote.cert.clone(), remote.key.clone()) {
        target.identity = Some(ClientIdentity { certificate, key });
    }
    Client::new(target).map_err(failure)
}

/// Refuses what is no place of a node before anything is sent there: without a port a request would go to that of the web. Who
/// writes a scheme may mean just that.
fn place(address: &str) -> Result<(), ExitFailure> {
    let (scheme, place) = address.split_once("://").unwrap_or(("", address));
    let place = place.trim_end_matches('/');
    match place.parse::<Address>() {
        Err(_) if !scheme.is_empty() && place.parse::<Host>().is_ok() => Ok(()),
        Err(error) => Err(ExitFailure::Usage(format!(
            "--connect {address:?}: {error}; write HOST:PORT with the port of REST, an IPv6 address in brackets"
        ))),
        Ok(_) => Ok(()),
    }
}

/// Returns the node of a configuration: its REST server, its certificate where it speaks TLS, and the token for it.
fn own(config: &Config) -> Result<ClientTarget, ExitFailure> {
    let address = health::address(config);
    let token = config.security.rest_token.clone();
    let Some(certificate) = &config.security.rest_tls_cert else {
        return Ok(ClientTarget { address, token, ..ClientTarget::default() });
    };
    let tls = own_certificate::client(certificate).map_err(ExitFailure::Usage)?;
    Ok(ClientTarget {
        address: format!("https://{address}"),
        token,
        tls: Some(Arc::new(tls)),
        ..ClientTarget::default()
    })
}

fn read_token(path: &PathBuf) -> Result<SecretString, ExitFailure> {
    let text =
        fs::read_to_string(path).map_err(|e| ExitFailure::Usage(format!("token file {}: {e}", path.display())))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

fn failure(error: ClientError) -> ExitFailure {
    ExitFailure::Failed(error.to_string())
}

/// Returns how a program ends that has to tell a node that is away from one that refuses.
pub fn told_apart(error: &ClientError) -> ExitFailure {
    match error {
        ClientError::NoAnswer { .. } => ExitFailure::Absent(error.to_string()),
        ClientError::Tls { .. } | ClientError::Refused { .. } => ExitFailure::Failed(error.to_string()),
    }
}
