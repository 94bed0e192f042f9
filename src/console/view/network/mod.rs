//! The nodes around this one: a picture, a table, and why a node does not join.

mod node_list;
mod picture;

use crate::{
    command::{self, Access, JOIN_TEST},
    console::{answer::PageAnswer, node_name, page_error::ConsoleError, page_request::ConsoleRequest, words},
    node::JoinTrouble,
    reply::{ChecklistItem, ItemState, Reply},
    runtime::limits,
};
use askama::Template;
use node_list::{NetworkNode, NodeState};
use picture::Picture;

#[derive(Template)]
#[template(path = "network.html")]
struct Network<'a> {
    picture: Picture,
    /// How many nodes there are in each state, of those that there are any of.
    counts: Vec<(NodeState, usize)>,
    all: usize,
    rows: Vec<NetworkNode>,
    /// Rows that are not shown.
    left_out: usize,
    troubles: Vec<ToldTrouble>,
    join: String,
    csrf: &'a str,
    may_test: bool,
    find: &'a str,
    state: &'a str,
    /// What the page asks for again when something changes.
    here: String,
}

/// What keeps somebody from joining.
struct ToldTrouble {
    sender: String,
    what: String,
    remedy: String,
    is_wrong: bool,
    last: String,
}

/// Shows the network.
///
/// # Errors
/// Who asks may not read the members' book.
pub async fn show(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let node = request.node();
    let book = command::member_book().run(node, &mut request.session).await?;
    let nodes = node_list::nodes(node, &book);
    let counts = NodeState::ALL.map(|state| (state, nodes.iter().filter(|node| node.state == state).count()));
    let (find, state) =
        (request.query.filled("find").unwrap_or_default(), request.query.filled("state").unwrap_or_default());
    let picture = Picture::of(&node_name::shown(node), &nodes);
    let all = nodes.len();
    let mut rows: Vec<NetworkNode> = nodes.into_iter().filter(|node| node.is_meant(find, state)).collect();
    let left_out = rows.split_off(rows.len().min(limits::CONSOLE_ROWS)).len();
    let template = Network {
        picture,
        counts: counts.into_iter().filter(|(_, count)| *count > 0).collect(),
        all,
        rows,
        left_out,
        troubles: node.joining.troubles.recent().into_iter().map(told).collect(),
        join: node.join_address(),
        csrf: request.csrf(),
        may_test: request.may(Access::AskNodes),
        find,
        state,
        here: request.head.target.path_and_query().map_or("/console/network", |target| target.as_str()).to_owned(),
    };
    PageAnswer::page("Network", &template)
}

fn told(noted: crate::node::NotedTrouble) -> ToldTrouble {
    let trouble: &JoinTrouble = &noted.trouble;
    ToldTrouble {
        sender: noted.sender.to_string(),
        what: trouble.to_string(),
        remedy: trouble.remedy(),
        is_wrong: trouble.is_wrong(),
        last: words::ago(noted.last),
    }
}

#[derive(Template)]
#[template(path = "join_test.html")]
struct JoinTest {
    items: Vec<ToldItem>,
    wrong: usize,
    is_page: bool,
}

/// A check of joining in words.
struct ToldItem {
    /// The class of its mark, the mark, and its word.
    mark: (&'static str, &'static str, &'static str),
    item: ChecklistItem,
}

/// Looks for what keeps members from joining: the checks of `test join` and of `doctor`.
///
/// # Errors
/// Who asks may not ask other nodes.
pub async fn test(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let reply = command::select(JOIN_TEST).run(request.node(), &mut request.session).await?;
    let Reply::Checklist(list) = reply else {
        return Err(ConsoleError::not_found("the test answered with something else than its checks"));
    };
    let wrong = list.count(ItemState::Wrong);
    let items = list.items.into_iter().map(|item| ToldItem { mark: mark(item.state), item }).collect();
    let template = JoinTest { items, wrong, is_page: !request.is_partial() };
    if request.is_partial() { PageAnswer::partial(&template) } else { PageAnswer::page("Test of joining", &template) }
}

const fn mark(state: ItemState) -> (&'static str, &'static str, &'static str) {
    match state {
        ItemState::Good => ("good", "✔", "good"),
        ItemState::Wrong => ("bad", "✘", "wrong"),
        ItemState::NotKnown => ("dim", "?", "not known"),
    }
}
