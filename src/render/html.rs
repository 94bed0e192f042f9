//! Results as pages (`into = html`, reference/rest 6).

use crate::render::value::value;
use serde_json::Value;

/// Bytes of lay-out, with its line ends and blanks, that one byte of JSON may become.
const LAID_OUT: usize = 16;
/// Bytes of lay-out that any JSON gets.
const LAID_OUT_LEAST: usize = 64 * 1024;
/// Bytes of lay-out that none gets.
const LAID_OUT_MOST: usize = 4 * 1024 * 1024;

/// Renders a text as a page.
#[must_use]
pub fn html(text: &str) -> String {
    format!("{TEXT_HEAD}{}{TEXT_FOOT}", escape(text))
}

/// Renders the text of JSON as a page with its parts on lines of their own. It stays as it is when who wrote it made a
/// mistake, and when it is so deep that the blanks before its lines would be many times what it says.
#[must_use]
pub fn html_of_json(text: &str) -> String {
    let most = text.len().saturating_mul(LAID_OUT).clamp(LAID_OUT_LEAST, LAID_OUT_MOST);
    let json = serde_json::from_str::<Value>(text).ok().filter(|json| json.is_object() || json.is_array());
    match json.and_then(|json| pretty(&json, most)) {
        Some(pretty) => format!("{JSON_HEAD}{}{JSON_FOOT}", escape(&pretty)),
        None => html(text),
    }
}

/// Writes JSON with four blanks per level; nothing when that takes more bytes than it may.
fn pretty(json: &Value, most: usize) -> Option<String> {
    let mut layout = JsonLayout { text: String::new(), most };
    layout.write(json, 0)?;
    Some(layout.text)
}

/// The text of JSON over several lines, of so many bytes at most. What writes it ends with nothing when it is full.
struct JsonLayout {
    text: String,
    most: usize,
}

impl JsonLayout {
    fn write(&mut self, json: &Value, level: usize) -> Option<()> {
        match json {
            Value::Object(map) if !map.is_empty() => {
                self.push("{")?;
                for (at, (key, inner)) in map.iter().enumerate() {
                    self.begin_part(at, level + 1)?;
                    self.push(&value(&Value::String(key.clone())))?;
                    self.push(": ")?;
                    self.write(inner, level + 1)?;
                }
                self.begin_line(level)?;
                self.push("}")
            }
            Value::Array(list) if !list.is_empty() => {
                self.push("[")?;
                for (at, inner) in list.iter().enumerate() {
                    self.begin_part(at, level + 1)?;
                    self.write(inner, level + 1)?;
                }
                self.begin_line(level)?;
                self.push("]")
            }
            other => self.push(&value(other)),
        }
    }

    /// Begins the line of one of several parts.
    fn begin_part(&mut self, at: usize, level: usize) -> Option<()> {
        if at > 0 {
            self.push(",")?;
        }
        self.begin_line(level)
    }

    fn begin_line(&mut self, level: usize) -> Option<()> {
        self.push("\n")?;
        self.push(&"    ".repeat(level))
    }

    fn push(&mut self, text: &str) -> Option<()> {
        if self.text.len() + text.len() > self.most {
            return None;
        }
        self.text.push_str(text);
        Some(())
    }
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
    fn blanks_make_no_megabytes_of_a_deep_text() {
        let deep = |count: usize| format!("{}{}1{}", "[".repeat(100), "1,".repeat(count), "]".repeat(100));
        assert!(html_of_json(&deep(10)).starts_with(JSON_HEAD));
        let text = deep(100_000);
        assert_eq!(html_of_json(&text), html(&text));
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
