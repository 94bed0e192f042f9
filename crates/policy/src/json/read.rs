//! Reading JSON: strictly, or as forgiving as scripts need it (reference/ledger 1.4).

use super::{MAX_DEPTH, run};
use crate::Error;
use serde_json::{Map, Number, Value};

/// Reads strict JSON. Integers outside 64 bits become floats; of a repeated key the last value counts, at
/// the first place.
///
/// # Errors
/// [`Error::NotJson`] with the place; also for numbers that are not finite and for half of a surrogate pair.
pub fn parse(text: &str) -> Result<Value, Error> {
    strict(text).map_or_else(|| Reader::new(text, false).document(), Ok)
}

/// Reads strict JSON, and if that fails what scripts write: single quotes, `|` as a quote, `True` and
/// `False`, control characters in strings, strings in several pieces.
///
/// # Errors
/// [`Error::NotJson`] with the place in the text.
pub fn parse_lenient(text: &str) -> Result<Value, Error> {
    strict(text).map_or_else(|| Reader::new(text, true).document(), Ok)
}

/// Reads what `serde_json` reads as policies do; it needs a seventh less time than [`Reader`], which reads the rest and
/// names the place of a mistake.
fn strict(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|value| !holds_negative_zero(value))
}

/// Tells whether a value holds `-0.0`, which `serde_json` also makes of the integer `-0`.
pub(super) fn holds_negative_zero(value: &Value) -> bool {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().is_some_and(|float| float == 0.0 && float.is_sign_negative())
        }
        Value::Array(items) => items.iter().any(holds_negative_zero),
        Value::Object(object) => object.values().any(holds_negative_zero),
        _ => false,
    }
}

/// Reads a text from its beginning to its end.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    lenient: bool,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str, lenient: bool) -> Self {
        Self { text, at: 0, depth: 0, lenient }
    }

    fn document(mut self) -> Result<Value, Error> {
        let value = self.value()?;
        self.blanks();
        if self.at < self.text.len() { self.fail("nothing may follow the value") } else { Ok(value) }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    fn fail<T>(&self, reason: &'static str) -> Result<T, Error> {
        Err(Error::NotJson { at: self.place(), reason })
    }

    /// Returns the number of characters before this place.
    fn place(&self) -> usize {
        self.text.get(..self.at).unwrap_or_default().chars().count()
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.blanks();
        match self.peek() {
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            Some('-' | '0'..='9') => self.number(),
            Some(_) if self.quote().is_some() => self.string().map(Value::String),
            Some(_) => self.literal(),
            None => self.fail("a value is missing"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        if self.depth == MAX_DEPTH {
            return self.fail("too many levels of objects and lists");
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut object = Map::new();
        self.blanks();
        if self.take('}') {
            return Ok(Value::Object(object));
        }
        loop {
            self.blanks();
            if self.quote().is_none() {
                return self.fail("a key in double quotes is expected");
            }
            let key = self.string()?;
            self.blanks();
            if !self.take(':') {
                return self.fail("':' is expected after a key");
            }
            let value = self.value()?;
            object.insert(key, value);
            self.blanks();
            if self.take('}') {
                return Ok(Value::Object(object));
            }
            if !self.take(',') {
                return self.fail("',' or '}' is expected");
            }
        }
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        self.blanks();
        if self.take(']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            if self.take(']') {
                return Ok(Value::Array(items));
            }
            if !self.take(',') {
                return self.fail("',' or ']' is expected");
            }
        }
    }

    fn literal(&mut self) -> Result<Value, Error> {
        let word: &str = self.rest().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        let known = if self.lenient { word.to_ascii_lowercase() } else { word.to_owned() };
        let value = match known.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "nan" | "infinity" => return Err(Error::NotFinite { at: self.place() }),
            _ => return self.fail("a value is expected"),
        };
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, Error> {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        if !is_number(word) {
            return self.fail("this is no number");
        }
        let Some(number) = number(word) else {
            return Err(Error::NotFinite { at: self.place() });
        };
        self.at += end;
        Ok(Value::Number(number))
    }

    /// Returns the quote that starts here.
    fn quote(&self) -> Option<u8> {
        let byte = self.text.as_bytes().get(self.at).copied();
        byte.filter(|byte| *byte == b'"' || (self.lenient && matches!(byte, b'\'' | b'|')))
    }

    fn string(&mut self) -> Result<String, Error> {
        let mut string = String::new();
        while let Some(quote) = self.quote() {
            self.at += 1;
            self.piece(quote, &mut string)?;
            if !self.lenient {
                break;
            }
            self.blanks();
        }
        Ok(string)
    }

    /// Reads up to the closing quote.
    fn piece(&mut self, quote: u8, string: &mut String) -> Result<(), Error> {
        loop {
            let rest = self.rest();
            let plain = run::plain(rest.as_bytes(), |byte| (byte != quote) & (byte != b'\\') & (byte >= b' '));
            string.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some('\\') => self.escape(string)?,
                Some(c) if c == char::from(quote) => {
                    self.at += 1;
                    return Ok(());
                }
                Some(control) if self.lenient => {
                    self.at += 1;
                    string.push(if control == '\t' { '\t' } else { ' ' });
                }
                Some(_) => return self.fail("a control character in a string is written as an escape"),
                None => return self.fail("the closing quote of a string is missing"),
            }
        }
    }

    fn escape(&mut self, string: &mut String) -> Result<(), Error> {
        self.at += 1;
        let plain = match self.peek() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('\'') if self.lenient => '\'',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let character = self.unicode()?;
                string.push(character);
                return Ok(());
            }
            _ => return self.fail("this escape is unknown"),
        };
        self.at += 1;
        string.push(plain);
        Ok(())
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.unit()?;
        let pair = (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u");
        let units = if pair {
            self.at += 1;
            vec![first, self.unit()?]
        } else {
            vec![first]
        };
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => Ok(character),
            _ => self.fail("half of a surrogate pair stands alone"),
        }
    }

    /// Reads `uXXXX`.
    fn unit(&mut self) -> Result<u16, Error> {
        let digits = self.rest().get(1..5).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
            return self.fail("four hex digits are expected after \\u");
        };
        self.at += 5;
        Ok(unit)
    }
}

/// Tells whether a word is a number as JSON writes it: no leading zero, digits on both sides of the point.
fn is_number(word: &str) -> bool {
    let (mantissa, exponent) = word.split_once(['e', 'E']).map_or((word, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// Returns the number, or nothing when it is not finite.
fn number(word: &str) -> Option<Number> {
    if !word.contains(['.', 'e', 'E']) {
        if let Ok(integer) = word.parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = word.parse::<u64>() {
            return Some(integer.into());
        }
    }
    word.parse::<f64>().ok().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::text;
    use proptest::prelude::*;
    use serde_json::json;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::from),
            any::<String>().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                proptest::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|p| Value::Object(p.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn stored_text_reads_back_as_the_same_value(value in value()) {
            let stored = text(&value);
            prop_assert!(stored.bytes().all(|b| (0x20..0x7F).contains(&b)));
            let again = parse(&stored).unwrap();
            prop_assert_eq!(text(&again), stored);
            prop_assert_eq!(again, value);
        }

        #[test]
        fn reader_agrees_with_serde_on_values(value in value()) {
            let compact = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(&parse(&compact).unwrap(), &value);
            for lenient in [false, true] {
                prop_assert_eq!(&Reader::new(&compact, lenient).document().unwrap(), &value);
            }
        }

        #[test]
        fn reader_agrees_with_serde_on_texts(text in "[\\[\\]{}:,\"\\\\u0-9aeE.+\\- ]{0,14}") {
            if let Some(value) = strict(&text) {
                prop_assert_eq!(Reader::new(&text, false).document(), Ok(value), "{}", text);
            }
        }

        #[test]
        fn never_panics(text in "[\\[\\]{}:,'\"|\\\\ntfu0-9eE.+\\- \\PC]{0,60}") {
            let _ = parse_lenient(&text);
        }

        #[test]
        fn refuses_what_serde_refuses(text in "[\\[\\]{}:,\"0-9a.\\-]{0,12}") {
            if Reader::new(&text, false).document().is_ok() {
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
            }
        }
    }

    #[test]
    fn accepts_what_scripts_write() {
        let cases = [
            ("{'x':{'a':True,'b':False}}", json!({"x": {"a": true, "b": false}})),
            ("{|x|:{|a|:|v|}}", json!({"x": {"a": "v"}})),
            (r#"{"x":{"a":"p|q","b":"it's"}}"#, json!({"x": {"a": "p|q", "b": "it's"}})),
            ("{\"x\":\"one \"\n  \"two\"}", json!({"x": "one two"})),
            ("{\"x\":\"l1\nl2\"}", json!({"x": "l1 l2"})),
            ("-0", json!(0)),
            ("[-0.0]", json!([-0.0])),
            ("[\"a\", {\"b\": -0}]", json!(["a", {"b": 0}])),
            (r#"{"a": 1, "b": 2, "a": 3}"#, json!({"a": 3, "b": 2})),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_lenient(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "{\"a\":1,}", "None", "NaN", "1e400", "[1 2]", "{\"a\" 1}", "01", "1.", "\"\\ud83d\"", "{} {}"]
        {
            assert!(parse_lenient(text).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse_lenient(&deep).is_err());
    }
}
