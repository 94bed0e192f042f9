//! Which policies name another one.

use super::{
    chain::tables_of,
    related::{Related, RelatedGroup, SHOWN, quoted, read},
};
use crate::{
    ledger::{LedgerEntry, View},
    policy::Policy,
    query::{Budget, Exhausted},
};

/// Returns the policies that indexes know to name another one.
pub(super) fn indexed(view: &View, id: &str, budget: &Budget<'_>) -> Result<RelatedGroup<Related>, Exhausted> {
    let mut found = RelatedGroup::new(SHOWN);
    for entry in view.operators_of(id).into_iter().chain(view.children_of(id)) {
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
pub(super) fn everywhere(
    view: &View,
    entry: &LedgerEntry,
    policy: &Policy,
    budget: &Budget<'_>,
) -> Result<RelatedGroup<Related>, Exhausted> {
    let id = quoted(&entry.id);
    let table = policy.text("dbms").zip(policy.text("name")).filter(|_| policy.kind() == "table");
    let name = table.map(|(_, name)| quoted(name));
    let mut found = RelatedGroup::new(SHOWN);
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
