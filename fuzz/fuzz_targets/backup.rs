//! Arbitrary bytes as a backup: reading never panics and always ends, and what is read whole, whatever its seal says, is written as
//! the same items again.
#![no_main]

use anylog_master::backup::format::{SealedWriter, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut items = Vec::new();
    let Ok((manifest, _)) = read(bytes, |item| items.push(item)) else { return };
    let mut writer = SealedWriter::begin(Vec::new(), &manifest).expect("memory takes all");
    items.iter().for_each(|item| writer.add(item).expect("what was read is no larger than what is written"));
    let (again, _, _) = writer.seal().expect("memory takes all");
    let mut same = Vec::new();
    read(again.as_slice(), |item| same.push(item)).expect("what is written is read");
    assert_eq!(same, items);
});
