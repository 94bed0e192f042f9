//! `check-config`: the effective values, their sources, the warnings.

use super::{arguments::Sources, exit::Failure, load};
use crate::{boot, config::Setting};
use std::io::{self, Write};

/// Prints every variable as `NAME=value` with its source; the text is an env file again.
///
/// # Errors
/// Every mistake together.
pub fn run(options: &Sources) -> Result<(), Failure> {
    let config = load::config(options)?;
    boot::check(&config, &[])?;
    for warning in config.warnings() {
        eprintln!("warning: {warning}");
    }
    let lines: String = config.settings().iter().map(line).collect();
    // Whoever reads may have seen enough, as `head` does.
    match io::stdout().write_all(lines.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::System { what: "output", error }),
        _ => Ok(()),
    }
}

fn line(setting: &Setting) -> String {
    let value = setting.shown();
    let quoted = if value.contains([' ', '#']) { format!("\"{value}\"") } else { value.to_owned() };
    format!("{:<48} # {}\n", format!("{}={quoted}", setting.variable.name), setting.source)
}
