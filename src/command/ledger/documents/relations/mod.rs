//! What policies have to do with each other: which ones a policy names, which ones name it, and the way of the data from tables
//! over clusters to operators.

mod chain;
mod named_by;
mod names;
mod related;

pub use chain::Chain;
pub use names::Reference;
pub use related::{Related, RelatedGroup};

use super::{
    list::{LIST, missing},
    list_place::ListPlace,
};
use crate::{
    command::engine::typed,
    ledger::View,
    node::{Node, Session},
    query::{Budget, Exhausted},
    reply::Error,
};
use std::sync::Arc;

/// What a policy has to do with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    /// The policy itself.
    pub policy: Related,
    /// The way of data that it is part of; nothing for other types.
    pub chain: Option<Chain>,
    /// Policies that it names.
    pub names: RelatedGroup<Reference>,
    /// Policies that name it.
    pub named_by: RelatedGroup<Related>,
}

/// How far it is looked for policies that name another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationReach {
    /// What indexes find: operators of a cluster, children.
    Indexed,
    /// Whatever has the id anywhere in its text.
    Everything,
}

/// Returns what a policy has to do with others.
///
/// # Errors
/// Code 113 when it is not there; the budget of queries is used up.
pub async fn relations(
    node: &Arc<Node>,
    session: &Session,
    id: &str,
    reach: RelationReach,
) -> Result<Relations, Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        let wanted = id.to_owned();
        let found = move |budget: &Budget<'_>| Ok(of_policy(&view, &wanted, reach, budget)?);
        node.queries.answer(session, found).await?.ok_or_else(|| missing(id))
    })
    .await
}

/// Returns the ways of data of some clusters in ledger order, behind a place, and where the next ones begin.
///
/// # Errors
/// The budget of queries is used up.
pub async fn chains(
    node: &Arc<Node>,
    session: &Session,
    after: Option<ListPlace>,
) -> Result<(Chain, Option<ListPlace>), Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        node.queries.answer(session, move |budget| Ok(chain::of_clusters(&view, after.as_ref(), budget)?)).await
    })
    .await
}

fn of_policy(view: &View, id: &str, reach: RelationReach, budget: &Budget<'_>) -> Result<Option<Relations>, Exhausted> {
    let Some(entry) = view.by_id(id) else { return Ok(None) };
    let policy = related::read(entry, budget)?;
    let related = Related::of(entry, policy.as_ref());
    let mut found = Relations {
        policy: related,
        chain: None,
        names: RelatedGroup::new(related::SHOWN),
        named_by: RelatedGroup::new(related::SHOWN),
    };
    let Some(policy) = policy else { return Ok(Some(found)) };
    found.chain = chain::chain(view, entry, &policy, budget)?;
    found.names = names::names(view, id, &policy, budget)?;
    found.named_by = match reach {
        RelationReach::Indexed => named_by::indexed(view, id, budget)?,
        RelationReach::Everything => named_by::everywhere(view, entry, &policy, budget)?,
    };
    Ok(Some(found))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::ledger::{LedgerEntry, Location, PolicyFields, Position};

    /// Makes a view of stored texts, in their order.
    pub fn view(texts: &[&str]) -> View {
        let mut view = View::default();
        for (sequence, text) in (1..).zip(texts) {
            let fields = PolicyFields::read(text).unwrap();
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let id = fields.id.clone().unwrap();
            view.insert(Arc::new(LedgerEntry::new((*text).into(), id.into(), "h".into(), at, Some(&fields))));
        }
        view
    }

    fn sample() -> View {
        view(&[
            r#"{"cluster": {"name": "c", "table": [{"dbms": "d", "name": "t"}, {"dbms": "d", "name": "u"}], "id": "c1"}}"#,
            r#"{"cluster": {"name": "c2", "parent": "c1", "table": [{"dbms": "x", "name": "t"}], "id": "c2"}}"#,
            r#"{"table": {"name": "t", "dbms": "d", "id": "t1"}}"#,
            r#"{"operator": {"name": "o", "cluster": "c1", "id": "o1"}}"#,
            r#"{"operator": {"name": "p", "cluster": "c1", "id": "o2"}}"#,
            r#"{"mapping": {"dbms": "d", "table": "t", "import": {"m": "o1"}, "id": "m1"}}"#,
            r#"{"note": {"text": ["about", {"it": "m1"}], "id": "n1"}}"#,
        ])
    }

    fn found(id: &str, reach: RelationReach) -> Relations {
        of_policy(&sample(), id, reach, &Budget::unlimited()).unwrap().unwrap()
    }

    fn ids(group: &RelatedGroup<Related>) -> Vec<&str> {
        group.shown.iter().map(|one| one.id.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn data_goes_from_tables_over_clusters_to_operators() {
        for (id, tables) in [("t1", vec!["t1"]), ("c1", vec!["t1", "-"]), ("o2", vec!["t1", "-"])] {
            let chain = found(id, RelationReach::Indexed).chain.unwrap();
            assert_eq!(ids(&chain.tables), tables, "{id}");
            assert_eq!((ids(&chain.clusters), ids(&chain.operators)), (vec!["c1"], vec!["o1", "o2"]), "{id}");
            assert_eq!((chain.served.len(), chain.run.as_slice()), (tables.len(), &[(0, 0), (0, 1)][..]), "{id}");
        }
        assert_eq!(found("m1", RelationReach::Indexed).chain, None);
        let (chain, next) = chain::of_clusters(&sample(), None, &Budget::unlimited()).unwrap();
        assert_eq!((ids(&chain.clusters), next), (vec!["c1", "c2"], None));
    }

    #[test]
    fn a_policy_names_others_and_is_named() {
        let paths = |id: &str| -> Vec<(String, String)> {
            let names = found(id, RelationReach::Indexed).names.shown;
            names.into_iter().map(|one| (one.path, one.policy.id.unwrap().to_string())).collect()
        };
        let pair = |path: &str, id: &str| (path.to_owned(), id.to_owned());
        assert_eq!(paths("o1"), [pair("cluster", "c1")]);
        assert_eq!(paths("c1"), [pair("table[0]", "t1")]);
        assert_eq!(paths("m1"), [pair("table", "t1"), pair("import.m", "o1")]);
        assert_eq!(paths("n1"), [pair("text[1].it", "m1")]);
        let by = |id: &str, reach| found(id, reach).named_by;
        assert_eq!(ids(&by("c1", RelationReach::Indexed)), ["o1", "o2", "c2"]);
        assert_eq!(ids(&by("c1", RelationReach::Everything)), ["c2", "o1", "o2"]);
        assert_eq!(ids(&by("t1", RelationReach::Everything)), ["c1", "m1"]);
        assert_eq!(ids(&by("m1", RelationReach::Indexed)), Vec::<&str>::new());
        assert_eq!(ids(&by("m1", RelationReach::Everything)), ["n1"]);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut texts = vec![r#"{"cluster": {"name": "c", "id": "c"}}"#.to_owned()];
        texts
            .extend((0..60).map(|at| format!(r#"{{"operator": {{"name": "o{at}", "cluster": "c", "id": "o{at}"}}}}"#)));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = of_policy(&view(&texts), "c", RelationReach::Everything, &Budget::unlimited()).unwrap().unwrap();
        let chain = found.chain.unwrap();
        assert_eq!((chain.operators.shown.len(), chain.operators.more), (12, 48));
        assert_eq!((found.named_by.shown.len(), found.named_by.more), (50, 10));
        assert!(of_policy(&view(&texts), "x", RelationReach::Indexed, &Budget::unlimited()).unwrap().is_none());
    }
}
