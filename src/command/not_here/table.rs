//! The table of commands that a master knows and does not carry out: their words, the answer, where they belong instead.

use crate::{
    command::{
        engine::{Entry, Exchange, Help, Line, Parsed, Traits, Verbs},
        not_here::answer::{Absent, AbsentAnswer, AcceptedArguments, Cell, Content, TableHeader, parse},
    },
    reply::{Breaks, Gap},
    script::Key,
};

const DATA: &str = "a master keeps no data; run it on an operator or publisher node";
const BACKUP: &str = "it copies the data of an operator node; 'backup ledger' writes a backup of the ledger";
const LEDGER: &str = "drop a database with its own tools; 'disconnect dbms' ends its use here";
const PROGRAM: &str = "a master runs no other programs";
const MESSAGES: &str = "a master sends no messages to people; run it on another node";

/// A question, which gets the reply of a node that does not have the service.
const fn question(
    words: &'static str,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
    arguments: AcceptedArguments,
    content: Content,
) -> Absent {
    let help = Help { usage, text, examples, index: &["monitor", "streaming"] };
    Absent { entry: Entry::read(words, read, help), answer: AbsentAnswer::Reply(arguments, content) }
}

/// A command that is refused.
const fn refused(
    words: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
    reason: &'static str,
) -> Absent {
    let help = Help { usage: words, text, examples, index: &["data"] };
    Absent { entry: Entry::change(words, read, help), answer: AbsentAnswer::NotOffered(reason) }
}

/// A command on data, which operator and publisher nodes keep.
const fn data(words: &'static str, examples: &'static [&'static str]) -> Absent {
    let text = "Not offered: a master keeps no data. Operator and publisher nodes have it.";
    refused(words, text, examples, DATA)
}

/// A command that sends messages to people.
const fn message(words: &'static str, examples: &'static [&'static str]) -> Absent {
    refused(words, "Not offered: a master sends no messages to people.", examples, MESSAGES)
}

/// A command that starts another program.
const fn program(words: &'static str, examples: &'static [&'static str]) -> Absent {
    refused(words, "Not offered: a master runs no other programs.", examples, PROGRAM)
}

impl Absent {
    /// Says by which words `help index` finds the command.
    const fn indexed(self, index: &'static [&'static str]) -> Self {
        Self { entry: self.entry.indexed(index), ..self }
    }

    /// Says how edges carry the command.
    const fn with(self, traits: Traits) -> Self {
        Self { entry: self.entry.with(traits), ..self }
    }

    /// Says how the command is written, when that is more than its words.
    const fn written(self, usage: &'static str) -> Self {
        let help = Help { usage, ..self.entry.help };
        Self { entry: Entry { help, ..self.entry }, ..self }
    }
}

fn read(line: &Line<'_>) -> Parsed {
    parse(line, COMMANDS)
}

/// A table without rows.
const fn no_rows(titles: &'static [&'static str]) -> Content {
    Content::NoRows { header: None, titles }
}

/// A table without rows below a line that says what it is about.
const fn no_rows_of(header: TableHeader, titles: &'static [&'static str]) -> Content {
    Content::NoRows { header: Some(header), titles }
}

const STATISTICS: TableHeader = TableHeader(Gap::Line, "Statistics");

/// The entries of the table for the catalog.
#[expect(clippy::indexing_slicing, reason = "evaluated when the crate is compiled, which an index outside would stop")]
pub const ENTRIES: &[&[Entry]] = &{
    let mut entries: [&[Entry]; COMMANDS.len()] = [&[]; COMMANDS.len()];
    let mut at = 0;
    while at < COMMANDS.len() {
        entries[at] = std::slice::from_ref(&COMMANDS[at].entry);
        at += 1;
    }
    entries
};

const COMMANDS: &[Absent] = &[
    question(
        "get operator",
        "get operator [config/summary/inserts] [where format = table/json]",
        "Tells the state of the operator service, which a master does not have.",
        &["get operator", "get operator summary where format = json"],
        AcceptedArguments::FiguresAndFormat,
        Content::OneRow { header: TableHeader(Gap::Feed, "Stats: OPERATOR CONFIG"), cells: NOT_ACTIVE },
    ),
    question(
        "get publisher",
        "get publisher [config/summary/files] [where format = table/json]",
        "Tells the state of the publisher service, which a master does not have.",
        &["get publisher"],
        AcceptedArguments::FiguresAndFormat,
        Content::OneRow { header: TableHeader(Gap::Feed, "Stats: PUBLISHER CONFIG"), cells: NOT_ACTIVE },
    ),
    question(
        "get stats",
        "get stats where service = operator/publisher [and topic = summary and format = table/json]",
        "Tells the figures of a data service, all zero on a master.",
        &["get stats where service = operator", "get stats where service = operator and format = json"],
        AcceptedArguments::Statistics,
        Content::OneRow { header: TableHeader(Gap::Feed, "Stats: OPERATOR SUMMARY"), cells: FIGURES },
    ),
    question(
        "get streaming",
        "get streaming [where format = table/json]",
        "Lists streams of data; a master takes none.",
        &["get streaming", "get streaming where format = json"],
        AcceptedArguments::OutputFormat,
        no_rows_of(STATISTICS, STREAMING),
    ),
    question(
        "get msg client",
        "get msg client [where topic = T and id = N and broker = B]",
        "Lists subscriptions to message brokers; a master has none.",
        &["get msg client", "get msg client where topic = new-data"],
        AcceptedArguments::Where(SUBSCRIPTION),
        Content::Lines(Breaks::Before, &["No message client subscriptions"]),
    ),
    question(
        "get msg clients",
        "get msg clients",
        "Lists subscriptions to message brokers; a master has none.",
        &["get msg clients"],
        AcceptedArguments::Where(SUBSCRIPTION),
        Content::Lines(Breaks::Before, &["No message client subscriptions"]),
    ),
    question(
        "get msg rules",
        "get msg rules",
        "Lists rules for incoming messages; a master has none.",
        &["get msg rules"],
        AcceptedArguments::OutputFormat,
        no_rows(RULES),
    ),
    question(
        "get local broker",
        "get local broker",
        "Lists messages of the local message broker; a master has no broker.",
        &["get local broker"],
        AcceptedArguments::OutputFormat,
        no_rows_of(TableHeader(Gap::Closed, "Message Broker Stat"), BROKER),
    ),
    question(
        "get scheduled pull",
        "get scheduled pull",
        "Lists sources that are asked for data on schedule; a master has none.",
        &["get scheduled pull"],
        AcceptedArguments::OutputFormat,
        no_rows_of(STATISTICS, PULLS),
    ),
    question(
        "get mcp status",
        "get mcp status",
        "Lists sessions of assistants; a master has none.",
        &["get mcp status"],
        AcceptedArguments::OutputFormat,
        no_rows(SESSIONS),
    ),
    question(
        "get blobs archiver",
        "get blobs archiver",
        "Tells the state of the archive of files, which a master does not have.",
        &["get blobs archiver"],
        AcceptedArguments::Nothing,
        Content::Lines(Breaks::Before, &["Archiver not active"]),
    ),
    question(
        "get cluster info",
        "get cluster info",
        "Tells which cluster this node serves; a master serves none.",
        &["get cluster info"],
        AcceptedArguments::Nothing,
        Content::Text("Cluster data is not available"),
    ),
    question(
        "get watch directories",
        "get watch directories",
        "Lists directories that are watched for data; a master watches none.",
        &["get watch directories"],
        AcceptedArguments::Nothing,
        Content::Text("No watch directories"),
    ),
    question(
        "get partitions",
        "get partitions",
        "Lists partitions of data tables; a master has none.",
        &["get partitions"],
        AcceptedArguments::Nothing,
        Content::Text("No partitions declared"),
    ),
    question(
        "get grpc clients",
        "get grpc clients",
        "Lists gRPC clients; a master has none.",
        &["get grpc clients"],
        AcceptedArguments::Nothing,
        Content::Text("No active gRPC clients"),
    ),
    question(
        "get json file struct",
        "get json file struct",
        "Tells the parts of the name of a data file.",
        &["get json file struct"],
        AcceptedArguments::Nothing,
        Content::Text("[dbms name].[table name].[data source].[hash value].[mapping policy].[TSD member ID].[TSD row ID].[TSD date].json"),
    ),
    question(
        "get user threads",
        "get user threads",
        "Lists scripts that run in the debugger; there is none here.",
        &["get user threads"],
        AcceptedArguments::Nothing,
        Content::Lines(Breaks::Behind, &["Thread ID       Script", "--------------- -----------------------"]),
    ),
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
    refused("backup table", "Not offered: it copies the data of an operator node. 'backup ledger' writes a backup of the ledger.", &["backup table where dbms = x"], BACKUP),
    data("drop table", &["drop table x where dbms = y"]),
    data("drop network table", &["drop network table where name = x and dbms = y"]),
    data("drop partition", &["drop partition where dbms = x and table = y and keep = 3"]),
    data("delete archive", &["delete archive where days = 30"]),
    data("create view", &["create view x"]),
    data("info view", &["info view x y columns"]).with(Traits::CHANGE.over_tcp(Exchange::TableInfo)),
    data("suggest create", &["suggest create from x"]),
    data("generate insert from json", &["generate insert from json"]),
    data("streaming data", &["streaming data where x = y"]),
    data("flush buffers", &["flush buffers"]),
    data("time file add", &["time file add x"]).written("time file add [file name] [optional status 1] [optional status 2]"),
    data("time file delete", &["time file delete x"]).written("time file delete [row id] from [TSD table name]"),
    data("time file drop", &["time file drop x"]).written("time file drop [all/table_name]"),
    data("time file new", &["time file new x"]).written("time file new [file name] [optional status 1] [optional status 2]"),
    data("time file rename", &["time file rename x to dbms = y and table = z"]).written("time file rename [source file path and name] to dbms = [dbms name] and table = [table name] and source = [source ID] and hash = [hash value] and instructions = [instructions id]"),
    data("time file update", &["time file update x"]).written("time file update [hash value] [optional status 1] [optional status 2]"),
    refused(
        "blockchain sync",
        "Not a command of its own: 'run blockchain sync' copies the ledger now, or starts to copy it from time to time.",
        &["blockchain sync"],
        "write: run blockchain sync",
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
    .indexed(&["blockchain"]),
    refused(
        "test cluster setup",
        "Not offered: operators have it, which keep the data of a cluster.",
        &["test cluster setup"],
        DATA,
    )
    .with(Traits::QUESTION)
    .indexed(&["helper"]),
    refused(
        "drop dbms",
        "Not offered: the ledger's database is dropped with the tools of the database.",
        &["drop dbms x from psql"],
        LEDGER,
    ),
    message("run smtp client", &["run smtp client where email = x"]),
    message("email", &["email to x where subject = y"]),
    message("sms", &["sms to x where message = y"]),
    program("subprocess", &["subprocess ls"])
    .with(Traits::CHANGE.carried_by(Verbs::Both))
    .indexed(&["internal"]),
    program("import function", &["import function x"])
    .indexed(&["lib", "packages"]),
];

const SUBSCRIPTION: &[Key] =
    &[Key::bool("detailed"), Key::text("broker"), Key::text("topic"), Key::bool("statistics"), Key::int("id")];

const NOT_ACTIVE: &[(&str, Cell)] =
    &[("Status", Cell::Text("Not Active")), ("Operational time", Cell::Text("00:00:00"))];

const FIGURES: &[(&str, Cell)] = &[
    ("Node name", Cell::NodeName),
    ("Status", Cell::Text("Not Active")),
    ("Operational time", Cell::Text("00:00:00")),
    ("Processing time", Cell::Text("00:00:00")),
    ("Elapsed time", Cell::Text("00:00:00")),
    ("New rows", Cell::Integer(0)),
    ("Total rows", Cell::Integer(0)),
    ("New errors", Cell::Integer(0)),
    ("Total errors", Cell::Integer(0)),
    ("Avg. rows/sec", Cell::Decimal(0.0)),
];

const STREAMING: &[&str] = &[
    "\nDBMS-Table",
    "Put\nfiles",
    "Put\nRows",
    " ",
    "Streaming\nCalls",
    "Streaming\nRows",
    "Cached\nRows",
    "Counter\nImmediate",
    "Threshold\nVolume(KB)",
    "Buffer\nFill(%)",
    "Threshold\nTime(sec)",
    "Time Left\n(Sec)",
    "Last Process\nHH:MM:SS",
];

const RULES: &[&str] = &[
    "Name",
    "IF\nSource IP",
    "IF\nPort",
    "IF\nHeader",
    "THEN\nDBMS",
    "THEN\nTable",
    "THEN\nSysLog",
    "THEN\nTopic",
    "THEN\nStructure",
    "Extend",
    "Batches",
    "Events",
    "Errors",
    "Error Msg",
];

const BROKER: &[&str] =
    &["Protocol", "IP", "Event", "Success", "Last message time", "Error", "Last error time", "Error Code", "Details"];

const PULLS: &[&str] = &[
    "Name",
    "Type",
    "Source",
    "Log Type",
    "Event Type",
    "Frequency",
    "Continuous",
    "Topic",
    "DBMS",
    "Table",
    "Status",
    "Pull Count",
    "Event Count",
    "Error",
    "Elapsed Time",
];

const SESSIONS: &[&str] = &["Session ID", "IP:Port", "Active", "Idle Time", "Max Idle Time", "Post Counter"];
