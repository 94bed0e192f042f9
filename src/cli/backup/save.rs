//! `backup`: everything that the ledger holds, into a file or a stream.

use crate::{
    backup::{self, BackupError, Progress, format::Seal},
    cli::{
        arguments::BackupOptions,
        backup::{
            open_ledger::{OpenFor, OpenLedger},
            progress,
            shared_file::SharedFile,
            stream::is_stream,
            worker::{self, Worker},
        },
        block_on::block_on,
        exit::ExitFailure,
        output::{print, tell},
    },
    command,
    config::Config,
    node::{BackupSummary, backup_directory},
    prompt::Client,
    reply::Error,
    runtime::steady_file::SteadyFile,
};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// What a terminal is shown meanwhile.
const WORK: &str = "writing the backup";

/// Writes a backup and tells what it holds: on the standard error when the backup itself goes to the standard output.
///
/// # Errors
/// When the node refuses, the database does not answer, or the file cannot be written; nothing is left of it then.
pub fn save(options: &BackupOptions) -> Result<(), ExitFailure> {
    let told = block_on(async {
        match worker::find(&options.remote).await? {
            (Worker::Node(client), config) => by_node(&client, &config, &options.to).await,
            (Worker::Database, config) => by_program(&config, &options.to).await,
        }
    })??;
    if is_stream(&options.to) {
        // Whoever reads the backup reads the standard output.
        tell(&told);
        return Ok(());
    }
    print(&format!("{told}\n"))
}

/// Has the node write it into the directory that both see, and moves it from there.
async fn by_node(client: &Client, config: &Config, to: &Path) -> Result<String, ExitFailure> {
    let is_packed = to.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let failed = |error: BackupError| ExitFailure::Failed(error.to_string());
    if !is_stream(to) {
        backup::check_target(to).map_err(failed)?;
    }
    let shared = SharedFile::new(&backup_directory(config), is_packed)?;
    let command = command::backup_into(&shared.name);
    let answer = progress::shown(WORK, &Progress::default(), client.run(&command, None)).await;
    answer.map_err(|error| ExitFailure::Failed(error.to_string()))?;
    let mut file = File::open(&shared.path).map_err(|error| elsewhere(&shared.path, &error))?;
    let seal = if is_stream(to) {
        io::copy(&mut file, &mut io::stdout().lock()).and_then(|_| io::stdout().flush()).map_err(unwritten)?;
        backup::check(&shared.path).map_err(failed)?.1
    } else {
        move_to(&mut file, to)?
    };
    Ok(format!("{}: {}, SHA-256 of the seal {}", to.display(), seal.counts, seal.sha256))
}

/// Writes a copy beside the file, reads it back and renames it, so that the file is there only when it is whole.
fn move_to(source: &mut File, to: &Path) -> Result<Seal, ExitFailure> {
    let fresh = PathBuf::from(format!("{}.{}.tmp", to.display(), std::process::id()));
    let moved = move_through(source, &fresh, to);
    if moved.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    moved
}

fn move_through(source: &mut File, fresh: &Path, to: &Path) -> Result<Seal, ExitFailure> {
    let copied = File::create(fresh).map(SteadyFile::new).and_then(|mut file| {
        io::copy(source, &mut file)?;
        file.sync_all()
    });
    copied.map_err(unwritten)?;
    let (_, seal) = backup::check(fresh).map_err(|error| ExitFailure::Failed(error.to_string()))?;
    fs::rename(fresh, to).and_then(|()| backup::sync_name(to)).map_err(unwritten)?;
    Ok(seal)
}

/// Reads the database and writes the backup.
async fn by_program(config: &Config, to: &Path) -> Result<String, ExitFailure> {
    let opened = OpenLedger::open(config, OpenFor::Reading).await?;
    let progress = Progress::default();
    let written = async {
        if is_stream(to) {
            backup::write_stream(&opened.ledger, io::stdout(), "standard output", &progress).await
        } else {
            backup::write_file(&opened.ledger, to, &progress).await
        }
    };
    let written = progress::shown(WORK, &progress, written).await;
    opened.close().await;
    let BackupSummary { counts, sha256, .. } =
        written.map_err(|error| ExitFailure::Failed(Error::from(error).to_string()))?;
    Ok(format!("{}: {counts}, SHA-256 of the seal {sha256}", to.display()))
}

fn unwritten(error: io::Error) -> ExitFailure {
    ExitFailure::System { what: "file of the backup", error }
}

fn elsewhere(path: &Path, error: &io::Error) -> ExitFailure {
    ExitFailure::Failed(format!(
        "the node wrote a backup that this program does not find at {}: {error}; run it where the node runs and with its \
         configuration (--embedded where the node was started so), for example in its container",
        path.display()
    ))
}
