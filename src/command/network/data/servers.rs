//! `get servers`: the operators that hold the tables of the network (reference/rest 9).

use crate::{
    command::{
        engine::{Command, Entry, Line, Parsed, parsed},
        network::data::{
            held_tables::{FILTER, TableFilter, address, held_tables, text_of},
            question::question,
        },
    },
    ledger::View,
    node::{Node, Session},
    policy::Policy,
    query::{self, Bring, Budget, Exhausted},
    reply::{Code, Error, Lines, Reply},
    script::{Word, where_list},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Which tables are meant, and what is shown of their operators: `bring …`, or `ip:port`.
#[derive(Clone, Debug, PartialEq)]
struct GetServers {
    filter: TableFilter,
    bring: Option<Bring>,
}

#[async_trait]
impl Command for GetServers {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = node.ledger.view();
        let reply = move |budget: &Budget<'_>| match &self.bring {
            None => Ok(addresses(&view, &self.filter, budget)?),
            Some(bring) => brought(&view, &self.filter, bring, budget),
        };
        node.queries.answer(session, reply).await
    }
}

/// Writes one line per table, its operators separated by commas.
fn addresses(view: &View, filter: &TableFilter, budget: &Budget<'_>) -> Result<Reply, Exhausted> {
    let place = |operator: &Policy| address(&text_of(operator, "ip"), &text_of(operator, "port"));
    let held = held_tables(view, filter, budget)?;
    for (_, operator) in held.iter().flat_map(|held| &held.operators) {
        budget.keep_map(operator.body())?;
    }
    let lines: Vec<String> = held
        .iter()
        .map(|held| held.operators.iter().map(|(_, operator)| place(operator)).collect::<Vec<_>>())
        .filter(|places| !places.is_empty())
        .map(|places| places.join(","))
        .collect();
    if !lines.is_empty() {
        return Ok(Reply::Lines(Lines::behind(lines)));
    }
    if filter.is_one_table() {
        return Ok(Reply::Lines(Lines::behind([""])));
    }
    let name = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
    let none = format!("No operators for database '{}' and table '{}'", name(&filter.dbms), name(&filter.table));
    Ok(Reply::Text(none))
}

/// Shows what `bring` asks for of each table's operators.
fn brought(view: &View, filter: &TableFilter, bring: &Bring, budget: &Budget<'_>) -> Result<Reply, query::Error> {
    let held = held_tables(view, filter, budget)?;
    let mut operators = Vec::new();
    for (_, operator) in held.iter().flat_map(|held| &held.operators) {
        budget.keep_map(operator.body())?;
        operators.push(operator.to_value());
    }
    if operators.is_empty() {
        return Ok(Reply::Empty);
    }
    Ok(bring.objects(&operators, budget)?.into())
}

fn parse(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let at = words.iter().position(|word| word.text.split('.').next() == Some("bring")).unwrap_or(words.len());
    let (condition, tail) = words.split_at(at);
    let filter = TableFilter::from_arguments(&where_list(conditions(condition)?, line.scope, &FILTER)?);
    let bring = if tail.is_empty() { None } else { Some(Bring::parse(tail, line.scope)?) };
    parsed(GetServers { filter, bring })
}

/// Returns the words after `where`.
fn conditions(words: &[Word]) -> Result<&[Word], Error> {
    match words {
        [] => Ok(words),
        [first, rest @ ..] if first.is("where") && !rest.is_empty() => Ok(rest),
        [first, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", first.text))),
    }
}

/// The command of this file.
pub(super) const ENTRY: Entry = question(
    "get servers",
    parse,
    "get servers [where company = X and dbms = X and table = X] [bring …]",
    "Lists the operators that hold each table: their addresses, or what bring asks for.",
    &[
        "get servers",
        "get servers where dbms = my_dbms and table = my_table",
        "get servers where company = acme bring [operator][ip] : [operator][port]",
    ],
);
