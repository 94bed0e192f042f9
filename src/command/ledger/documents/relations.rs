//! What policies have to do with each other: which ones a policy names, which ones name it, and the way of the data from tables
//! over clusters to operators.

use super::list::{LIST, missing};
use crate::{
    command::engine::typed,
    ledger::{LedgerEntry, Position, View, attribute_path},
    node::{Node, Session},
    policy::{Policy, json, overlaid},
    query::{Budget, Exhausted},
    reply::Error,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Policies of one group that are shown.
const SHOWN: usize = 50;
/// Tables and operators that a picture of one policy has, each.
const DRAWN: usize = 12;
/// Clusters that a page of all relations has.
const CLUSTERS: usize = 10;
/// Tables and operators that such a page has, each.
const DRAWN_TOGETHER: usize = 60;
/// Bytes of the longest text that is looked up as an id.
const ID: usize = 256;
/// Characters of a name that is shown.
const NAME: usize = 80;

/// A policy as others point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its id; nothing for a table that a cluster lists and no policy describes.
    pub id: Option<Arc<str>>,
    /// Its type.
    pub kind: Arc<str>,
    /// Its name; its id where it has none.
    pub name: String,
}

/// A policy that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is named: `cluster`, `table[0]`.
    pub path: String,
    /// The policy.
    pub policy: Related,
}

/// The first of some, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<T> {
    /// The first ones.
    pub shown: Vec<T>,
    /// How many more there are.
    pub more: usize,
    most: usize,
}

/// The way of data: tables are served by clusters, clusters by operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The tables.
    pub tables: Group<Related>,
    /// The clusters.
    pub clusters: Group<Related>,
    /// The operators.
    pub operators: Group<Related>,
    /// Which table is served by which cluster, by their places.
    pub served: Vec<(usize, usize)>,
    /// Which cluster is served by which operator, by their places.
    pub run: Vec<(usize, usize)>,
}

/// What a policy has to do with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    /// The policy itself.
    pub policy: Related,
    /// The way of data that it is part of; nothing for other types.
    pub chain: Option<Chain>,
    /// Policies that it names.
    pub names: Group<Reference>,
    /// Policies that name it.
    pub named_by: Group<Related>,
}

/// How far it is looked for policies that name another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What indexes find: operators of a cluster, children.
    Indexed,
    /// Whatever has the id anywhere in its text.
    Everything,
}

/// Returns what a policy has to do with others.
///
/// # Errors
/// Code 113 when it is not there; the budget of queries is used up.
pub async fn relations(node: &Arc<Node>, session: &Session, id: &str, reach: Reach) -> Result<Relations, Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        let wanted = id.to_owned();
        let found = move |budget: &Budget<'_>| Ok(of_policy(&view, &wanted, reach, budget)?);
        node.queries.answer(session, found).await?.ok_or_else(|| missing(id))
    })
    .await
}

/// Returns the ways of data of some clusters in ledger order, behind a position, and where the next ones begin.
///
/// # Errors
/// The budget of queries is used up.
pub async fn chains(
    node: &Arc<Node>,
    session: &Session,
    after: Option<Position>,
) -> Result<(Chain, Option<Position>), Error> {
    typed(LIST, node, session, async {
        let view = node.ledger.view();
        node.queries.answer(session, move |budget| Ok(of_clusters(&view, after.clone(), budget)?)).await
    })
    .await
}

impl Related {
    fn of(entry: &LedgerEntry, policy: Option<&Policy>) -> Self {
        let name = policy.and_then(|policy| policy.text("name")).filter(|name| !name.is_empty()).unwrap_or(&entry.id);
        let name = match policy.and_then(|policy| policy.text("dbms")) {
            Some(dbms) if &*entry.kind == "table" => format!("{dbms}.{name}"),
            _ => name.to_owned(),
        };
        Self { id: Some(Arc::clone(&entry.id)), kind: Arc::clone(&entry.kind), name: cut(name) }
    }

    fn read(entry: &LedgerEntry, budget: &Budget<'_>) -> Result<Self, Exhausted> {
        Ok(Self::of(entry, read(entry, budget)?.as_ref()))
    }
}

impl<T> Group<T> {
    fn new(most: usize) -> Self {
        Self { shown: Vec::new(), more: 0, most }
    }

    /// Puts the first ones and the number of the others together.
    #[must_use]
    pub const fn holding(shown: Vec<T>, more: usize) -> Self {
        Self { shown, more, most: 0 }
    }

    /// Adds one and returns its place; it is only counted when there are enough.
    fn add(&mut self, one: T) -> Option<usize>
    where
        T: PartialEq,
    {
        if let Some(place) = self.shown.iter().position(|there| *there == one) {
            return Some(place);
        }
        if self.shown.len() == self.most {
            self.more += 1;
            return None;
        }
        self.shown.push(one);
        Some(self.shown.len() - 1)
    }

    /// Tells whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

impl Chain {
    fn new(drawn: usize) -> Self {
        let (tables, clusters, operators) = (Group::new(drawn), Group::new(DRAWN), Group::new(drawn));
        Self { tables, clusters, operators, served: Vec::new(), run: Vec::new() }
    }

    /// Adds a cluster with its tables and operators.
    fn add(&mut self, view: &View, cluster: &LedgerEntry, budget: &Budget<'_>) -> Result<(), Exhausted> {
        let Some(policy) = read(cluster, budget)? else { return Ok(()) };
        let Some(at) = self.clusters.add(Related::of(cluster, Some(&policy))) else { return Ok(()) };
        for (dbms, name) in tables_of(&policy) {
            budget.work(1)?;
            let is_shown = self.tables.shown.len() < self.tables.most;
            let table = if is_shown { table(view, dbms, name, budget)? } else { undescribed(dbms, name) };
            if let Some(table) = self.tables.add(table) {
                self.served.push((table, at));
            }
        }
        for operator in view.serving(&cluster.id) {
            if let Some(operator) = self.operators.add(Related::read(operator, budget)?) {
                self.run.push((at, operator));
            }
        }
        Ok(())
    }
}

fn of_policy(view: &View, id: &str, reach: Reach, budget: &Budget<'_>) -> Result<Option<Relations>, Exhausted> {
    let Some(entry) = view.by_id(id) else { return Ok(None) };
    let policy = read(entry, budget)?;
    let related = Related::of(entry, policy.as_ref());
    let mut found =
        Relations { policy: related, chain: None, names: Group::new(SHOWN), named_by: Group::new(SHOWN) };
    let Some(policy) = policy else { return Ok(Some(found)) };
    found.chain = chain(view, entry, &policy, budget)?;
    found.names = names(view, id, &policy, budget)?;
    found.named_by = match reach {
        Reach::Indexed => indexed(view, id, budget)?,
        Reach::Everything => everywhere(view, entry, &policy, budget)?,
    };
    Ok(Some(found))
}

fn of_clusters(
    view: &View,
    after: Option<Position>,
    budget: &Budget<'_>,
) -> Result<(Chain, Option<Position>), Exhausted> {
    let mut chain = Chain::new(DRAWN_TOGETHER);
    let mut last = None;
    for (place, cluster) in view.listed(Some("cluster"), after).enumerate() {
        if place == CLUSTERS {
            return Ok((chain, last));
        }
        chain.add(view, cluster, budget)?;
        last = Some(cluster.position());
    }
    Ok((chain, None))
}

/// Reads a policy for this once; nothing for a row that is none.
fn read(entry: &LedgerEntry, budget: &Budget<'_>) -> Result<Option<Policy>, Exhausted> {
    budget.read(entry.text.len())?;
    Ok(Policy::parse(&entry.text).ok())
}

fn chain(view: &View, entry: &LedgerEntry, policy: &Policy, budget: &Budget<'_>) -> Result<Option<Chain>, Exhausted> {
    let mut chain = Chain::new(DRAWN);
    match policy.kind() {
        "table" => {
            let (Some(dbms), Some(name)) = (policy.text("dbms"), policy.text("name")) else { return Ok(None) };
            chain.tables.add(Related::of(entry, Some(policy)));
            for cluster in clusters_of(view, dbms, name, budget)? {
                // The other tables of the cluster are on its own page.
                let mut whole = Chain::new(DRAWN);
                whole.add(view, cluster, budget)?;
                let Some(at) = whole.clusters.shown.into_iter().next().and_then(|one| chain.clusters.add(one)) else {
                    continue;
                };
                chain.served.push((0, at));
                for operator in whole.operators.shown {
                    if let Some(operator) = chain.operators.add(operator) {
                        chain.run.push((at, operator));
                    }
                }
                chain.operators.more += whole.operators.more;
            }
        }
        "cluster" => chain.add(view, entry, budget)?,
        "operator" => match policy.text("cluster").and_then(|id| view.by_id(id)) {
            Some(cluster) if &*cluster.kind == "cluster" => chain.add(view, cluster, budget)?,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }
    Ok(Some(chain))
}

/// Returns the clusters that list a table.
fn clusters_of<'a>(
    view: &'a View,
    dbms: &str,
    name: &str,
    budget: &Budget<'_>,
) -> Result<Vec<&'a Arc<LedgerEntry>>, Exhausted> {
    let quoted = quoted(name);
    let mut found = Vec::new();
    for cluster in view.of_type("cluster") {
        budget.read(cluster.text.len())?;
        if !cluster.text.contains(&quoted) {
            continue;
        }
        let lists = read(cluster, budget)?.is_some_and(|policy| tables_of(&policy).any(|table| table == (dbms, name)));
        if lists {
            found.push(cluster);
        }
    }
    Ok(found)
}

/// Returns the databases and names of the tables that a cluster lists.
fn tables_of(cluster: &Policy) -> impl Iterator<Item = (&str, &str)> {
    let list = cluster.get("table").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|table| Some((table.get("dbms")?.as_str()?, table.get("name")?.as_str()?)))
}

fn table(view: &View, dbms: &str, name: &str, budget: &Budget<'_>) -> Result<Related, Exhausted> {
    for entry in view.named("table", name) {
        let Some(policy) = read(entry, budget)? else { continue };
        if policy.text("dbms") == Some(dbms) && policy.text("name") == Some(name) {
            return Ok(Related::of(entry, Some(&policy)));
        }
    }
    Ok(undescribed(dbms, name))
}

fn undescribed(dbms: &str, name: &str) -> Related {
    Related { id: None, kind: "table".into(), name: cut(format!("{dbms}.{name}")) }
}

/// Returns what a policy names: ids anywhere in it, and tables by their database and name.
fn names(view: &View, own: &str, policy: &Policy, budget: &Budget<'_>) -> Result<Group<Reference>, Exhausted> {
    let mut found = Names { view, own, budget, group: Group::new(SHOWN) };
    for id in overlaid(policy) {
        found.id(id, || attribute_path("", id))?;
    }
    found.object("", policy.body())?;
    Ok(found.group)
}

struct Names<'a> {
    view: &'a View,
    own: &'a str,
    budget: &'a Budget<'a>,
    group: Group<Reference>,
}

impl Names<'_> {
    fn object(&mut self, path: &str, object: &Map<String, Value>) -> Result<(), Exhausted> {
        let table = |key: &str| Some((object.get("dbms")?.as_str()?, object.get(key)?.as_str()?));
        // The entries of a cluster have the name of a table as `name`; everything else says `table`.
        let key = if path.starts_with("table[") { "name" } else { "table" };
        if let Some((dbms, name)) = table(key) {
            let table = table_policy(self.view, (dbms, name), self.budget)?;
            self.add(table, || if path.is_empty() { key.to_owned() } else { path.to_owned() });
        }
        for (key, value) in object {
            self.value(&attribute_path(path, key), value)?;
        }
        Ok(())
    }

    fn value(&mut self, path: &str, value: &Value) -> Result<(), Exhausted> {
        self.budget.work(1)?;
        match value {
            Value::String(text) if path != "id" => self.id(text, || path.to_owned()),
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{place}]"), item)?;
                }
                Ok(())
            }
            Value::Object(object) => self.object(path, object),
            _ => Ok(()),
        }
    }

    fn id(&mut self, id: &str, path: impl FnOnce() -> String) -> Result<(), Exhausted> {
        if id.is_empty() || id.len() > ID || id == self.own {
            return Ok(());
        }
        if let Some(entry) = self.view.by_id(id).filter(|entry| entry.valid) {
            let policy = Related::read(entry, self.budget)?;
            self.add(Some(policy), path);
        }
        Ok(())
    }

    fn add(&mut self, policy: Option<Related>, path: impl FnOnce() -> String) {
        if let Some(policy) = policy.filter(|policy| policy.id.as_deref() != Some(self.own)) {
            self.group.add(Reference { path: path(), policy });
        }
    }
}

fn table_policy(view: &View, (dbms, name): (&str, &str), budget: &Budget<'_>) -> Result<Option<Related>, Exhausted> {
    Ok(Some(table(view, dbms, name, budget)?).filter(|table| table.id.is_some()))
}

/// Returns the policies that indexes know to name another one.
fn indexed(view: &View, id: &str, budget: &Budget<'_>) -> Result<Group<Related>, Exhausted> {
    let mut found = Group::new(SHOWN);
    for entry in view.serving(id).into_iter().chain(view.children_of(id)) {
        budget.work(1)?;
        if found.shown.len() == SHOWN {
            found.more += 1;
        } else if &*entry.id != id {
            found.add(Related::read(entry, budget)?);
        }
    }
    Ok(found)
}

/// Returns the policies that have the id of another one anywhere in their text, or that are about its table.
fn everywhere(
    view: &View,
    entry: &LedgerEntry,
    policy: &Policy,
    budget: &Budget<'_>,
) -> Result<Group<Related>, Exhausted> {
    let id = quoted(&entry.id);
    let table = policy.text("dbms").zip(policy.text("name")).filter(|_| policy.kind() == "table");
    let name = table.map(|(_, name)| quoted(name));
    let mut found = Group::new(SHOWN);
    for other in view.iter().filter(|other| other.id != entry.id) {
        budget.read(other.text.len())?;
        let may_be_about = name.as_ref().is_some_and(|name| other.text.contains(name));
        let names_it = other.text.contains(&id) || (may_be_about && is_about(other, table, budget)?);
        if !names_it {
            continue;
        }
        if found.shown.len() == SHOWN {
            found.more += 1;
        } else {
            found.add(Related::read(other, budget)?);
        }
    }
    Ok(found)
}

fn is_about(other: &LedgerEntry, table: Option<(&str, &str)>, budget: &Budget<'_>) -> Result<bool, Exhausted> {
    let Some(policy) = read(other, budget)? else { return Ok(false) };
    let about = policy.text("dbms").zip(policy.text("table"));
    let lists = |wanted| policy.kind() == "cluster" && tables_of(&policy).any(|table| table == wanted);
    Ok(table.is_some() && (about == table || table.is_some_and(lists)))
}

/// Returns a text as it stands between quotes in stored texts.
fn quoted(text: &str) -> String {
    json::text(&Value::from(text))
}

fn cut(name: String) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::ledger::{Location, PolicyFields};

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

    fn found(id: &str, reach: Reach) -> Relations {
        of_policy(&sample(), id, reach, &Budget::unlimited()).unwrap().unwrap()
    }

    fn ids(group: &Group<Related>) -> Vec<&str> {
        group.shown.iter().map(|one| one.id.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn data_goes_from_tables_over_clusters_to_operators() {
        for (id, tables) in [("t1", vec!["t1"]), ("c1", vec!["t1", "-"]), ("o2", vec!["t1", "-"])] {
            let chain = found(id, Reach::Indexed).chain.unwrap();
            assert_eq!(ids(&chain.tables), tables, "{id}");
            assert_eq!((ids(&chain.clusters), ids(&chain.operators)), (vec!["c1"], vec!["o1", "o2"]), "{id}");
            assert_eq!((chain.served.len(), chain.run.as_slice()), (tables.len(), &[(0, 0), (0, 1)][..]), "{id}");
        }
        assert_eq!(found("m1", Reach::Indexed).chain, None);
        let (chain, next) = of_clusters(&sample(), None, &Budget::unlimited()).unwrap();
        assert_eq!((ids(&chain.clusters), next), (vec!["c1", "c2"], None));
    }

    #[test]
    fn a_policy_names_others_and_is_named() {
        let paths = |id: &str| -> Vec<(String, String)> {
            let names = found(id, Reach::Indexed).names.shown;
            names.into_iter().map(|one| (one.path, one.policy.id.unwrap().to_string())).collect()
        };
        let pair = |path: &str, id: &str| (path.to_owned(), id.to_owned());
        assert_eq!(paths("o1"), [pair("cluster", "c1")]);
        assert_eq!(paths("c1"), [pair("table[0]", "t1")]);
        assert_eq!(paths("m1"), [pair("table", "t1"), pair("import.m", "o1")]);
        assert_eq!(paths("n1"), [pair("text[1].it", "m1")]);
        let by = |id: &str, reach| found(id, reach).named_by;
        assert_eq!(ids(&by("c1", Reach::Indexed)), ["o1", "o2", "c2"]);
        assert_eq!(ids(&by("c1", Reach::Everything)), ["c2", "o1", "o2"]);
        assert_eq!(ids(&by("t1", Reach::Everything)), ["c1", "m1"]);
        assert_eq!(ids(&by("m1", Reach::Indexed)), Vec::<&str>::new());
        assert_eq!(ids(&by("m1", Reach::Everything)), ["n1"]);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut texts = vec![r#"{"cluster": {"name": "c", "id": "c"}}"#.to_owned()];
        texts.extend((0..60).map(|at| format!(r#"{{"operator": {{"name": "o{at}", "cluster": "c", "id": "o{at}"}}}}"#)));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = of_policy(&view(&texts), "c", Reach::Everything, &Budget::unlimited()).unwrap().unwrap();
        let chain = found.chain.unwrap();
        assert_eq!((chain.operators.shown.len(), chain.operators.more), (DRAWN, 60 - DRAWN));
        assert_eq!((found.named_by.shown.len(), found.named_by.more), (SHOWN, 60 - SHOWN));
        assert!(of_policy(&view(&texts), "x", Reach::Indexed, &Budget::unlimited()).unwrap().is_none());
    }
}
