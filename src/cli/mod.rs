//! Arguments and exit codes of the program.

mod arguments;
mod block_on;
mod check_config;
mod check_script;
mod client;
mod exit;
mod health;
mod load;
mod output;
mod own_certificate;
mod run;
mod token;

use arguments::{Arguments, Verb};
use clap::Parser;
use std::{ffi::OsString, process::ExitCode};

/// Runs the program with its arguments, the program's name included, and returns its exit code.
#[must_use]
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let result = match arguments.verb.unwrap_or_else(Verb::start) {
        Verb::Run(options) => run::run(&options),
        Verb::CheckConfig(options) => check_config::run(&options),
        Verb::Healthcheck(options) => health::run(&options),
        Verb::Exec(options) => client::exec(&options),
        Verb::Prompt(options) => client::prompt(&options),
        Verb::CheckScript(options) => check_script::run(&options),
        Verb::Token(options) => token::run(&options),
        Verb::Version => output::print(concat!("anylog-master ", env!("CARGO_PKG_VERSION"), "\n")),
        Verb::Words(words) => run::words(words),
    };
    exit::code(result)
}
