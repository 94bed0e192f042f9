//! The program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    anylog_master::cli::main(std::env::args_os().collect())
}
