//! Arguments and exit codes of the program.

mod apply;
mod arguments;
mod backup;
mod block_on;
mod check_config;
mod check_script;
mod client;
mod doctor;
mod exit;
mod export;
mod fix_config;
mod health;
mod import;
mod import_source;
mod load;
mod migrate;
mod output;
mod own_certificate;
mod reload;
mod run;
mod token;
mod traces;
mod typing_error;

use crate::prompt;
use arguments::{Action, Arguments};
use clap::Parser;
use std::{ffi::OsString, process::ExitCode};

/// Runs the program with its arguments, the program's name included, and returns its exit code.
#[must_use]
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let result = match arguments.verb.unwrap_or_else(Action::start) {
        Action::Run(options) => run::run(&options),
        Action::CheckConfig(options) => check_config::run(&options),
        Action::Healthcheck(options) => health::run(&options),
        Action::Doctor(options) => doctor::run(&options),
        Action::Exec(options) => client::exec(&options),
        Action::Prompt(options) => client::prompt(&options),
        Action::Apply(options) => apply::run(&options),
        Action::Export(options) => export::run(&options),
        Action::CheckScript(options) => check_script::run(&options),
        Action::Migrate(options) => migrate::run(&options),
        Action::Import(options) => import::run(&options),
        Action::Backup(options) => backup::save(&options),
        Action::Restore(options) => backup::restore(&options),
        Action::Verify(options) => backup::verify(&options),
        Action::Token(options) => token::run(&options),
        Action::Version => output::print(concat!("anylog-master ", env!("CARGO_PKG_VERSION"), "\n")),
        Action::Words(words) => run::words(words),
    };
    let code = exit::code(result);
    prompt::give_back();
    code
}
