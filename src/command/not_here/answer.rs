//! How a command of a service that a master does not have is read and answered.

use crate::{
    command::engine::{
        Command, Entry, Line, Parsed,
        options::{OutputFormat, format, nothing_more, only_format, options, options_after},
        parsed,
    },
    node::{Node, Session, node_name},
    reply::{Breaks, Code, Error, Gap, Lines, Reply, Table},
    script::Key,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// A command of a service that a master does not have.
#[derive(Debug)]
pub struct Absent {
    /// Its words, its help and how edges carry it.
    pub entry: Entry,
    /// What who asks is told.
    pub answer: AbsentAnswer,
}

/// What who asks for a service that is not here is told.
#[derive(Clone, Copy, Debug)]
pub enum AbsentAnswer {
    /// The reply of a node without the service, when the words behind the command are as they have to be.
    Reply(AcceptedArguments, Content),
    /// Error 237 with the reason and with the place where the command belongs.
    NotOffered(&'static str),
}

/// What may stand behind the words of the command.
#[derive(Clone, Copy, Debug)]
pub enum AcceptedArguments {
    /// Nothing.
    Nothing,
    /// `where format = table/json`.
    OutputFormat,
    /// Names of figures, which do not matter where there are none, then `where format = table/json`.
    FiguresAndFormat,
    /// A `where` list with any of these keys.
    Where(&'static [Key]),
    /// `where service = operator/publisher`, with a topic and a format.
    Statistics,
}

/// The reply of a node that does not have the service.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// A text.
    Text(&'static str),
    /// Lines, and where their line breaks stand.
    Lines(Breaks, &'static [&'static str]),
    /// A table without rows, or an empty list.
    NoRows {
        /// The line above the titles.
        header: Option<TableHeader>,
        /// The titles of the columns.
        titles: &'static [&'static str],
    },
    /// A table of one row, or an object with the titles in lower case as keys.
    OneRow {
        /// The line above the titles.
        header: TableHeader,
        /// The titles of the columns and what stands below them.
        cells: &'static [(&'static str, Cell)],
    },
}

/// The line above the titles of a table, and the distance above it.
#[derive(Clone, Copy, Debug)]
pub struct TableHeader(pub Gap, pub &'static str);

/// What stands below a title.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// The name of this node.
    NodeName,
    /// A text.
    Text(&'static str),
    /// A whole number.
    Integer(i64),
    /// A number with decimals.
    Decimal(f64),
}

/// The reply of a node without a service, in the format that was asked for.
#[derive(Debug)]
struct AbsentReply {
    content: Content,
    format: OutputFormat,
}

/// Finds the row of the table that a line names.
fn find(line: &Line<'_>, table: &'static [Absent]) -> Option<&'static Absent> {
    let named = line.words.get(..line.named)?;
    table.iter().find(|row| row.entry.words.split(' ').eq(named.iter().map(|word| word.text.as_str())))
}

/// Reads a line that names a command of the table.
///
/// # Errors
/// The refusal, or what is wrong with the words behind the command.
pub fn parse(line: &Line<'_>, table: &'static [Absent]) -> Parsed {
    let row = find(line, table).ok_or_else(|| line.catalog.unknown(line.words))?;
    match row.answer {
        AbsentAnswer::Reply(arguments, content) => parsed(AbsentReply { content, format: arguments.read(line)? }),
        AbsentAnswer::NotOffered(reason) => Err(not_offered(line, row.entry.words, reason)),
    }
}

fn not_offered(line: &Line<'_>, words: &str, reason: &str) -> Error {
    match line.words {
        [_] => Error::with(Code::STRUCTURE, format!("words are missing, and {reason}")),
        _ => Error::with(Code::NOT_SUPPORTED, format!("'{words}': {reason}")),
    }
}

impl AcceptedArguments {
    /// Reads what stands behind the words of the command and returns the format of the reply.
    fn read(self, line: &Line<'_>) -> Result<OutputFormat, Error> {
        match self {
            Self::Nothing => nothing_more(line).map(|()| OutputFormat::Table),
            Self::OutputFormat => only_format(line),
            Self::FiguresAndFormat => {
                let words = line.arguments();
                let figures = words.iter().position(|word| word.is("where")).unwrap_or(words.len());
                options_after(line, figures, &[Key::format("format")]).map(|arguments| format(&arguments))
            }
            Self::Where(keys) => options(line, keys).map(|_| OutputFormat::Table),
            Self::Statistics => statistics(line),
        }
    }
}

fn statistics(line: &Line<'_>) -> Result<OutputFormat, Error> {
    let schema = [Key::text("service").required(), Key::text("topic").many(), Key::format("format")];
    let arguments = options(line, &schema)?;
    match arguments.text("service") {
        Some("operator" | "publisher") => Ok(format(&arguments)),
        other => {
            let detail = format!("no figures of service '{}'; write operator or publisher", other.unwrap_or_default());
            Err(Error::with(Code::STRUCTURE, detail))
        }
    }
}

#[async_trait]
impl Command for AbsentReply {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(match (self.content, self.format) {
            (Content::Text(text), _) => Reply::written(text.to_owned()),
            (Content::Lines(breaks, lines), _) => {
                Reply::Lines(Lines { lines: lines.iter().map(|line| (*line).to_owned()).collect(), breaks })
            }
            (Content::NoRows { .. }, OutputFormat::Json) => Reply::Value(json!([])),
            (Content::NoRows { header, titles }, OutputFormat::Table) => {
                let titles = titles.iter().map(|title| (*title).to_owned()).collect();
                Reply::Table(below(header, Table { titles, ..Table::default() }))
            }
            (Content::OneRow { cells, .. }, OutputFormat::Json) => {
                let object = cells.iter().map(|(title, cell)| (title.to_lowercase(), cell.value(node))).collect();
                Reply::Value(Value::Object(object))
            }
            (Content::OneRow { header, cells }, OutputFormat::Table) => {
                let titles = cells.iter().map(|(title, _)| (*title).to_owned()).collect();
                let row = cells.iter().map(|(_, cell)| cell.value(node)).collect();
                Reply::Table(below(Some(header), Table { titles, rows: vec![row], ..Table::default() }))
            }
        })
    }
}

/// Puts a table below its header.
fn below(header: Option<TableHeader>, table: Table) -> Table {
    match header {
        Some(TableHeader(gap, text)) => Table { gap, header: Some(text.to_owned()), ..table },
        None => table,
    }
}

impl Cell {
    fn value(self, node: &Node) -> Value {
        match self {
            Self::NodeName => json!(node_name(node)),
            Self::Text(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Decimal(number) => json!(number),
        }
    }
}
