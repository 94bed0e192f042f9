//! `get metrics`: the figures of the node in the text that monitoring reads, also at `GET /metrics`.

mod backup;
mod classic;
mod figure;
mod key_figures;
mod ledger;
mod node;
mod process;
mod relay;

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::options, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::Key,
};
use async_trait::async_trait;
use figure::MetricsPage;
use std::sync::Arc;

pub use figure::Figure;
pub use key_figures::{FigureUnit, KeyFigure, key_figures};

/// `get metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    layout: Layout,
}

/// The two formats of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// The one that everything reads.
    Classic,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

/// Every figure that a page may have, in its order.
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    [node::FIGURES, ledger::FIGURES, relay::FIGURES, backup::FIGURES, process::FIGURES].into_iter().flatten().copied()
}

#[async_trait]
impl Command for Metrics {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        node.look_at_the_disk().await;
        let mut page = MetricsPage::default();
        node::write(&mut page, node);
        ledger::write(&mut page, node);
        relay::write(&mut page, node);
        backup::write(&mut page, node);
        process::write(&mut page);
        let text = page.text().map_err(|error| Error::with(Code::PROCESS_FAILURE, error.to_string()))?;
        Ok(Reply::Text(match self.layout {
            Layout::Classic => classic::classic(&text),
            Layout::OpenMetrics => text,
        }))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    let layout = match options(line, &[Key::text("format")])?.text("format") {
        None | Some("text") => Layout::Classic,
        Some("openmetrics") => Layout::OpenMetrics,
        Some(other) => {
            return Err(Error::with(Code::STRUCTURE, format!("format '{other}': write text or openmetrics")));
        }
    };
    parsed(Metrics { layout })
}

/// The commands on figures for people.
pub const KEY_FIGURES: &[Entry] = key_figures::ENTRIES;

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get metrics",
    parse,
    Help {
        usage: "get metrics [where format = text/openmetrics]",
        text: "Shows the figures of the node as monitoring reads them: readiness and its checks, the database, changes and commits with their times, policies by type, members, the relay, the backups, commands and requests with their times, the log, the disk, the process. GET /metrics answers the same.",
        examples: &["get metrics", "get metrics where format = openmetrics"],
        index: &["node info"],
    },
)];
