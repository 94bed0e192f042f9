//! The list of policies, searched as one types.

use super::{
    addresses,
    search::PolicySearch,
    type_tree::{self, TypeGroup},
};
use crate::{
    api::cursor,
    command::{
        Access,
        ledger::documents::{self, PageRequest, PageStart, PolicySummary},
    },
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, words},
};
use askama::Template;
use std::time::{Duration, Instant};

/// Policies of a page.
const PAGE: usize = 50;
/// Types that the tree has; more of them are found by the search alone.
const TYPES: usize = 300;
/// The value of `part` that asks for further rows alone.
const ROWS: &str = "rows";

#[derive(Template)]
#[template(path = "policies.html")]
struct Policies<'a> {
    search: &'a PolicySearch,
    found: Found<'a>,
    groups: Vec<TypeGroup>,
    more_types: usize,
    all: usize,
    may_write: bool,
    done: Option<String>,
}

/// What the search found: the part of the page that changes as one types.
#[derive(Template)]
#[template(path = "policies_part.html")]
struct Found<'a> {
    search: &'a PolicySearch,
    rows: Rows,
    told: String,
}

/// Further rows of the table alone.
#[derive(Template)]
#[template(path = "policies_row_list.html")]
struct FurtherRows {
    rows: Rows,
}

/// The rows of a table, and where it goes on.
struct Rows {
    policies: Vec<PolicySummary>,
    /// Where the next rows are; nothing when these are the last ones.
    next: Option<String>,
}

/// Shows the page, what a search found, or further rows.
///
/// # Errors
/// A cursor of another list; the budget of queries is used up.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let started = Instant::now();
    let search = PolicySearch::of(&request.query);
    let rows = rows(&request, &search).await?;
    let taken = started.elapsed();
    if request.is_partial() && request.query.text("part") == Some(ROWS) {
        return PageAnswer::partial(&FurtherRows { rows });
    }
    let told = told(&rows, request.query.text("cursor").is_some(), taken);
    let found = Found { search: &search, rows, told };
    if request.is_partial() {
        return PageAnswer::partial(&found);
    }
    let (types, more_types) = documents::types(request.node(), &request.session, TYPES).await?;
    let template = Policies {
        search: &search,
        found,
        groups: type_tree::grouped(&types, search.kind.as_deref()),
        more_types,
        all: request.node().ledger.view().len(),
        may_write: request.may(Access::Publish),
        done: done(&request),
    };
    PageAnswer::page("Policies", &template)
}

async fn rows(request: &ConsoleRequest<'_>, search: &PolicySearch) -> Result<Rows, ConsoleError> {
    let filter = search.filter();
    let question = cursor::question(&filter, None);
    let start = match request.query.filled("cursor") {
        None => PageStart::First,
        Some(text) => cursor::read(text, &question).map_err(ConsoleError::of_problem)?,
    };
    let wanted = PageRequest { filter, start, limit: PAGE, at: None };
    let page = documents::summaries(request.node(), &request.session, wanted).await?;
    let next = page.next.and_then(|start| cursor::write(&start, &question));
    let next = next.map(|cursor| {
        let query = search.query();
        let separator = if query.is_empty() { "" } else { "&" };
        format!("{}?{query}{separator}cursor={}", addresses::LIST, addresses::encoded(&cursor))
    });
    Ok(Rows { policies: page.records, next })
}

/// Says that a plan was carried out, and how many steps it had.
fn done(request: &ConsoleRequest<'_>) -> Option<String> {
    let steps = request.query.number("applied")?;
    Some(format!("The plan was carried out: {} policies were created, replaced or dropped.", words::number(steps)))
}

/// Says how many there are, for people who do not see the table change.
fn told(rows: &Rows, goes_on: bool, taken: Duration) -> String {
    let (count, taken) = (rows.policies.len(), taken.as_millis());
    let further = if goes_on { "further " } else { "" };
    match (count, &rows.next) {
        (0, _) => format!("No policy is found ({taken} ms)."),
        (_, Some(_)) => format!("The first {count} {further}policies are shown ({taken} ms)."),
        (1, None) => format!("1 {further}policy is found ({taken} ms)."),
        (_, None) => format!("{count} {further}policies are found ({taken} ms)."),
    }
}
