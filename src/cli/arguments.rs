//! What may be written behind the program's name.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A Master Node for AnyLog / EdgeLake networks.
#[derive(Debug, Parser)]
#[command(name = "anylog-master", version, about, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do; without one the node starts.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Start the node; further words are commands that replace the built-in boot plan.
    Run(Run),
    /// Check the configuration and print the effective values; secrets are masked.
    CheckConfig(Sources),
    /// Ask the node that runs with this configuration whether it is ready; exit code 0 or 1.
    Healthcheck(Sources),
    /// Any other words are commands of the node: `anylog-master process FILE`.
    #[command(external_subcommand)]
    Words(Vec<String>),
}

impl Verb {
    /// What happens without arguments.
    pub fn start() -> Self {
        Self::Run(Run::default())
    }
}

/// Where the configuration is read from.
#[derive(Args, Clone, Debug, Default)]
pub struct Sources {
    /// Env file; otherwise `anylog_configs.env` of the current directory, if there is one.
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Embedded SQLite with all data in ./anylog-data, whatever the env file says about databases and paths.
    #[arg(long)]
    pub embedded: bool,
}

/// How the node starts.
#[derive(Args, Clone, Debug, Default)]
pub struct Run {
    /// Sources of the configuration.
    #[command(flatten)]
    pub sources: Sources,
    /// Commands with the word `and` between them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
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
        assert!(matches!(parsed.verb, Some(Verb::Run(Run { words, .. })) if words == ["process", "main.al"]));
        let parsed = Arguments::parse_from(["anylog-master", "process", "main.al", "--x"]);
        assert!(matches!(parsed.verb, Some(Verb::Words(words)) if words == ["process", "main.al", "--x"]));
        assert!(Arguments::parse_from(["anylog-master"]).verb.is_none());
    }
}
