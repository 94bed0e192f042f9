//! `exec` and `prompt`: commands for a node that runs already.

use crate::{
    cli::{
        arguments::{Exec, Format, Remote},
        exit::Failure,
        health, load,
        output::print,
    },
    prompt::{Attached, Client, ClientError, Target},
};
use secrecy::SecretString;
use std::{fs, future::Future, path::PathBuf};

/// Runs one command and prints its answer.
///
/// # Errors
/// When the node does not answer or refuses the command.
pub fn exec(options: &Exec) -> Result<(), Failure> {
    let client = client(&options.remote)?;
    let command = options.words.join(" ");
    let answer = block_on(async {
        match options.format {
            Format::Text => client.run(&command, None).await,
            Format::Json => client.json(&command).await.map(|value| value.to_string()),
        }
    })?;
    let answer = answer.map_err(failure)?;
    let answer = answer.trim_matches(['\r', '\n']).replace("\r\n", "\n");
    if answer.is_empty() { Ok(()) } else { print(&format!("{answer}\n")) }
}

/// Opens the prompt of a running node; it ends with the input, `exit` or Ctrl-D.
///
/// # Errors
/// When the node does not answer, or a piped command failed.
pub fn prompt(options: &Remote) -> Result<(), Failure> {
    let client = client(options)?;
    let history = std::env::home_dir().map(|home| home.join(".anylog_master_history"));
    let well = block_on(async { Ok(Attached::open(client, history).await?.run().await) })?;
    match well.map_err(failure)? {
        true => Ok(()),
        false => Err(Failure::Failed("a command failed".to_owned())),
    }
}

fn client(remote: &Remote) -> Result<Client, Failure> {
    let address = match &remote.connect {
        Some(address) => address.clone(),
        None => health::address(&load::config(&remote.sources)?),
    };
    let token = remote.token_file.as_ref().map(read_token).transpose()?;
    Ok(Client::new(Target { address, token, authority: remote.ca.clone() }))
}

fn read_token(path: &PathBuf) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(path).map_err(|e| Failure::Usage(format!("token file {}: {e}", path.display())))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

fn failure(error: ClientError) -> Failure {
    Failure::Failed(error.to_string())
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::System { what: "threads of the client", error })?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(result)
}
