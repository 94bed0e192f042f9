//! `restore`: the ledger becomes what a backup has.

use crate::{
    backup::{self, BackupError, Progress},
    cli::{
        arguments::RestoreOptions,
        backup::{
            open_ledger::{OpenFor, OpenLedger},
            progress,
            shared_file::SharedFile,
            stream::is_stream,
            worker::{self, Worker},
        },
        block_on::block_on,
        exit::ExitFailure,
        output::print,
    },
    command,
    config::Config,
    ledger::{Author, RestoreMode},
    node::backup_directory,
    prompt::Client,
    render,
};
use std::{fs::File, io};

/// What a terminal is shown meanwhile.
const WORK: &str = "restoring the backup";
/// Who stands in the history when this program writes into the database itself.
const AUTHOR: &str = "anylog-master restore";

/// Restores a backup and tells what that did.
///
/// # Errors
/// When the backup is damaged, the ledger has policies and nobody said what becomes of them, or the database does not do it;
/// nothing is changed then.
pub fn restore(options: &RestoreOptions) -> Result<(), ExitFailure> {
    let told = block_on(async {
        match worker::find(&options.remote).await? {
            (Worker::Node(client), config) => by_node(&client, &config, options).await,
            (Worker::Database, config) => by_program(&config, options).await,
        }
    })??;
    print(&format!("{}\n", told.replace("\r\n", "\n").trim_matches('\n')))
}

/// Lends the backup to the node and has it restore it.
async fn by_node(client: &Client, config: &Config, options: &RestoreOptions) -> Result<String, ExitFailure> {
    let mut source: Box<dyn io::Read> = if is_stream(&options.from) {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(&options.from).map_err(|error| failed(&BackupError::file(&options.from, error)))?)
    };
    let shared = SharedFile::of(&backup_directory(config), &mut source)?;
    // What is wrong with the file is told by its own name, and before the node is asked.
    backup::check(&shared.path).map_err(|error| named(&error, options))?;
    let command = command::restore_from(&shared.name, mode(options), options.dry_run);
    let answer = progress::shown(WORK, &Progress::default(), client.run(&command, None)).await;
    answer.map_err(|error| ExitFailure::Failed(error.to_string()))
}

/// Reads the backup and writes it into the database.
async fn by_program(config: &Config, options: &RestoreOptions) -> Result<String, ExitFailure> {
    let (mode, is_dry) = (mode(options), options.dry_run);
    let order = if is_stream(&options.from) {
        backup::read_stream(io::stdin(), "standard input", mode, is_dry)
    } else {
        backup::read_order(&options.from, mode, is_dry)
    };
    let order = order.map_err(|error| failed(&error))?;
    let opened = OpenLedger::open(config, if is_dry { OpenFor::Looking } else { OpenFor::Writing }).await?;
    let restore = opened.ledger.restore(order, Author::new(AUTHOR));
    let report = progress::shown(WORK, &Progress::default(), restore).await;
    opened.close().await;
    let report = report.map_err(|error| ExitFailure::Failed(error.to_string()))?;
    Ok(render::text(&command::restored(&report, false)))
}

const fn mode(options: &RestoreOptions) -> RestoreMode {
    match (options.merge, options.replace) {
        (true, _) => RestoreMode::Merge,
        (false, true) => RestoreMode::Replace,
        (false, false) => RestoreMode::EmptyOnly,
    }
}

fn failed(error: &BackupError) -> ExitFailure {
    ExitFailure::Failed(error.to_string())
}

/// Says what is wrong with a backup by the name that it was given by.
fn named(error: &BackupError, options: &RestoreOptions) -> ExitFailure {
    match error {
        BackupError::Damaged { wrong, .. } => {
            ExitFailure::Failed(format!("{}, {wrong}; nothing was changed", options.from.display()))
        }
        other => failed(other),
    }
}
