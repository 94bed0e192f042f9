//! Results as pages (`into = html`, reference/rest 6).

use crate::render::value::value;
use serde_json::Value;

/// Renders a result as a page: `html.text` as it is, else pretty JSON when it is JSON.
#[must_use]
pub fn html(result: &str, kind: &str) -> String {
    if kind.trim().eq_ignore_ascii_case("html.text") {
        return text_page(result);
    }
    match serde_json::from_str::<Value>(result) {
        Ok(json @ (Value::Object(_) | Value::Array(_))) => json_page(&pretty(&json, 0)),
        _ => text_page(result),
    }
}

fn text_page(text: &str) -> String {
    format!("{TEXT_HEAD}{}{TEXT_FOOT}", escape(text))
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
        let page = html(r#"{"a": [1, {"b": []}], "c": {}}"#, "html");
        let lines = "{<br>    \"a\": [<br>        1,<br>        {<br>            \"b\": []<br>        }<br>    ],<br>    \"c\": {}<br>}";
        let expected = lines.replace(' ', "&nbsp;").replace('"', "&quot;");
        assert!(page.contains(&expected), "{page}");
    }

    #[test]
    fn texts_are_escaped() {
        let page = html("\r\n<b> & 'x'", "html.text");
        assert!(page.contains("<br>&lt;b&gt;&nbsp;&amp;&nbsp;&#x27;x&#x27;"), "{page}");
    }

    #[test]
    fn json_as_text_stays_one_line() {
        assert!(html("{\"a\": 1}", "html.text").contains("{&quot;a&quot;:&nbsp;1}"));
    }
}
