//! Scripts inside mapping policies have to be scripts (reference/ledger 3.2): only who knows the commands can tell.

use crate::{
    node::Commands,
    policy::Policy,
    reply::{Code, Error},
    script::{Form, Word, words},
};
use serde_json::{Map, Value};

/// Checks the scripts of the columns of a mapping; other policies, and mappings that have other faults, pass.
///
/// # Errors
/// The first line that is no command, with the column that has it.
pub(super) fn check(policy: &Policy, commands: &dyn Commands) -> Result<(), Error> {
    if policy.kind() != "mapping" {
        return Ok(());
    }
    let columns = policy.get("schema").and_then(Value::as_object).into_iter().flatten();
    for (name, column) in columns {
        match column {
            Value::Object(column) => scripts(name, column, commands)?,
            Value::Array(variants) => {
                for variant in variants.iter().filter_map(Value::as_object) {
                    scripts(name, variant, commands)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn scripts(name: &str, column: &Map<String, Value>, commands: &dyn Commands) -> Result<(), Error> {
    for line in column.get("script").and_then(Value::as_array).into_iter().flatten() {
        let Some(line) = line.as_str() else {
            let detail =
                format!("the script of column '{name}' of policy 'mapping' has a line that is no text: {line}");
            return Err(Error::with(Code::POLICY_STRUCTURE, detail));
        };
        if !words(line).is_ok_and(|words| compiles(&words, commands)) {
            let detail =
                format!("the script of column '{name}' of policy 'mapping' has a line that is no command: {line}");
            return Err(Error::with(Code::SCRIPT_COMMAND, detail));
        }
    }
    Ok(())
}

/// Tells whether words are a command, with `if` and `else` a command behind them.
fn compiles(words: &[Word], commands: &dyn Commands) -> bool {
    match (Form::of(words), words) {
        (Form::Command(_), [first, rest @ ..]) if first.is("if") => {
            let then = rest.iter().position(|word| word.is("then")).filter(|place| *place > 0);
            then.and_then(|place| rest.get(place + 1..))
                .is_some_and(|inner| !inner.is_empty() && compiles(inner, commands))
        }
        (Form::Command(_), [first, ..]) => commands.begins(&first.text),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::{policy::Policy, reply::Code};

    fn code(script: &str) -> Option<Code> {
        let text = format!(
            r#"{{"mapping": {{"dbms": "d", "table": "t", "schema": {{"v": {{"type": "int", "script": {script}}}}}}}}}"#
        );
        check(&Policy::parse(&text).unwrap(), &&*crate::command::CATALOG).err().map(|error| error.code)
    }

    // Answered by a running node.
    #[test]
    fn lines_that_are_no_commands_are_refused() {
        for line in [
            "if [x] then return 5",
            "if [x] == 5 then [y] = 6",
            "return 5",
            "x = 5",
            "set x = 5",
            "else return 5",
            "if [x] == then return 5",
            "if ([x] == 5 and [y] == 6) then return 1",
            "[x] = 5",
            "goto end",
            "print hello",
            "drop table x",
            "end script",
            "call a",
        ] {
            assert_eq!(code(&format!("[\"{line}\"]")), None, "{line}");
        }
        for line in [
            "nonsense",
            "nonsense words here",
            "if",
            "if [x]",
            "if [x] then",
            "if then return 5",
            "if [x] == 5 return 5",
        ] {
            assert_eq!(code(&format!("[\"{line}\"]")), Some(Code::SCRIPT_COMMAND), "{line}");
        }
        assert_eq!(code("[5]"), Some(Code::POLICY_STRUCTURE));
        assert_eq!(code("[]"), None);
        assert_eq!(code("\"text is another rule\""), None);
    }
}
