//! `exec` and `prompt`: commands for a node that runs already.

use crate::{
    cli::{
        arguments::{AnswerFormat, ExecOptions, RemoteOptions},
        block_on::block_on,
        exit::Failure,
        health, load,
        output::print,
    },
    prompt::{Client, ClientError, ClientTarget, RemotePrompt},
    render,
};
use secrecy::SecretString;
use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
};

/// Runs one command and prints its answer.
///
/// # Errors
/// When the node does not answer or refuses the command.
pub fn exec(options: &ExecOptions) -> Result<(), Failure> {
    let client = client(&options.remote)?;
    let command = options.words.join(" ");
    let answer = block_on(async {
        match options.format {
            AnswerFormat::Text => client.run(&command, None).await,
            AnswerFormat::Json => client.json(&command).await.map(|value| value.to_string()),
        }
    })?;
    let answer = answer.map_err(failure)?;
    let answer = answer.trim_matches(['\r', '\n']).replace("\r\n", "\n");
    let answer = if io::stdout().is_terminal() { render::visible(&answer).into_owned() } else { answer };
    if answer.is_empty() { Ok(()) } else { print(&format!("{answer}\n")) }
}

/// Opens the prompt of a running node; it ends with the input, `exit` or Ctrl-D.
///
/// # Errors
/// When the node does not answer, or a piped command failed.
pub fn prompt(options: &RemoteOptions) -> Result<(), Failure> {
    let client = client(options)?;
    let history = std::env::home_dir().map(|home| home.join(".anylog_master_history"));
    let succeeded = block_on(async { Ok(RemotePrompt::open(client, history).await?.run().await) })?;
    if succeeded.map_err(failure)? { Ok(()) } else { Err(Failure::Failed("a command failed".to_owned())) }
}

fn client(remote: &RemoteOptions) -> Result<Client, Failure> {
    let address = match &remote.connect {
        Some(address) => address.clone(),
        None => health::address(&load::config(&remote.sources)?),
    };
    let token = remote.token_file.as_ref().map(read_token).transpose()?;
    Client::new(ClientTarget { address, token, authority: remote.ca.clone() }).map_err(failure)
}

fn read_token(path: &PathBuf) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::Usage(format!("token file {}: {e}", path.display())))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

fn failure(error: ClientError) -> Failure {
    Failure::Failed(error.to_string())
}
