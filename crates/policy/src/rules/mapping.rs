//! Rules of mappings (reference/ledger 3.2).

use super::schema;
use crate::{Error, Known, Policy, matching::comparable_text};
use serde_json::{Map, Value};

pub(super) fn check(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    schema::check("mapping", policy.body(), schema::MAPPING)?;
    let columns = policy.get("schema").and_then(Value::as_object).into_iter().flatten();
    for (name, column) in columns.filter(|(name, _)| !(name.starts_with("__") && name.ends_with("__"))) {
        match column {
            Value::Object(column) => one(name, column)?,
            Value::Array(variants) => {
                for variant in variants {
                    one(name, variant.as_object().ok_or_else(|| shape(name))?)?;
                }
            }
            _ => return Err(shape(name)),
        }
    }
    imports(policy, known)
}

fn shape(name: &str) -> Error {
    Error::Structure(format!("the column '{name}' of policy 'mapping' is neither an object nor a list of objects"))
}

fn one(name: &str, column: &Map<String, Value>) -> Result<(), Error> {
    schema::check(&format!("mapping[{name}]"), column, schema::COLUMN)?;
    let Some(default) = column.get("default") else {
        return Ok(());
    };
    let kind = column.get("type").and_then(Value::as_str).unwrap_or_default();
    let fits = match kind {
        "string" => default.is_string(),
        "int" => default.is_i64() || default.is_u64(),
        "bool" => default.is_boolean(),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    Err(Error::Structure(format!("the default '{}' of column '{name}' is no {kind}", comparable_text(default))))
}

fn imports(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    let imports = policy.get("import").and_then(Value::as_object).into_iter().flatten();
    for (name, id) in imports {
        let Some(id) = id.as_str() else {
            return Err(Error::Structure(format!("'{name}' of the imports of policy 'mapping' has to be an id")));
        };
        if known.by_id(id).is_none_or(|found| found.kind() != "mapping") {
            return Err(Error::PolicyMissing(format!("the mapping '{id}' that is imported is not there")));
        }
    }
    Ok(())
}
