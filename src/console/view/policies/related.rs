//! What policies have to do with each other, of one policy and of all clusters.

use super::{addresses, one::asked, relation_picture::RelationPicture};
use crate::{
    api::cursor,
    command::{
        Access,
        ledger::documents::{self, Chain, PageStart, PolicyFilter, Related, RelationReach, Relations},
    },
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest},
};
use askama::Template;

#[derive(Template)]
#[template(path = "policy_relations.html")]
struct PolicyRelations<'a> {
    id: &'a str,
    tab: &'static str,
    relations: Relations,
    picture: RelationPicture,
    may_write: bool,
}

/// Shows what one policy has to do with others, wherever they name it.
///
/// # Errors
/// It is not there; the budget of queries is used up.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let relations = documents::relations(request.node(), &request.session, id, RelationReach::Everything).await?;
    let picture = RelationPicture::of_policy(&relations);
    let may_write = request.may(Access::Publish);
    let template = PolicyRelations { id, tab: "relations", relations, picture, may_write };
    PageAnswer::page("Relations of a policy", &template)
}

#[derive(Template)]
#[template(path = "relations.html")]
struct AllRelations<'a> {
    clusters: Vec<ClusterRow<'a>>,
    more_tables: usize,
    more_operators: usize,
    picture: RelationPicture,
    next: Option<String>,
    is_first: bool,
}

/// A cluster with what it serves and who serves it.
struct ClusterRow<'a> {
    cluster: &'a Related,
    tables: Vec<&'a Related>,
    operators: Vec<&'a Related>,
}

/// Shows the way of data of all clusters, some at a time.
///
/// # Errors
/// A cursor of another list; the budget of queries is used up.
pub async fn show_all(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let clusters = PolicyFilter { kind: Some("cluster".to_owned()), ..PolicyFilter::default() };
    let question = cursor::question(&clusters, Some("relations"));
    let after = match request.query.filled("cursor") {
        None => None,
        Some(text) => match cursor::read(text, &question).map_err(ConsoleError::of_problem)? {
            PageStart::Behind(place) => Some(place),
            PageStart::First | PageStart::BehindPast(_) | PageStart::Skipping(_) => None,
        },
    };
    let is_first = after.is_none();
    let (chain, next) = documents::chains(request.node(), &request.session, after).await?;
    let next = next.and_then(|place| cursor::write(&PageStart::Behind(place), &question));
    let next =
        next.map(|cursor| format!("{}/relations-of-all?cursor={}", addresses::LIST, addresses::encoded(&cursor)));
    let template = AllRelations {
        clusters: rows(&chain),
        more_tables: chain.tables.more,
        more_operators: chain.operators.more,
        picture: RelationPicture::of_chain(&chain, None),
        next,
        is_first,
    };
    PageAnswer::page("Relations", &template)
}

fn rows(chain: &Chain) -> Vec<ClusterRow<'_>> {
    let row = |(at, cluster)| ClusterRow {
        cluster,
        tables: chain
            .served
            .iter()
            .filter(|(_, one)| *one == at)
            .filter_map(|(it, _)| chain.tables.shown.get(*it))
            .collect(),
        operators: chain
            .run
            .iter()
            .filter(|(one, _)| *one == at)
            .filter_map(|(_, it)| chain.operators.shown.get(*it))
            .collect(),
    };
    chain.clusters.shown.iter().enumerate().map(row).collect()
}
