//! `verify`: what differs between the ledger and its copies.

use crate::{
    backup::{self, BackupError, Progress},
    cli::{
        arguments::{AnswerFormat, VerifyOptions},
        backup::{
            open_ledger::{OpenFor, OpenLedger},
            progress,
            shared_file::SharedFile,
            worker::{self, Worker},
        },
        block_on::block_on,
        exit::ExitFailure,
        output::print,
    },
    command,
    config::Config,
    ledger::Ledger,
    node::{Comparison, backup_directory, work_directories},
    prompt::Client,
    render,
};
use serde::Deserialize;
use std::fs::File;

/// What a terminal is shown meanwhile.
const WORK: &str = "comparing the ledger";

/// What a node answers.
#[derive(Deserialize)]
struct Answer {
    compared: Vec<Comparison>,
}

/// Compares and prints what differs.
///
/// # Errors
/// When something differs, and when something cannot be read.
pub fn verify(options: &VerifyOptions) -> Result<(), ExitFailure> {
    let compared = block_on(async {
        match worker::find(&options.remote).await? {
            (Worker::Node(client), config) => by_node(&client, &config, options).await,
            (Worker::Database, config) => by_program(&config, options).await,
        }
    })??;
    let text = render::text(&command::compared(&compared, options.format == AnswerFormat::Json));
    print(&format!("{}\n", text.replace("\r\n", "\n").trim_matches('\n')))?;
    let different: Vec<&str> = compared.iter().filter(|one| !one.is_same()).map(|one| one.with.as_str()).collect();
    if different.is_empty() {
        return Ok(());
    }
    Err(ExitFailure::Failed(format!("the ledger differs from: {}", different.join(", "))))
}

async fn by_node(client: &Client, config: &Config, options: &VerifyOptions) -> Result<Vec<Comparison>, ExitFailure> {
    let shared = match &options.backup {
        None => None,
        Some(path) => {
            let mut file = File::open(path).map_err(|error| failed(&BackupError::file(path, error)))?;
            Some(SharedFile::of(&backup_directory(config), &mut file)?)
        }
    };
    let name = shared.as_ref().map(|shared| shared.name.as_str());
    let command = command::verify_with(name, options.member.as_ref());
    let answer = progress::shown(WORK, &Progress::default(), client.run(&command, None)).await;
    let answer = answer.map_err(|error| ExitFailure::Failed(error.to_string()))?;
    let Answer { mut compared } = serde_json::from_str(&answer)
        .map_err(|error| ExitFailure::Failed(format!("the answer of the node cannot be read: {error}")))?;
    // The backup is told by the name that it was given by.
    if let (Some(shared), Some(path)) = (&shared, &options.backup) {
        for one in compared.iter_mut().filter(|one| one.with.contains(&shared.name)) {
            one.with = format!("backup {}", path.display());
        }
    }
    Ok(compared)
}

async fn by_program(config: &Config, options: &VerifyOptions) -> Result<Vec<Comparison>, ExitFailure> {
    if options.member.is_some() {
        let text = "no node answers, and only a node that runs can ask a member: leave --member out, or start the node";
        return Err(ExitFailure::Failed(text.to_owned()));
    }
    let opened = OpenLedger::open(config, OpenFor::Reading).await?;
    let compared = progress::shown(WORK, &Progress::default(), compare(&opened.ledger, config, options)).await;
    opened.close().await;
    compared.map_err(|error| failed(&error))
}

async fn compare(ledger: &Ledger, config: &Config, options: &VerifyOptions) -> Result<Vec<Comparison>, BackupError> {
    let mut compared = Vec::new();
    let copy = work_directories::folder(&config.paths.anylog_path).join("blockchain/blockchain.json");
    if copy.exists() {
        let text = tokio::fs::read(&copy).await.map_err(|error| BackupError::file(&copy, error))?;
        compared.push(backup::compare_copy(ledger, &format!("local copy {}", copy.display()), text).await?);
    }
    if let Some(path) = &options.backup {
        compared.push(backup::compare_backup(ledger, path).await?);
    }
    Ok(compared)
}

fn failed(error: &BackupError) -> ExitFailure {
    ExitFailure::Failed(error.to_string())
}
