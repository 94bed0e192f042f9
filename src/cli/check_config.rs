//! `check-config`: the effective values, their sources, the warnings.

use crate::{
    boot,
    cli::{arguments::ConfigOptions, exit::Failure, load, output::print},
    config::Setting,
};

/// Prints every variable as `NAME=value` with its source; the text is an env file again.
///
/// # Errors
/// Every mistake together.
pub fn run(options: &ConfigOptions) -> Result<(), Failure> {
    let config = load::config(options)?;
    boot::check(&config, &[])?;
    for warning in config.warnings() {
        eprintln!("warning: {warning}");
    }
    for note in boot::notes(&config) {
        eprintln!("note: {note}");
    }
    let lines: String = config.settings().iter().map(line).collect();
    print(&lines)
}

fn line(setting: &Setting) -> String {
    let value = setting.shown();
    let quoted = if value.contains([' ', '#']) { format!("\"{value}\"") } else { value.to_owned() };
    format!("{:<48} # {}\n", format!("{}={quoted}", setting.variable.name), setting.source)
}
