//! Commands of services that are no part of a master: they are known, and answered with code 237.

use crate::{
    command::engine::{Entry, Exchange, Help, Line, Parsed, Traits, Verbs},
    reply::{Code, Error},
};

/// Refuses a command with the reason and where it belongs.
fn refuse(line: &Line<'_>, what: &str) -> Parsed {
    if line.words.len() == 1 {
        return Err(Error::with(Code::STRUCTURE, format!("words are missing, and {what}")));
    }
    let words: Vec<&str> = line.words.iter().take(line.named).map(|word| word.text.as_str()).collect();
    Err(Error::with(Code::NOT_SUPPORTED, format!("'{}': {what}", words.join(" "))))
}

const DATA: &str = "a master keeps no data; run it on an operator or publisher node";
const LEDGER: &str = "drop a database with its own tools; 'disconnect dbms' ends its use here";
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

/// A row whose usage says more than its name.
const fn described(words: &'static str, usage: &'static str, examples: &'static [&'static str]) -> Entry {
    let row = data(words, examples);
    Entry { help: Help { usage, ..row.help }, ..row }
}

const fn message(words: &'static str, examples: &'static [&'static str]) -> Entry {
    entry(words, |line| refuse(line, MESSAGES), "Not offered: a master sends no messages to people.", examples)
}

const fn entry(
    words: &'static str,
    parse: crate::command::engine::Parse,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::change(words, parse, Help { usage: words, text, examples, index: &["data"] })
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    data("run operator", &["run operator where policy = x"]).indexed(&["data", "enterprise"]),
    data("run publisher", &["run publisher"]).indexed(&["data", "enterprise"]),
    data("run streamer", &["run streamer"]),
    data("run data distributor", &["run data distributor"]).indexed(&["high availability"]),
    data("run data consumer", &["run data consumer"]).indexed(&["high availability"]),
    data("run blobs archiver", &["run blobs archiver"]).indexed(&["unstructured data", "background processes"]),
    data("run msg client", &["run msg client where broker = rest"]),
    data("run mqtt client", &["run mqtt client where broker = rest"]),
    data("run kafka consumer", &["run kafka consumer"]),
    data("run grpc client", &["run grpc client"]).indexed(&["api"]),
    data("run plc client", &["run plc client"]).indexed(&["modbus"]),
    data("run opcua client", &["run opcua client"]),
    data("run scheduled pull", &["run scheduled pull"]),
    data("run mcp server", &["run mcp server"]).indexed(&["mcp", "api"]),
    data("run video stream", &["run video stream"]).indexed(&["video"]),
    data("mqtt", &["mqtt publish where broker = b"]),
    data("video", &["video stop x"]).indexed(&["video"]),
    data("bucket", &["bucket create x"]).indexed(&["bucket"]),
    data("pi", &["pi get x"]),
    data("stream", &["stream where x = y"]).indexed(&["streaming"]),
    data("run uns streamer", &["run uns streamer where policy = x"]),
    data("partition", &["partition x y using z by day"]),
    data("backup", &["backup table where dbms = x"]),
    data("drop table", &["drop table x where dbms = y"]),
    data("drop network table", &["drop network table where name = x and dbms = y"]),
    data("drop partition", &["drop partition where dbms = x and table = y and keep = 3"]),
    data("delete archive", &["delete archive where days = 30"]),
    data("create view", &["create view x"]),
    data("info view", &["info view x y columns"]).with(Traits::CHANGE.over_tcp(Exchange::Rows)),
    data("suggest create", &["suggest create from x"]),
    data("generate insert from json", &["generate insert from json"]),
    data("streaming data", &["streaming data where x = y"]),
    data("flush buffers", &["flush buffers"]),
    described(
        "time file add",
        "time file add [file name] [optional status 1] [optional status 2]",
        &["time file add x"],
    ),
    described("time file delete", "time file delete [row id] from [TSD table name]", &["time file delete x"]),
    described("time file drop", "time file drop [all/table_name]", &["time file drop x"]),
    described(
        "time file new",
        "time file new [file name] [optional status 1] [optional status 2]",
        &["time file new x"],
    ),
    described(
        "time file rename",
        "time file rename [source file path and name] to dbms = [dbms name] and table = [table name] and source = [source ID] and hash = [hash value] and instructions = [instructions id]",
        &["time file rename x to dbms = y and table = z"],
    ),
    described(
        "time file update",
        "time file update [hash value] [optional status 1] [optional status 2]",
        &["time file update x"],
    ),
    entry(
        "drop dbms",
        |line| refuse(line, LEDGER),
        "Not offered: the ledger's database is dropped with the tools of the database.",
        &["drop dbms x from psql"],
    ),
    message("run smtp client", &["run smtp client where email = x"]),
    message("email", &["email to x where subject = y"]),
    message("sms", &["sms to x where message = y"]),
    entry(
        "subprocess",
        |line| refuse(line, PROGRAM),
        "Not offered: a master runs no other programs.",
        &["subprocess ls"],
    )
    .with(Traits::CHANGE.carried_by(Verbs::Both))
    .indexed(&["internal"]),
    entry(
        "import function",
        |line| refuse(line, PROGRAM),
        "Not offered: a master runs no other programs.",
        &["import function x"],
    )
    .indexed(&["lib", "packages"]),
];
