//! What runs on the node and how it came up: services, figures, the log, the boot, the configuration, the relay, and a backup to take
//! away.

mod backup;
mod figures;
mod log;
mod state;

pub use backup::download;
pub use log::follow;

use crate::{
    command::BACKUP_LEDGER,
    console::{
        answer::PageAnswer,
        page_error::ConsoleError,
        page_request::ConsoleRequest,
        shown::{ShownReply, shown},
    },
    reply::{Pairs, PairsLayout, Reply},
    telemetry::LineLevel,
};
use askama::Template;
use figures::FigureGroup;
use log::LogLineView;
use serde_json::Value;
use state::{BootStepView, ServiceView, VariableView};

/// The scripts of the page.
const SCRIPTS: &[&str] = &["tables.js", "node.js"];

#[derive(Template)]
#[template(path = "node/page.html")]
struct NodePage<'a> {
    csrf: &'a str,
    services: Vec<ServiceView>,
    figures: NodeFigures,
    level: &'a str,
    levels: [&'static str; 5],
    text: &'a str,
    log: Vec<LogLineView>,
    boot: Vec<BootStepView>,
    longest: f64,
    total: f64,
    variables: Vec<VariableView>,
    relay: Option<ShownReply>,
    /// True when who asks may take a backup.
    may_backup: bool,
}

#[derive(Template)]
#[template(path = "node/figures.html")]
struct NodeFigures {
    groups: Vec<FigureGroup>,
}

// It is a part of the page, and has escaped what it shows.
impl askama::filters::HtmlSafe for NodeFigures {}

impl NodePage<'_> {
    /// Returns the width of the bar of a step, in hundredths of the longest one.
    fn share(&self, ms: &f64) -> String {
        let share = if self.longest > 0.0 { ms / self.longest * 100.0 } else { 0.0 };
        format!("{:.1}", share.clamp(0.5, 100.0))
    }
}

/// Shows the node from the inside.
///
/// # Errors
/// Who asks may not read all of it.
pub async fn show(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let services = state::services(&mut request).await?;
    let figures = NodeFigures { groups: state::figures(&mut request).await? };
    let boot = state::boot(&mut request).await?;
    let variables = state::configuration(&mut request).await?;
    let relay = relay_shown(state::relay(&mut request).await?);
    let filter = log::filter(&request.query);
    let template = NodePage {
        csrf: request.csrf(),
        services,
        figures,
        level: filter.level.map_or("", LineLevel::as_str),
        levels: LineLevel::names(),
        text: request.query.text("text").unwrap_or_default(),
        log: log::last(&filter),
        longest: boot.iter().map(|step| step.ms).fold(0.0, f64::max),
        total: boot.iter().map(|step| step.ms).sum(),
        boot,
        variables,
        relay,
        may_backup: request.may(BACKUP_LEDGER.access),
    };
    Ok(PageAnswer::page("Node", &template)?.with_scripts(SCRIPTS))
}

/// Shows the figures of this moment alone, for a page that is open.
///
/// # Errors
/// As [`show`].
pub async fn figures_now(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let groups = state::figures(&mut request).await?;
    PageAnswer::partial(&NodeFigures { groups })
}

/// Makes a table of what is known of a relay; nothing without one.
fn relay_shown(state: Value) -> Option<ShownReply> {
    let Value::Object(state) = state else { return None };
    if state.is_empty() {
        return None;
    }
    let known = state.into_iter().flat_map(|(name, value)| match value {
        Value::Object(parts) => parts.into_iter().map(|(part, value)| (format!("{name}: {part}"), value)).collect(),
        value => vec![(name, value)],
    });
    let words = known.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.replace('_', " "), value));
    Some(shown(Reply::Pairs(Pairs::new(PairsLayout::Facts, words))))
}
