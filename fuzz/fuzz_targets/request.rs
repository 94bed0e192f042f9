//! Arbitrary bytes as an HTTP request with a command somewhere in it: finding the command never panics and always ends.
#![no_main]

use anylog_master::rest::fuzzed::request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The form of the wire with plain line ends: a method and a target, lines of a header, an empty line, a body.
    let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
    let (head, body) = (&data[..end], data.get(end + 2..).unwrap_or_default());
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let (method, target) = first.split_once(' ').unwrap_or(("GET", &first));
    let named = lines.filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
    });
    request(method, target, &named.collect::<Vec<_>>(), body);
});
