//! Arbitrary bytes as an env file: reading it, comparing how others read it and writing it anew never panic, and the file that is
//! written has the same values.
#![no_main]

use anylog_master::config::{Config, EnvFile, Sources, clean_file};
use libfuzzer_sys::fuzz_target;

/// Names that may hold a login in one text, which is written anew as its parts.
const LOGINS: [&str; 2] = ["DB_USER", "DB_CONN"];

/// Returns the bytes without names of files: a value of X_FILE names one of the machine, which is none of a test's business.
fn without_files(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() {
        if bytes[at..].starts_with(b"_FILE") {
            bytes[at + 4] = b'_';
        }
    }
    bytes
}

fn of_file(name: &str, bytes: &[u8]) -> Sources {
    Sources { file: Some(EnvFile::parse(name.into(), bytes)), ..Sources::default() }
}

fn values(config: &Config) -> Vec<(&str, &str)> {
    config.settings().iter().map(|setting| (setting.variable.name, setting.value.as_str())).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = without_files(bytes);
    let sources = of_file("fuzz.env", &bytes);
    let Ok(config) = Config::load(&sources) else { return };
    let Some(clean) = clean_file(&sources, config.settings()) else { return };
    let again = Config::load(&of_file("fuzz.env.fixed", clean.text.as_bytes()));
    let mut assignments = sources.file.iter().flat_map(|file| &file.assignments);
    let has_login = bytes.contains(&b'@') && assignments.any(|line| LOGINS.contains(&line.name.as_str()));
    // What could not be written is told, the parts of a login depend on which of them have lines of their own, and what stands for
    // bytes that are no text is refused in the first line of a value alone.
    if has_login || !clean.left.is_empty() || clean.text.contains(char::REPLACEMENT_CHARACTER) {
        return;
    }
    let again = again.unwrap_or_else(|mistakes| panic!("{mistakes}\nin what was written:\n{}", clean.text));
    assert_eq!(values(&again), values(&config), "{}", clean.text);
});
