//! `check-config`: the effective values, their sources, the warnings.

use crate::{
    boot,
    cli::{
        arguments::CheckConfigOptions,
        exit::ExitFailure,
        fix_config, load,
        output::{print, tell},
    },
    config::{Config, Setting},
};

/// Prints every variable as `NAME=value` with its source; the text is an env file again. Or writes the env file anew.
///
/// # Errors
/// Every mistake together.
pub fn run(options: &CheckConfigOptions) -> Result<(), ExitFailure> {
    let sources = load::sources(&options.sources)?;
    let config = Config::load_and(&sources, |config| boot::check(config, &[]))?;
    for warning in config.warnings() {
        tell(&format!("warning: {warning}"));
    }
    for note in config.notes().iter().cloned().chain(boot::notes(&config)) {
        tell(&format!("note: {note}"));
    }
    if options.fix {
        return fix_config::run(&sources, &config);
    }
    let lines: String = config.settings().iter().map(line).collect();
    print(&lines)
}

fn line(setting: &Setting) -> String {
    let value = setting.shown();
    let is_odd = value.contains([' ', '#']) || value.contains("${") || value.starts_with(['"', '\'']);
    let escaped = || value.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
    let quoted = if is_odd { format!("\"{}\"", escaped()) } else { value.into_owned() };
    format!("{:<48} # {}\n", format!("{}={quoted}", setting.variable.name), setting.source)
}
