//! `blockchain pull`: the ledger in a file, or as a text.

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Line, Parsed, Traits, ledger_files as paths, parsed},
        ledger::copy::admin_entry,
    },
    ledger::{self, LocalFile, Location, RealDisk, View},
    node::{Node, Session},
    reply::{Code, Error, Reply},
};
use async_trait::async_trait;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Exports the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PullLedger {
    /// `blockchain pull to json [FILE]`.
    Json(Option<String>),
    /// `blockchain pull to sql [FILE]`.
    Sql(Option<String>),
    /// `blockchain pull to stdout`.
    Text,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[admin_entry(
    "blockchain pull",
    parse,
    "blockchain pull to [json/sql/stdout] [file]",
    "Writes the ledger to a file, or returns its text.",
    &["blockchain pull to json", "blockchain pull to sql !tmp_dir/ledger.sql", "blockchain pull to stdout"],
)
.with(Traits::CHANGE.over_tcp(Exchange::LedgerChange).answering(true))];

fn parse(line: &Line<'_>) -> Parsed {
    let (form, file) = match line.arguments() {
        [to, form] if to.is("to") => (form, None),
        [to, form, file] if to.is("to") => (form, Some(paths::file_name(file, line, Code::UNINITIALIZED_VARIABLE)?)),
        _ => return Err(Error::with(Code::STRUCTURE, "write: blockchain pull to json, sql or stdout")),
    };
    match (form.text.as_str(), file) {
        ("json", file) => parsed(PullLedger::Json(file)),
        ("sql", file) => parsed(PullLedger::Sql(file)),
        ("stdout", None) => parsed(PullLedger::Text),
        (other, _) => Err(Error::with(Code::STRUCTURE, format!("'{other}': write json, sql or stdout"))),
    }
}

#[async_trait]
impl Command for PullLedger {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Json(file) => {
                let path = paths::named_or_beside(node, session, file.as_deref(), "new")?;
                let export = node.ledger.export().await?;
                let bytes = export.len();
                write(node, session, path, bytes, move |file, path| {
                    file.write_pieces_beside(path, &mut export.pieces())
                })
                .await?;
            }
            Self::Sql(file) => {
                let path = paths::named_or_beside(node, session, file.as_deref(), "sql")?;
                node.ledger.export().await?;
                let text = statements(&node.ledger.view());
                write(node, session, path, text.len(), move |file, path| file.write_beside(path, text.as_bytes()))
                    .await?;
            }
            Self::Text => {
                let export = node.ledger.export().await?;
                return Ok(Reply::written(String::from_utf8_lossy(&export.to_vec()).trim_end().to_owned()));
            }
        }
        Ok(Reply::Empty)
    }
}

/// Writes a file whole: a crash leaves the old one or the new one.
async fn write(
    node: &Node,
    session: &Session,
    path: PathBuf,
    bytes: usize,
    write: impl FnOnce(&LocalFile, &Path) -> Result<(), ledger::Error> + Send + 'static,
) -> Result<(), Error> {
    let record = format!("{}: {bytes} bytes written", path.display());
    let file = LocalFile::new(paths::local_copy(node)?, Arc::new(RealDisk));
    let written = tokio::task::spawn_blocking(move || write(&file, &path)).await;
    written.map_err(|_| Error::with(Code::PROCESS_FAILURE, "writing the file was interrupted"))??;
    node.events.file(&session.thread, &record);
    Ok(())
}

/// Returns one insert statement per row, in ledger order. What only the local file has is no row: it has neither date nor publisher.
fn statements(view: &View) -> String {
    let mut text = String::new();
    for entry in view.iter().filter(|entry| entry.location == Location::Table) {
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

/// Writes a value as SQL, on one line: signs that end one are blanks. The text of a policy has none, and holds every value as
/// it is.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    format!("'{}'", line.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LedgerEntry, PolicyFields, Position};

    #[test]
    fn what_only_the_local_file_has_is_no_row() {
        let mut view = View::default();
        for (id, location, date) in [("row", Location::Table, "2026-01-01"), ("line", Location::File, "")] {
            let text = format!(r#"{{"d": {{"id": "{id}"}}}}"#);
            let fields = PolicyFields::read(&text);
            let at = Position { date: date.into(), sequence: 1, location };
            view.insert(Arc::new(LedgerEntry::new(text.into(), id.into(), "h".into(), at, fields.as_ref())));
        }
        let row = "insert into ledger (policy_type ,policy_id, date, host, policy) \
                   values ('d' ,'row', '2026-01-01', 'h', '{\"d\": {\"id\": \"row\"}}')\n";
        assert_eq!(statements(&view), row);
        view.remove("row");
        assert_eq!(statements(&view), "\n");
    }
}
