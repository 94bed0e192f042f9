//! Rows as comma-separated values (RFC 4180), for spreadsheets.

use super::records::Records;
use serde_json::Value;
use std::borrow::Cow;

/// Signs with which a spreadsheet takes a cell for a formula, which may run programs and send what it reads elsewhere.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes rows with their titles. A text that a spreadsheet would take for a formula gets a `'` in front; numbers stay numbers.
#[must_use]
pub fn csv(records: &Records) -> String {
    let mut out = String::new();
    write_row(&mut out, records.columns.iter().map(|title| neutral(title)));
    for row in &records.rows {
        write_row(&mut out, row.iter().map(cell));
    }
    out
}

fn write_row<'a>(out: &mut String, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\n', '\r', ';', '\t']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => neutral(text),
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        // JSON begins with a bracket, which no spreadsheet calculates.
        Value::Array(_) | Value::Object(_) => value.to_string().into(),
    }
}

/// Makes sure that a text is a text.
fn neutral(text: &str) -> Cow<'_, str> {
    // Spreadsheets look behind blanks as well, and take the wide forms of the signs for the signs.
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}', '\n']).chars().next();
    let is_wide = |c| matches!(c, '＝' | '＋' | '－' | '＠');
    let is_formula = first.is_some_and(|c| FORMULA.contains(&c) || is_wide(c));
    if is_formula { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        let records = Records::new(
            vec!["=title".to_owned(), "b".to_owned()],
            vec![
                vec![json!("=1+1"), json!(-5)],
                vec![json!("+a"), json!("-a")],
                vec![json!("@SUM(A1)"), json!("\t=1")],
                vec![json!(" =1"), json!("＝1")],
                vec![json!("a,b"), json!("say \"x\"\r\nnow")],
                vec![json!({"a": "=1"}), Value::Null],
                vec![json!("\n=HYPERLINK(\"u\")"), json!(true)],
            ],
        );
        let lines = "'=title,b\r\n'=1+1,-5\r\n'+a,'-a\r\n'@SUM(A1),\"'\t=1\"\r\n' =1,'＝1\r\n\
             \"a,b\",\"say \"\"x\"\"\r\nnow\"\r\n\"{\"\"a\"\":\"\"=1\"\"}\",\r\n\"'\n=HYPERLINK(\"\"u\"\")\",true\r\n";
        assert_eq!(csv(&records), lines);
    }
}
