//! Results as pages (`into = html`, reference/rest 6).

use crate::render::value::value;
use serde_json::Value;

/// Renders a text as a page.
#[must_use]
pub fn html(text: &str) -> String {
    format!("{TEXT_HEAD}{}{TEXT_FOOT}", escape(text))
}

/// Renders the text of JSON as a page with its parts on lines of their own; as it is when who wrote it made a mistake.
#[must_use]
pub fn html_of_json(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(json @ (Value::Object(_) | Value::Array(_))) => json_page(&pretty(&json, 0)),
        _ => html(text),
    }
}

fn json_page(text: &str) -> String {
    format!("{JSON_HEAD}{}{JSON_FOOT}", escape(text))
}

/// Writes JSON with four blanks per level.
fn pretty(json: &Value, level: usize) -> String {
    let (open, close, lines): (_, _, Vec<String>) = match json {
        Value::Object(map) if !map.is_empty() => {
            let line = |(key, inner): (&String, &Value)| {
                format!("{}: {}", value(&Value::String(key.clone())), pretty(inner, level + 1))
            };
            ('{', '}', map.iter().map(line).collect())
        }
        Value::Array(list) if !list.is_empty() => {
            ('[', ']', list.iter().map(|inner| pretty(inner, level + 1)).collect())
        }
        other => return value(other),
    };
    let inner = "    ".repeat(level + 1);
    let body = lines.iter().map(|line| format!("{inner}{line}")).collect::<Vec<_>>().join(",\n");
    format!("{open}\n{body}\n{}{close}", "    ".repeat(level))
}

fn escape(text: &str) -> String {
    let mut page = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#x27;"),
            '\n' => page.push_str("<br>"),
            ' ' => page.push_str("&nbsp;"),
            '\r' => {}
            other => page.push(other),
        }
    }
    page
}

const TEXT_HEAD: &str = r#"
    <!DOCTYPE html>
    <html>
    <head>
          <meta charset="UTF-8">
          <title>AnyLog</title>
          <style>
            body {
              background-color: black;
              color: white;
            }
          </style>

    </head>
    <body>
        <p style="font-family: 'Courier New', Courier, monospace;">
"#;
const TEXT_FOOT: &str = r#"
            </p>
        </body>
        </html>
        "#;
const JSON_HEAD: &str = r#"      
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="UTF-8">
          <meta name="viewport" content="width=device-width, initial-scale=1.0">
          <title>AnyLog</title>
          <style>
            body {
              background-color: black;
              color: white;
              display: flex;
              justify-content: left;
              align-items: top;
              height: 100vh;
              margin: 0;
              font-family: Arial, sans-serif;
            }
          </style>
        </head>
        <body>
            <p>
        "#;
const JSON_FOOT: &str = r#"
            </p>
        </body>
        </html>
        "#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_shown_pretty() {
        let page = html_of_json(r#"{"a": [1, {"b": []}], "c": {}}"#);
        let lines = "{<br>    \"a\": [<br>        1,<br>        {<br>            \"b\": []<br>        }<br>    ],<br>    \"c\": {}<br>}";
        let expected = lines.replace(' ', "&nbsp;").replace('"', "&quot;");
        assert!(page.contains(&expected), "{page}");
    }

    #[test]
    fn texts_are_escaped() {
        let page = html("\r\n<b> & 'x'");
        assert!(page.contains("<br>&lt;b&gt;&nbsp;&amp;&nbsp;&#x27;x&#x27;"), "{page}");
    }

    #[test]
    fn json_as_text_stays_one_line() {
        assert!(html("{\"a\": 1}").contains("{&quot;a&quot;:&nbsp;1}"));
    }
}
