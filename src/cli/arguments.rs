//! What may be written behind the program's name.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A Master Node for AnyLog / EdgeLake networks.
#[derive(Debug, Parser)]
#[command(name = "anylog-master", version, about, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do; without one the node starts.
    #[command(subcommand)]
    pub verb: Option<Action>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Start the node; further words are commands that replace the built-in boot plan.
    Run(RunOptions),
    /// Check the configuration and print the effective values; secrets are masked.
    CheckConfig(CheckConfigOptions),
    /// Ask the node that runs with this configuration whether it is ready; exit code 0 or 1, 64 when the configuration is wrong.
    Healthcheck(ConfigOptions),
    /// Look for what keeps members from joining, on the running node or without one; exit code 0 when nothing is wrong.
    Doctor(DoctorOptions),
    /// Run one command on a running node and print its answer; exit code 0 or 1, 64 when the configuration is wrong.
    Exec(ExecOptions),
    /// Open the prompt of a running node.
    Prompt(RemoteOptions),
    /// Make the ledger of a running node what files of policies say; the changes are shown first.
    Apply(ApplyOptions),
    /// Write the policies of a running node into files that `apply` reads.
    Export(ExportOptions),
    /// Look through scripts without running them and report what is wrong, with file, line and column.
    CheckScript(CheckScriptOptions),
    /// Bring the tables of the ledger to the form of this version, as a start does, or show what that would be.
    Migrate(MigrateOptions),
    /// Bring the policies of an EdgeLake or AnyLog master into the running node: from its SQLite file, its PostgreSQL database,
    /// or the local copy of any node.
    Import(ImportOptions),
    /// Write a backup of the ledger, of the running node or of the database of this configuration.
    Backup(BackupOptions),
    /// Make the ledger what a backup has; reads all of it first.
    Restore(RestoreOptions),
    /// Compare the ledger with its local copy, a backup or a member's copy; exit code 1 when something differs.
    Verify(VerifyOptions),
    /// Create a token for callers over REST.
    Token(TokenOptions),
    /// Print the version.
    Version,
    /// Any other words are commands of the node: `anylog-master process FILE`.
    #[command(external_subcommand)]
    Words(Vec<String>),
}

impl Action {
    /// What happens without arguments.
    pub fn start() -> Self {
        Self::Run(RunOptions::default())
    }
}

/// Where the configuration is read from.
#[derive(Args, Clone, Debug, Default)]
pub struct ConfigOptions {
    /// Env file; otherwise `anylog_configs.env` of the current directory, if there is one.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Embedded SQLite with all data in ./anylog-data, whatever the env file says about databases and paths.
    #[arg(long)]
    pub embedded: bool,
}

/// Which configuration is checked.
#[derive(Args, Clone, Debug, Default)]
pub struct CheckConfigOptions {
    /// ConfigOptions of the configuration.
    #[command(flatten)]
    pub sources: ConfigOptions,
    /// Write FILE.fixed beside the env file: the same values, spelled so that compose, Docker and a shell read them alike.
    #[arg(long)]
    pub fix: bool,
}

/// Which scripts are looked through.
#[derive(Args, Clone, Debug, Default)]
pub struct CheckScriptOptions {
    /// Script files that run together, or directories with `.al` files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// How the node starts.
#[derive(Args, Clone, Debug, Default)]
pub struct RunOptions {
    /// ConfigOptions of the configuration.
    #[command(flatten)]
    pub sources: ConfigOptions,
    /// Commands with the word `and` between them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}

/// Which running node is asked.
#[derive(Args, Clone, Debug, Default)]
pub struct RemoteOptions {
    /// ConfigOptions of the configuration, which tell where the node's REST server listens.
    #[command(flatten)]
    pub sources: ConfigOptions,
    /// REST server of the node, `host:port` or `https://host:port`; otherwise the one of this configuration.
    #[arg(long, value_name = "HOST:PORT")]
    pub connect: Option<String>,
    /// File with the token for commands that change something; otherwise REST_TOKEN, or the file of REST_TOKEN_FILE.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Authority that signed the certificate of an https server (PEM).
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Certificate to show to a node that takes callers with one alone (`REST_TLS_CA`), and those that lead to its authority (PEM).
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
}

/// One command for a running node.
#[derive(Args, Clone, Debug)]
pub struct ExecOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
    /// The command, for example \"get processes\".
    #[arg(required = true)]
    pub words: Vec<String>,
}

/// Which policies should be there.
#[derive(Args, Clone, Debug)]
pub struct ApplyOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// File with policies (JSON, or one on each line), directory with such files, or `-` for the standard input; may be
    /// given several times.
    #[arg(short = 'f', long = "file", required = true, value_name = "DIR|FILE|-")]
    pub files: Vec<PathBuf>,
    /// Only show what would change; exit code 2 when something would.
    #[arg(long)]
    pub dry_run: bool,
    /// Drop the policies of this type that the files do not have; may be given several times.
    #[arg(long, value_name = "TYPE")]
    pub prune: Vec<String>,
}

/// Which policies are written where.
#[derive(Args, Clone, Debug)]
pub struct ExportOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// Directory that gets a file for each policy, one file for all of them (`*.json`), or `-` for the standard output.
    #[arg(long, value_name = "DIR|FILE|-", default_value = "-")]
    pub to: PathBuf,
    /// Only policies of this type; may be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
}

/// Which node is examined.
#[derive(Args, Clone, Debug)]
pub struct DoctorOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// How the list is printed.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
}

/// Which database is brought to the form of this version.
#[derive(Args, Clone, Debug)]
pub struct MigrateOptions {
    /// Where its configuration is read from.
    #[command(flatten)]
    pub sources: ConfigOptions,
    /// Show the steps and their statements, and change nothing; a node may use the database meanwhile.
    #[arg(long)]
    pub dry_run: bool,
}

/// What is imported, and into which node.
#[derive(Args, Clone, Debug)]
pub struct ImportOptions {
    /// Which node takes the policies.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// SQLite file, local copy (blockchain.json) or `-` for one on the standard input, or
    /// postgres://user@host:port/blockchain?sslmode=… with the parameters of DB_URL.
    #[arg(long, value_name = "FILE|URL")]
    pub from: String,
    /// File with the password of the PostgreSQL user; otherwise the one of the URL, or PGPASSWORD.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Keep the policies that the node has, and bring those that it lacks.
    #[arg(long, conflicts_with = "replace")]
    pub merge: bool,
    /// Make the ledger of the node what the source says; only the policy of the node itself stays.
    #[arg(long)]
    pub replace: bool,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Import nothing when something of the source cannot come.
    #[arg(long)]
    pub strict: bool,
}

/// Where a backup goes.
///
/// The node that runs with this configuration writes it; without a node that answers this program reads the database itself. The
/// node and this program share the directory for backups (BACKUP_DIR), so run it where the node runs, or in its container.
#[derive(Args, Clone, Debug)]
pub struct BackupOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// File for the backup, packed when its name ends with .gz; `-` for the standard output.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
}

/// Which backup is restored, and how.
///
/// The node that runs with this configuration restores it and need not be stopped; without a node that answers this program
/// writes into the database itself. Run it where the node runs, or in its container.
#[derive(Args, Clone, Debug)]
pub struct RestoreOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// File with the backup; `-` for the standard input.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Add what the ledger lacks; what is there stays.
    #[arg(long, conflicts_with = "replace")]
    pub merge: bool,
    /// Make the ledger exactly the backup.
    #[arg(long)]
    pub replace: bool,
    /// Tell what would happen, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What the ledger is compared with, beside its local copy.
///
/// The node that runs with this configuration compares; without a node that answers this program reads the database itself.
#[derive(Args, Clone, Debug)]
pub struct VerifyOptions {
    /// Which node.
    #[command(flatten)]
    pub remote: RemoteOptions,
    /// File with a backup.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    /// Address of another node, `ip:port`, whose copy is compared; only by a node that runs.
    #[arg(long, value_name = "IP:PORT")]
    pub member: Option<anylog_values::Address>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub format: AnswerFormat,
}

/// Who a token is for.
#[derive(Args, Clone, Debug)]
pub struct TokenOptions {
    /// Name of the caller in the logs.
    pub name: String,
    /// What the caller may do: read, publish or admin.
    pub role: String,
}

/// How an answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerFormat {
    /// As the node sends it.
    Text,
    /// As JSON, always.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sane() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn words_behind_run_and_instead_of_it() {
        let parsed = Arguments::parse_from(["anylog-master", "run", "--embedded", "process", "main.al"]);
        assert!(matches!(parsed.verb, Some(Action::Run(RunOptions { words, .. })) if words == ["process", "main.al"]));
        let parsed = Arguments::parse_from(["anylog-master", "process", "main.al", "--x"]);
        assert!(matches!(parsed.verb, Some(Action::Words(words)) if words == ["process", "main.al", "--x"]));
        assert!(Arguments::parse_from(["anylog-master"]).verb.is_none());
    }
}
