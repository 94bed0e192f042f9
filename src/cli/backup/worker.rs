//! Who does the work: the node that runs, or this program.

use crate::{
    cli::{arguments::RemoteOptions, client, exit::ExitFailure, load},
    command,
    config::Config,
    prompt::{Client, ClientError},
    runtime::user,
};

/// Who does the work.
pub enum Worker {
    /// A node that runs and answers.
    Node(Box<Client>),
    /// Nobody answers: the database of this configuration is opened.
    Database,
}

/// Finds who does the work, and reads the configuration, which says where backups lie.
///
/// # Errors
/// When the configuration is wrong, when the node refuses, or when nobody answers at an address that was named.
pub async fn find(remote: &RemoteOptions) -> Result<(Worker, Config), ExitFailure> {
    // Backups are for those who may see the ledger.
    user::restrict_new_files();
    let config = load::config(&remote.sources)?;
    let client = client::client(remote)?;
    match client.run(command::PRESENCE, None).await {
        Ok(_) => Ok((Worker::Node(Box::new(client)), config)),
        Err(ClientError::NoAnswer { .. }) if remote.connect.is_none() => Ok((Worker::Database, config)),
        // Whoever may not ask for the status may still be known to the node that runs.
        Err(ClientError::Refused { .. }) => Ok((Worker::Node(Box::new(client)), config)),
        Err(error @ ClientError::NoAnswer { .. }) => Err(ExitFailure::Absent(error.to_string())),
        Err(error) => Err(ExitFailure::Failed(error.to_string())),
    }
}
