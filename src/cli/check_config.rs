//! `check-config`: the effective values, their sources, the warnings.

use super::{arguments::Sources, exit::Failure, load};

/// Prints every variable as `NAME=value` with its source; the text is an env file again.
///
/// # Errors
/// Every mistake together.
pub fn run(options: &Sources) -> Result<(), Failure> {
    let config = load::config(options)?;
    for setting in config.settings() {
        let value = setting.shown();
        let quoted = if value.contains([' ', '#']) { format!("\"{value}\"") } else { value.to_owned() };
        println!("{:<48} # {}", format!("{}={quoted}", setting.variable.name), setting.source);
    }
    for warning in config.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(())
}
