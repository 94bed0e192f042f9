//! The ledger as a whole: exports, the local file, the table, and where copies come from (reference/ledger 6).

use crate::{
    command::{
        engine::{
            Command, Entry, Exchange, Help, Line, Parse, Parsed, Traits,
            options::{nothing_more, options},
            parsed,
        },
        ledger::{files, given, push},
    },
    ledger::{Check, Duplicate, Insert, LocalFile, RealDisk},
    node::{Node, Pull, Session},
    policy::{Known, Policy},
    reply::{Code, Error, Notice, Reply},
    runtime::limits,
    script::{Key, Word, resolve},
};
use anylog_values::Address;
use async_trait::async_trait;
use std::{path::PathBuf, sync::Arc};

/// A command on the ledger as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// `blockchain pull to json [FILE]`.
    PullJson(Option<String>),
    /// `blockchain pull to sql [FILE]`.
    PullSql(Option<String>),
    /// `blockchain pull to stdout`.
    PullText,
    /// `blockchain update file [FILE]`.
    UpdateFile(Option<String>),
    /// `blockchain update dbms [FILE]`.
    UpdateTable(Option<String>),
    /// `blockchain load metadata`, `blockchain reload metadata`.
    Load,
    /// `blockchain delete local file`.
    DeleteFile,
    /// `blockchain create table`.
    CreateTable,
    /// `blockchain drop table`.
    DropTable,
    /// `blockchain seed from IP:PORT`.
    Seed(Address),
    /// `blockchain switch network where master = IP:PORT`.
    Switch(Address),
}

/// Describes a command that people of this node and REST callers with all rights may run.
const fn kept(words: &'static str, parse: Parse, help: Help) -> Entry {
    Entry::change(words, parse, help).with(Traits::CHANGE.over_tcp(Exchange::LedgerChange)).not_for_peers()
}

const fn help(usage: &'static str, text: &'static str, examples: &'static [&'static str]) -> Help {
    Help { usage, text, examples, index: &["blockchain", "metadata"] }
}

pub const ENTRIES: &[Entry] = &[
    kept(
        "blockchain pull",
        pull,
        help(
            "blockchain pull to [json/sql/stdout] [file]",
            "Writes the ledger to a file, or returns its text.",
            &["blockchain pull to json", "blockchain pull to sql !tmp_dir/ledger.sql", "blockchain pull to stdout"],
        ),
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange).answering(true)),
    kept(
        "blockchain update",
        update,
        help(
            "blockchain update [file/dbms] [file]",
            "Makes a file the local copy, or adds the policies of a file to the ledger table.",
            &["blockchain update file", "blockchain update dbms", "blockchain update dbms !blockchain_dir/seed.json"],
        ),
    ),
    kept(
        "blockchain load",
        load,
        help("blockchain load metadata", "Reads the ledger again.", &["blockchain load metadata"]),
    )
    .with(Traits::CHANGE.over_tcp(Exchange::LedgerEcho)),
    kept(
        "blockchain reload",
        load,
        help("blockchain reload metadata", "Reads the ledger again.", &["blockchain reload metadata"]),
    ),
    kept(
        "blockchain delete local file",
        delete_file,
        help(
            "blockchain delete local file",
            "Deletes the local copy of the ledger.",
            &["blockchain delete local file"],
        ),
    ),
    kept(
        "blockchain create table",
        create_table,
        help("blockchain create table", "Creates the ledger table if it is not there.", &["blockchain create table"]),
    ),
    kept(
        "blockchain drop table",
        drop_table,
        help("blockchain drop table", "Deletes the ledger table with all its policies.", &["blockchain drop table"]),
    ),
    kept(
        "blockchain seed from",
        seed,
        help(
            "blockchain seed from [ip:port]",
            "Takes the local copy from another node.",
            &["blockchain seed from 10.0.0.5:32048"],
        ),
    ),
    kept(
        "blockchain switch network",
        switch,
        help(
            "blockchain switch network where master = [ip:port]",
            "Changes the master that the synchroniser asks.",
            &["blockchain switch network where master = 10.0.0.5:32048"],
        ),
    ),
];

fn command(copy: Copy) -> Parsed {
    parsed(copy)
}

fn pull(line: &Line<'_>) -> Parsed {
    let (form, file) = match line.arguments() {
        [to, form] if to.is("to") => (form, None),
        [to, form, file] if to.is("to") => (form, Some(file_name(file, line, Code::UNINITIALIZED_VARIABLE)?)),
        _ => return Err(Error::with(Code::STRUCTURE, "write: blockchain pull to json, sql or stdout")),
    };
    match (form.text.as_str(), file) {
        ("json", file) => command(Copy::PullJson(file)),
        ("sql", file) => command(Copy::PullSql(file)),
        ("stdout", None) => command(Copy::PullText),
        (other, _) => Err(Error::with(Code::STRUCTURE, format!("'{other}': write json, sql or stdout"))),
    }
}

fn update(line: &Line<'_>) -> Parsed {
    let [target, rest @ ..] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain update file or blockchain update dbms"));
    };
    let rest = match rest {
        [rest @ .., ignore, message] if ignore.is("ignore") && message.is("message") => rest,
        rest => rest,
    };
    let missing = if target.is("dbms") { Code::EMPTY_LOCAL_FILE } else { Code::RENAME_FAILED };
    let file = match rest {
        [] => None,
        [file] => Some(file_name(file, line, missing)?),
        [_, word, ..] => return Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", word.text))),
    };
    match target.text.as_str() {
        "file" => command(Copy::UpdateFile(file)),
        "dbms" => command(Copy::UpdateTable(file)),
        other => Err(Error::with(Code::STRUCTURE, format!("'{other}': write file or dbms"))),
    }
}

/// Returns the name of a file; a variable without a value names none.
fn file_name(word: &Word, line: &Line<'_>, missing: Code) -> Result<String, Error> {
    match resolve(word, line.scope).into_text() {
        name if name.is_empty() => {
            Err(Error::with(missing, format!("'{}' has no value: a file is expected", word.text)))
        }
        name => Ok(name),
    }
}

fn load(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [what] if what.is("metadata") => command(Copy::Load),
        _ => Err(Error::with(Code::STRUCTURE, "write: blockchain load metadata")),
    }
}

fn delete_file(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    command(Copy::DeleteFile)
}

fn create_table(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    command(Copy::CreateTable)
}

fn drop_table(line: &Line<'_>) -> Parsed {
    nothing_more(line)?;
    command(Copy::DropTable)
}

fn seed(line: &Line<'_>) -> Parsed {
    let [address] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain seed from IP:PORT"));
    };
    let given = resolve(address, line.scope).into_text();
    if given.is_empty() {
        return Err(Error::with(Code::NO_DESTINATION, format!("'{}' has no value: IP:PORT is expected", address.text)));
    }
    let address = given.trim_matches(['(', ')']);
    let read = address.parse();
    command(Copy::Seed(read.map_err(|_| Error::with(Code::DESTINATION, format!("'{address}' is no IP:PORT")))?))
}

fn switch(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::address("master").required()])?;
    let master = arguments.address("master").ok_or(Code::STRUCTURE)?;
    command(Copy::Switch(master))
}

#[async_trait]
impl Command for Copy {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::PullJson(file) => {
                let path = files::named(node, session, file.as_deref(), "new")?;
                write(node, session, path, node.ledger.export().await?.bytes.to_vec()).await?;
            }
            Self::PullSql(file) => {
                let path = files::named(node, session, file.as_deref(), "sql")?;
                node.ledger.export().await?;
                write(node, session, path, statements(node).into_bytes()).await?;
            }
            Self::PullText => {
                let export = node.ledger.export().await?;
                return Ok(Reply::Text(String::from_utf8_lossy(&export.bytes).trim_end().to_owned()));
            }
            Self::UpdateFile(file) => update_file(node, session, file.as_deref()).await?,
            Self::UpdateTable(file) => update_table(node, session, file.as_deref()).await?,
            Self::Load => reload(node).await?,
            Self::DeleteFile => node
                .ledger
                .delete_file()
                .await
                .map_err(|error| Error::with(Code::PROCESS_FAILURE, error.to_string()))?,
            Self::CreateTable => node.ledger.create_table().await?,
            Self::DropTable => {
                if !node.ledger.table_exists().await? {
                    return Err(Error::with(Code::NOT_DECLARED, "there is no ledger table to drop"));
                }
                node.ledger.drop_table(given::author(session)).await?;
            }
            Self::Seed(address) => {
                let bytes = node.services.peers.pull(node, &address.to_string(), Pull::Seed, limits::SEED_TIME).await?;
                node.ledger.adopt_file(bytes).await?;
            }
            Self::Switch(address) => node.services.synchronizer.connect_to(address),
        }
        Ok(Reply::Empty)
    }
}

/// Writes a file whole: a crash leaves the old one or the new one.
async fn write(node: &Node, session: &Session, path: PathBuf, bytes: Vec<u8>) -> Result<(), Error> {
    let record = format!("{}: {} bytes written", path.display(), bytes.len());
    let file = LocalFile::new(files::local(node)?, Arc::new(RealDisk));
    let written = tokio::task::spawn_blocking(move || file.write_beside(&path, &bytes)).await;
    written.map_err(|_| Error::with(Code::PROCESS_FAILURE, "writing the file was interrupted"))??;
    node.events.file(&session.thread, &record);
    Ok(())
}

/// Returns one insert statement per row, in ledger order.
fn statements(node: &Node) -> String {
    let mut text = String::new();
    for entry in node.ledger.view().iter() {
        let Some(policy) = entry.policy() else { continue };
        let mut columns = vec!["policy_type ,policy_id"];
        let mut values = vec![quoted(&entry.kind) + " ," + &quoted(&entry.id)];
        for (column, value) in [
            ("company_name", policy.text("company")),
            ("date", Some(&*entry.date)),
            ("host", Some(&*entry.host)),
            ("status", policy.text("status")),
        ] {
            if let Some(value) = value {
                columns.push(column);
                values.push(quoted(value));
            }
        }
        columns.push("policy");
        values.push(quoted(&entry.text));
        text += &format!("insert into ledger ({}) values ({})\n", columns.join(", "), values.join(", "));
    }
    if text.is_empty() { "\n".to_owned() } else { text }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

async fn update_file(node: &Node, session: &Session, file: Option<&str>) -> Result<(), Error> {
    let path = files::named(node, session, file, "new")?;
    let old = files::local(node)?.with_extension("old");
    match tokio::fs::read(&path).await {
        Ok(bytes) => {
            node.ledger.adopt_file(bytes).await?;
            node.events.file(&session.thread, &format!("{}: now the local copy", path.display()));
            Ok(())
        }
        Err(error) => {
            let kept = tokio::fs::try_exists(&old).await.unwrap_or_default();
            let code = if kept { Code::NO_FILE } else { Code::RENAME_FAILED };
            Err(Error::with(code, format!("{}: {error}", path.display())))
        }
    }
}

/// Adds the policies of a file to the ledger table; lines that cannot be added are told and left out.
async fn update_table(node: &Node, session: &Session, file: Option<&str>) -> Result<(), Error> {
    let path = match file {
        None => files::local(node)?,
        Some(_) => files::named(node, session, file, "json")?,
    };
    let text = tokio::fs::read_to_string(&path).await.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Error::with(Code::EMPTY_LOCAL_FILE, format!("{} has no policies", path.display())));
    }
    let (mut added, mut lines) = (0, 0);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        lines += 1;
        let outcome = match Policy::parse(line) {
            Ok(policy) => {
                let host = given::own_host(node);
                push::write(node, session, Insert { policy, host, duplicate: Duplicate::Ignore, check: Check::Nothing })
                    .await
            }
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => added += 1,
            Err(error) => {
                node.events.warning(&session.thread, &format!("{} line {}: {error}", path.display(), number + 1))
            }
        }
    }
    session.output.notice(&Notice::Line(format!("Policies added to local DBMS: {added} from {lines}")));
    Ok(())
}

/// Reads the ledger again; clusters that no operator serves are an error, as on every node.
async fn reload(node: &Node) -> Result<(), Error> {
    node.ledger.reload().await?;
    let view = node.ledger.view();
    let first = |kind: &str| Known::of_type(&*view, kind).next().is_some();
    if first("cluster") && !first("operator") {
        return Err(Error::with(Code::POLICY_NOT_AVAILABLE, "clusters are in the ledger but no operator"));
    }
    Ok(())
}
