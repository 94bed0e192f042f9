//! Directories of the node and questions about files (reference/command-language 3.4 and 12.5).
//!
//! Over the network only `file test` is offered, to administrators over REST.

use crate::{
    command::engine::{
        Access, Command, Entry, Exchange, Help, Line, NetworkCallers, Parsed, Traits,
        options::{one_word, resolved},
        parsed,
    },
    node::{Node, Session, work_directories},
    reply::{Code, Error, Lines, Notice, Reply, Table, thousands},
};
use async_trait::async_trait;
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Commands about directories and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directories {
    /// `set anylog home PATH`; without a path the words as they were written.
    SetHome(Result<String, String>),
    /// `create work directories`.
    Create,
    /// `file test PATH`.
    Exists(PathBuf),
    /// `get files PATH`.
    Files(PathBuf),
    /// `get directories PATH`.
    Subdirectories(PathBuf),
    /// `get size PATH`.
    Size(PathBuf),
    /// `get access PATH`.
    Access(PathBuf),
    /// `get file timestamp PATH`.
    Timestamp(PathBuf),
    /// `get script NAME`, as the path of the file.
    Script(PathBuf),
}

#[async_trait]
impl Command for Directories {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::SetHome(Ok(root)) => set_home(node, session, &root).await,
            Self::SetHome(Err(words)) => {
                let detail = format!("Command failure: `set anylog home` failed: `{words}`");
                Err(boxed(session, Code::STRUCTURE, detail))
            }
            Self::Create => create(node).await,
            Self::Exists(path) => Ok(Reply::Text(if path.exists() { "True" } else { "False" }.to_owned())),
            other => tokio::task::spawn_blocking(move || other.read_disk()).await.unwrap_or_else(|failure| {
                Err(Error::with(Code::PROCESS_FAILURE, format!("the question was not answered: {failure}")))
            }),
        }
    }
}

impl Directories {
    /// Answers the questions that read the disk.
    fn read_disk(self) -> Result<Reply, Error> {
        match self {
            Self::Files(path) => Ok(list(&path, false)),
            Self::Subdirectories(path) => Ok(list(&path, true)),
            Self::Size(path) => size(&path),
            Self::Access(path) => Ok(access(&path)),
            Self::Timestamp(path) => Ok(Reply::Text(timestamp(&path))),
            Self::Script(path) => script(&path),
            Self::SetHome(_) | Self::Create | Self::Exists(_) => Ok(Reply::Empty),
        }
    }
}

/// Shows the box of a failed command and returns its error.
fn boxed(session: &Session, code: Code, detail: String) -> Error {
    session.output.notice(&Notice::Failure(detail.clone()));
    Error::with(code, detail)
}

async fn set_home(node: &Node, session: &Session, root: &str) -> Result<Reply, Error> {
    // Volumes may be mounted below a root that is read-only itself.
    let mut below = work_directories::written(Path::new(root)).into_iter();
    if !is_writable(Path::new(root)) && !below.all(|directory| is_writable(&directory)) {
        let detail =
            format!("Configuration error: AnyLog home path contains missing or unwritable directories: {root}");
        return Err(boxed(session, Code::DIRECTORY_NOT_WRITEABLE, detail));
    }
    work_directories::locate(&node.dictionary, root);
    open_local_file(node).await
}

/// Makes `!blockchain_file` the local copy of the ledger, once its directory is there.
async fn open_local_file(node: &Node) -> Result<Reply, Error> {
    let file = node.dictionary.get("blockchain_file").map(PathBuf::from);
    if let Some(file) = file.filter(|file| file.parent().is_some_and(Path::is_dir)) {
        node.ledger.open_file(file).await?;
    }
    Ok(Reply::Empty)
}

async fn create(node: &Node) -> Result<Reply, Error> {
    for (name, _) in work_directories::PLACES {
        let Some(path) = node.dictionary.get(name) else { continue };
        let made = fs::create_dir_all(&path);
        if made.is_err() && work_directories::READ_ALONE.contains(&name) {
            continue;
        }
        made.map_err(|failure| {
            let detail = format!("Failed to create directory '{path}': {failure}; check the owner of the volume");
            Error::with(Code::DIRECTORY_NOT_WRITEABLE, detail)
        })?;
    }
    open_local_file(node).await
}

fn is_writable(path: &Path) -> bool {
    path.is_dir() && allows(path, rustix::fs::Access::WRITE_OK)
}

fn allows(path: &Path, access: rustix::fs::Access) -> bool {
    rustix::fs::access(path, access).is_ok()
}

/// Lists the files or the directories in a directory, each with its whole path.
fn list(path: &Path, directories: bool) -> Reply {
    let shown = format!("{}/", path.display().to_string().trim_end_matches('/'));
    let Ok(entries) = fs::read_dir(path) else {
        return Reply::Text(format!("Directory does not exists or not accessible: '{shown}'"));
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir() == directories))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    match names.is_empty() {
        true if directories => Reply::Text(format!("No sub directories with path provided: '{shown}'")),
        true => Reply::Text(format!("No files with path provided: '{shown}'")),
        false => Reply::Lines(Lines::before(names.into_iter().map(|name| shown.clone() + &name))),
    }
}

/// Counts files and bytes of every directory below a path and of the path itself.
fn size(path: &Path) -> Result<Reply, Error> {
    let mut rows = Vec::new();
    let (files, bytes) = measure(path, &mut rows).map_err(|failure| {
        Error::with(
            Code::PROCESS_FAILURE,
            format!("Failed to retrieve directory size of '{}': {failure}", path.display()),
        )
    })?;
    rows.push((path.to_path_buf(), files, bytes));
    Ok(Reply::Table(Table {
        titles: ["Directory", "Files", "Size (Bytes)"].map(str::to_owned).to_vec(),
        rows: rows
            .into_iter()
            .map(|(path, files, bytes)| {
                vec![json!(path.display().to_string()), json!(thousands(files)), json!(thousands(bytes))]
            })
            .collect(),
        ..Table::default()
    }))
}

/// Deepest nesting of directories that `get size` follows.
const DEPTH: usize = 64;

fn measure(root: &Path, rows: &mut Vec<(PathBuf, u64, u64)>) -> io::Result<(u64, u64)> {
    measure_below(root, rows, 0)
}

fn measure_below(directory: &Path, rows: &mut Vec<(PathBuf, u64, u64)>, depth: usize) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() {
            files += 1;
            bytes += entry.metadata()?.len();
        } else if kind.is_dir() && depth < DEPTH {
            let (inner_files, inner_bytes) = measure_below(&entry.path(), rows, depth + 1)?;
            rows.push((entry.path(), inner_files, inner_bytes));
            files += inner_files;
            bytes += inner_bytes;
        }
    }
    Ok((files, bytes))
}

/// Says what this program may do with a path, in the two lines that clients know.
fn access(path: &Path) -> Reply {
    use rustix::fs::Access;
    let answers = [Access::EXISTS, Access::READ_OK, Access::WRITE_OK, Access::EXEC_OK]
        .map(|kind| if allows(path, kind) { "True  " } else { "False " });
    Reply::Lines(Lines::before(["Exits Read  Write Exec".to_owned(), answers.concat()]))
}

/// Returns the time of the last change, the start of 1970 for a file that is not there.
fn timestamp(path: &Path) -> String {
    let changed = fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let changed = changed.and_then(|time| jiff::Timestamp::try_from(time).ok()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    changed.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn script(path: &Path) -> Result<Reply, Error> {
    let text = fs::read_to_string(path)
        .map_err(|failure| Error::with(Code::NO_FILE, format!("script '{}': {failure}", path.display())))?;
    Ok(Reply::Text(text))
}

fn parse_home(line: &Line<'_>) -> Parsed {
    let home = match line.arguments() {
        [word] => Ok(resolved(line, &word.text)),
        _ => Err(line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")),
    };
    parsed(Directories::SetHome(home))
}

/// Reads a path that may be anything: an undefined variable is no file.
fn parse_exists(line: &Line<'_>) -> Parsed {
    let path = one_word(line, "the path")?;
    parsed(Directories::Exists(PathBuf::from(path)))
}

fn parse_path(line: &Line<'_>, command: fn(PathBuf) -> Directories) -> Parsed {
    let path = one_word(line, "the path")?;
    if path.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "the path is an undefined variable"));
    }
    parsed(command(PathBuf::from(path)))
}

/// Finds a script by its name in `!local_scripts`; `.al` is added when the name has no type.
fn parse_script(line: &Line<'_>) -> Parsed {
    let name = one_word(line, "the name of the script")?.to_lowercase();
    if name.is_empty() || name.split('/').any(|part| part == "..") {
        return Err(Error::with(Code::STRUCTURE, "write the name of a script below !local_scripts"));
    }
    let name = if name.contains('.') { name } else { format!("{name}.al") };
    let folder = line.scope.variable("local_scripts").unwrap_or_default();
    parsed(Directories::Script(Path::new(&folder).join(name.trim_start_matches('/'))))
}

/// Describes a question about files, for people at this node.
const fn file_entry(
    words: &'static str,
    parse: crate::command::engine::Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::read(words, parse, Help { usage, text, examples, index: &["file"] }).here()
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "set anylog home",
        parse_home,
        Help {
            usage: "set anylog home PATH",
            text: "Puts all work directories and files below an existing writable directory; the variables that name them follow.",
            examples: &["set anylog home /app", "set anylog home !anylog_path"],
            index: &["configuration", "file"],
        },
    )
    .here(),
    Entry::change(
        "create work directories",
        // Nodes of the network take any words behind it, and so does this one.
        |_| parsed(Directories::Create),
        Help {
            usage: "create work directories",
            text: "Creates the work directories that do not exist yet.",
            examples: &["create work directories"],
            index: &["configuration", "file"],
        },
    )
    .here(),
    Entry {
        network: NetworkCallers::Rest,
        traits: Traits::CHANGE.over_tcp(Exchange::File),
        access: Access::ChangeNode,
        opens_secrets: false,
        ..file_entry(
            "file test",
            parse_exists,
            "[x =] file test PATH",
            "Tells True when a file or directory exists, else False.",
            &["file test !local_scripts", "is_dir = file test !local_scripts"],
        )
    },
    file_entry(
        "get files",
        |line| parse_path(line, Directories::Files),
        "get files PATH",
        "Lists the files in a directory.",
        &["get files !blockchain_dir"],
    ),
    file_entry(
        "get directories",
        |line| parse_path(line, Directories::Subdirectories),
        "get directories PATH",
        "Lists the directories in a directory.",
        &["get directories !anylog_path"],
    ),
    file_entry(
        "get size",
        |line| parse_path(line, Directories::Size),
        "get size PATH",
        "Counts files and bytes of a directory and of every directory below it.",
        &["get size !blockchain_dir"],
    ),
    file_entry(
        "get access",
        |line| parse_path(line, Directories::Access),
        "get access PATH",
        "Tells whether a file or directory exists and may be read, written and executed.",
        &["get access !blockchain_dir"],
    ),
    file_entry(
        "get file timestamp",
        |line| parse_path(line, Directories::Timestamp),
        "get file timestamp PATH",
        "Tells when a file was changed last, in UTC.",
        &["get file timestamp !blockchain_file"],
    ),
    file_entry(
        "get script",
        parse_script,
        "get script NAME",
        "Shows a script of the directory !local_scripts.",
        &["get script node-deployment/main.al"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Dictionary;

    #[test]
    fn the_root_decides_all_places() {
        let dictionary = Dictionary::default();
        work_directories::locate(&dictionary, "/app/");
        assert_eq!(dictionary.get("edgelake_path").as_deref(), Some("/app"));
        assert_eq!(dictionary.get("blockchain_file").as_deref(), Some("/app/EdgeLake/blockchain/blockchain.json"));
        assert_eq!(dictionary.get("err_dir").as_deref(), Some("/app/EdgeLake/data/error"));
        assert_eq!(dictionary.variables().len(), 19);
    }

    #[test]
    fn directories_are_listed_and_measured() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("inner")).unwrap();
        fs::write(home.path().join("inner/file"), "12345").unwrap();
        let shown = home.path().display();
        assert_eq!(list(home.path(), true), Reply::Lines(Lines::before([format!("{shown}/inner")])));
        assert_eq!(list(home.path(), false), Reply::Text(format!("No files with path provided: '{shown}/'")));
        let mut rows = Vec::new();
        assert_eq!(measure(home.path(), &mut rows).unwrap(), (1, 5));
        assert_eq!(rows.len(), 1);
        assert_eq!(timestamp(Path::new("/no/such")), "1970-01-01T00:00:00.000000Z");
        let answers = ["Exits Read  Write Exec", "True  True  True  True  "];
        assert_eq!(access(home.path()), Reply::Lines(Lines::before(answers)));
    }
}
