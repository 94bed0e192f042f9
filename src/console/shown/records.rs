//! Replies that are rows: their columns, and one value for each.

use crate::{
    policy::ListedPolicy,
    reply::{PeerContent, PolicyPlan, Reply},
};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Columns of objects at most; a list whose objects have more is shown as a value.
const COLUMNS: usize = 64;
/// Objects whose keys tell the columns.
const LOOKED_AT: usize = 1000;

/// Rows with the names of their columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The names, each once.
    pub columns: Vec<String>,
    /// The rows, each with a value for every column.
    pub rows: Vec<Vec<Value>>,
}

impl Records {
    /// Creates rows; names that are there several times are told apart by a number.
    #[must_use]
    pub fn new(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Self {
        let mut seen = HashSet::new();
        let columns = columns.into_iter().map(|title| {
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            let other = |number: usize| format!("{title} {number}");
            let name = if seen.contains(&title) { (2..).map(other).find(|name| !seen.contains(name)) } else { None };
            let name = name.unwrap_or(title);
            seen.insert(name.clone());
            name
        });
        let columns: Vec<String> = columns.collect();
        let width = columns.len();
        let rows = rows.into_iter().map(|mut row| {
            row.resize(width, Value::Null);
            row
        });
        Self { rows: rows.collect(), columns }
    }

    /// Takes the rows of a reply, or gives it back when it has none.
    ///
    /// # Errors
    /// The reply, which is to be shown in another way.
    #[expect(clippy::result_large_err, reason = "it is the reply itself that goes on, and it came by value as well")]
    pub fn of_reply(reply: Reply) -> Result<Self, Reply> {
        match reply {
            Reply::Table(table) => Ok(Self::new(table.titles, table.rows)),
            Reply::Rows(rows) => Ok(Self::new(rows.columns, rows.rows)),
            Reply::Pairs(pairs) => {
                let rows = pairs.pairs.into_iter().map(|(name, value)| vec![name.into(), value]);
                Ok(Self::new(titles(["Name", "Value"]), rows.collect()))
            }
            Reply::Policies(policies) => {
                let rows = policies.into_iter().filter_map(ListedPolicy::into_value).map(policy);
                Ok(Self::new(titles(["Type", "Name", "Id", "Policy"]), rows.collect()))
            }
            Reply::Answers(answers) => {
                let rows = answers.into_iter().map(|one| {
                    let (answer, error) = match one.outcome {
                        Ok(PeerContent::Text(text)) => (text.into(), Value::Null),
                        Ok(PeerContent::Json(value)) => (value, Value::Null),
                        Err(error) => (Value::Null, error.to_string().into()),
                    };
                    vec![one.destination.into(), answer, error]
                });
                Ok(Self::new(titles(["Node", "Answer", "Error"]), rows.collect()))
            }
            Reply::PolicyPlan(plan) => Ok(Self::of_plan(plan)),
            Reply::Objects(objects) => Self::of_objects(objects).map_err(Reply::Objects),
            Reply::Value(Value::Array(items)) => {
                Self::of_objects(items).map_err(|items| Reply::Value(Value::Array(items)))
            }
            other => Err(other),
        }
    }

    fn of_plan(plan: PolicyPlan) -> Self {
        let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
        let rows = plan.steps.into_iter().map(|step| {
            let action = serde_json::to_value(step.action).unwrap_or_default();
            let changes = serde_json::to_value(step.changes).unwrap_or_default();
            vec![action, step.kind.into(), text(step.name), text(step.id), changes]
        });
        let mistakes = plan.mistakes.into_iter().map(|mistake| {
            let place = mistake.policy.map_or(Value::Null, |place| format!("policy {}", place + 1).into());
            vec!["mistake".into(), Value::Null, place, Value::Null, mistake.reason.into()]
        });
        Self::new(titles(["Action", "Type", "Name", "Id", "Changes"]), rows.chain(mistakes).collect())
    }

    /// Makes rows of objects; a list of something else comes back.
    fn of_objects(objects: Vec<Value>) -> Result<Self, Vec<Value>> {
        let mut columns: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        for object in objects.iter().take(LOOKED_AT) {
            let Value::Object(map) = object else { return Err(objects) };
            for key in map.keys() {
                if known.insert(key.clone()) {
                    columns.push(key.clone());
                }
            }
        }
        let fits = |map: &Map<String, Value>| map.keys().all(|key| known.contains(key));
        let is_table = !columns.is_empty()
            && columns.len() <= COLUMNS
            && objects.iter().all(|object| object.as_object().is_some_and(fits));
        if !is_table {
            return Err(objects);
        }
        let row = |object: Value| {
            let Value::Object(mut map) = object else { return Vec::new() };
            columns.iter().map(|key| map.get_mut(key).map(Value::take).unwrap_or_default()).collect()
        };
        let rows: Vec<Vec<Value>> = objects.into_iter().map(row).collect();
        Ok(Self::new(columns, rows))
    }

    /// Returns the rows as objects, for programs.
    #[must_use]
    pub fn into_objects(self) -> Value {
        let Self { columns, rows } = self;
        rows.into_iter().map(|row| Value::Object(columns.iter().cloned().zip(row).collect())).collect()
    }
}

fn titles<const N: usize>(titles: [&str; N]) -> Vec<String> {
    titles.map(str::to_owned).to_vec()
}

/// Makes the row of a policy, `{type: body}`.
fn policy(policy: Value) -> Vec<Value> {
    let first = policy.as_object().and_then(|map| map.iter().next());
    let Some((kind, body)) = first else { return vec![Value::Null, Value::Null, Value::Null, policy] };
    let of = |key: &str| body.get(key).cloned().unwrap_or_default();
    let row = [Value::String(kind.clone()), of("name"), of("id")];
    row.into_iter().chain([policy]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Table;
    use serde_json::json;

    #[test]
    fn names_of_columns_are_unique_and_rows_are_whole() {
        let table =
            Table::new(["A", "A", "Two\nlines"], vec![vec![json!(1)], vec![json!(1), json!(2), json!(3), json!(4)]]);
        let records = Records::of_reply(Reply::Table(table)).unwrap();
        assert_eq!(records.columns, ["A", "A 2", "Two lines"]);
        assert_eq!(records.rows, [[json!(1), Value::Null, Value::Null], [json!(1), json!(2), json!(3)]]);
        assert_eq!(records.into_objects()[1], json!({"A": 1, "A 2": 2, "Two lines": 3}));
    }

    #[test]
    fn policies_and_objects_are_rows() {
        let policies = [json!({"table": {"name": "t", "id": "1"}}), json!("odd")];
        let list = policies.iter().cloned().map(ListedPolicy::from).collect();
        let records = Records::of_reply(Reply::Policies(list)).unwrap();
        assert_eq!(records.rows[0], [json!("table"), json!("t"), json!("1"), policies[0].clone()]);
        assert_eq!(records.rows[1][3], json!("odd"));
        let objects = Records::of_reply(Reply::Objects(vec![json!({"a": 1}), json!({"b": 2, "a": 3})])).unwrap();
        assert_eq!(
            (objects.columns.as_slice(), &objects.rows[0][1]),
            (&["a".to_owned(), "b".to_owned()][..], &Value::Null)
        );
    }

    #[test]
    fn what_is_no_table_comes_back() {
        for reply in [
            Reply::Objects(vec![json!(1)]),
            Reply::Objects(Vec::new()),
            Reply::Value(json!([{"a": 1}, 2])),
            Reply::Value(json!({"a": 1})),
            Reply::Text("a | b".to_owned()),
        ] {
            assert_eq!(Records::of_reply(reply.clone()), Err(reply));
        }
        let wide: Map<String, Value> = (0..=COLUMNS).map(|number| (number.to_string(), json!(number))).collect();
        assert!(Records::of_reply(Reply::Objects(vec![Value::Object(wide)])).is_err());
    }
}
