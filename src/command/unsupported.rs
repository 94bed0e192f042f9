//! Commands of services that are no part of a master: they are known, and answered with code 237.

use super::{Code, Command, Entry, Error, Help, Line};

/// Refuses a command with the reason and where it belongs.
fn refuse(line: &Line<'_>, what: &str) -> Result<Command, Error> {
    let words: Vec<&str> = line.words.iter().take(line.named).map(|word| word.text.as_str()).collect();
    Err(Error::with(Code::NOT_SUPPORTED, format!("'{}': {what}", words.join(" "))))
}

const DATA: &str = "a master keeps no data; run it on an operator or publisher node";
const PROGRAM: &str = "a master runs no other programs";
const MESSAGES: &str = "a master sends no messages to people; run it on another node";

const fn data(words: &'static str, examples: &'static [&'static str]) -> Entry {
    entry(
        words,
        |line| refuse(line, DATA),
        "Not offered: a master keeps no data. Operator and publisher nodes have it.",
        examples,
    )
}

const fn message(words: &'static str, examples: &'static [&'static str]) -> Entry {
    entry(words, |line| refuse(line, MESSAGES), "Not offered: a master sends no messages to people.", examples)
}

const fn entry(
    words: &'static str,
    parse: super::table::Parse,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::change(words, parse, Help { usage: words, text, examples, index: &["not offered"] })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    data("run operator", &["run operator where policy = x"]),
    data("run publisher", &["run publisher"]),
    data("run streamer", &["run streamer"]),
    data("run data distributor", &["run data distributor"]),
    data("run data consumer", &["run data consumer"]),
    data("run blobs archiver", &["run blobs archiver"]),
    data("run msg client", &["run msg client where broker = rest"]),
    data("run mqtt client", &["run mqtt client where broker = rest"]),
    data("run kafka consumer", &["run kafka consumer"]),
    data("run grpc client", &["run grpc client"]),
    data("run plc client", &["run plc client"]),
    data("run opcua client", &["run opcua client"]),
    data("run scheduled pull", &["run scheduled pull"]),
    data("run mcp server", &["run mcp server"]),
    data("run video stream", &["run video stream"]),
    data("mqtt", &["mqtt publish where broker = b"]).at_least(2),
    data("video", &["video stop x"]).at_least(2),
    data("bucket", &["bucket create x"]).at_least(2),
    data("pi", &["pi get x"]).at_least(2),
    data("stream", &["stream where x = y"]).at_least(2),
    data("partition", &["partition x y using z by day"]).at_least(2),
    data("backup", &["backup table where dbms = x"]).at_least(2),
    message("run smtp client", &["run smtp client where email = x"]),
    message("email", &["email to x where subject = y"]).at_least(2),
    message("sms", &["sms to x where message = y"]).at_least(2),
    entry(
        "subprocess",
        |line| refuse(line, PROGRAM),
        "Not offered: a master runs no other programs.",
        &["subprocess ls"],
    )
    .at_least(2),
    entry(
        "import function",
        |line| refuse(line, PROGRAM),
        "Not offered: a master runs no other programs.",
        &["import function x"],
    ),
];
