//! The node at a glance: what it is, how it is, how members join, which policies it has and how they change.

mod activity;

pub use activity::show as activity;

use crate::{
    console::{
        answer::PageAnswer,
        charts::{self, Bar},
        node_name,
        page_error::ConsoleError,
        page_request::ConsoleRequest,
        words,
    },
    node::{
        VERSION,
        health::{Check, CheckStatus, Overall},
    },
};
use askama::Template;

/// Name and version of the program.
const PROGRAM: &str = concat!("anylog-master ", env!("CARGO_PKG_VERSION"));
/// Types of policies that have a bar of their own.
const BARS: usize = 20;

/// A check in words.
struct ToldCheck {
    /// The class of its mark.
    class: &'static str,
    status: &'static str,
    name: &'static str,
    detail: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    name: String,
    kind: String,
    company: String,
    program: &'static str,
    version: &'static str,
    address: Option<String>,
    rest: Option<String>,
    join: String,
    policies: String,
    size: String,
    overall: Overall,
    checks: Vec<ToldCheck>,
    bars: Vec<Bar>,
    /// Types without a bar, and their policies.
    others: (usize, usize),
}

/// Shows the node at a glance.
///
/// # Errors
/// The template fails.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let node = request.node();
    let view = node.ledger.view();
    let value = |key: &str| node.dictionary.get(key).unwrap_or_default();
    let report = node.health_report();
    let mut bars = charts::bars(view.types().map(|kind| (kind.to_string(), view.count_of(kind))));
    let rest = bars.split_off(bars.len().min(BARS));
    let template = Overview {
        name: node_name::shown(node),
        kind: value("node_type"),
        company: value("company_name"),
        program: PROGRAM,
        version: VERSION,
        address: node.advertised_address().map(|address| address.to_string()),
        rest: node.services.rest.status().map(|server| server.options.external.to_string()),
        join: node.join_address(),
        policies: words::number(view.len()),
        size: words::size(view.bytes()),
        overall: report.overall(),
        checks: report.checks.into_iter().map(told).collect(),
        bars,
        others: (rest.len(), rest.iter().map(|bar| bar.count).sum()),
    };
    PageAnswer::page("Overview", &template)
}

impl Overview {
    fn is_well(&self) -> bool {
        self.overall == Overall::Healthy
    }

    fn overall_class(&self) -> &'static str {
        match self.overall {
            Overall::Healthy => "good",
            Overall::Degraded | Overall::Starting => "warn",
            Overall::Unhealthy | Overall::Stopping => "bad",
        }
    }

    /// Returns what somebody has to look at.
    fn concerns(&self) -> impl Iterator<Item = &ToldCheck> {
        self.checks.iter().filter(|check| check.class != "good")
    }
}

fn told(check: Check) -> ToldCheck {
    let class = match check.status {
        CheckStatus::Pass => "good",
        CheckStatus::Degraded | CheckStatus::Starting => "warn",
        CheckStatus::Fail => "bad",
    };
    ToldCheck { class, status: check.status.as_str(), name: check.name.as_str(), detail: check.detail }
}
