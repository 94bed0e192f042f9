//! Conditions of `if`, `wait … for` and `where` on paths (reference/command-language 9).
//!
//! `and` and `or` have no precedence: after a false part an `and` ends the test as false, after a
//! true part an `or` ends it as true.

use super::{Error, Resolved, Scope, Word, joined, resolve, words};
use anylog_values::Comparison;

/// Wrong parts of a condition that are kept until they are reached.
const MAX_WRONG: usize = 16;

/// A condition, parsed once.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub(super) parts: Vec<(Connector, Test)>,
}

/// How a part hangs on the ones before it; the first part hangs on nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connector {
    First,
    And,
    Or,
}

/// One part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// `!a`: not empty, not zero, not false.
    Value(Word),
    /// `!a == b`.
    Compare { left: Word, operator: Comparison, right: Word },
    /// `not X`.
    Not(Box<Test>),
    /// `( … )`.
    Group(Condition),
    /// A part that is told when it is reached; the text goes into a box unless it is a failed comparison.
    Wrong { text: String, boxed: bool },
}

/// The result of a condition and the texts that are shown in a box on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the condition holds.
    pub result: Result<bool, Error>,
    /// Messages about parts that are wrong.
    pub notices: Vec<String>,
}

impl Condition {
    /// Parses the words of a condition; the whole line is quoted in messages.
    ///
    /// # Errors
    /// When the second word of a part is no operator, or something follows a parenthesis.
    pub fn parse(condition: &[Word], line: &[Word]) -> Result<Self, Error> {
        Reader { line, wrong: 0 }.condition(condition, 0)
    }

    /// Tells whether the condition holds.
    pub fn evaluate(&self, scope: &dyn Scope) -> Verdict {
        let mut notices = Vec::new();
        let result = self.run(scope, &mut notices);
        Verdict { result, notices }
    }

    fn run(&self, scope: &dyn Scope, notices: &mut Vec<String>) -> Result<bool, Error> {
        let mut state = Ok(false);
        let grouped = self.parts.iter().any(|(_, test)| test.is_group());
        for (connector, test) in &self.parts {
            match (connector, &state) {
                (Connector::Or, Ok(true)) | (Connector::And, Ok(false) | Err(_)) => return state,
                _ => state = test.run(scope, notices),
            }
            // Beside a group a part ends the test as soon as what stands before it and the part decide.
            if grouped && matches!((connector, &state), (Connector::Or, Ok(true)) | (Connector::And, Ok(false))) {
                return state;
            }
        }
        state
    }
}

fn is_connector(word: &Word) -> bool {
    word.is("and") || word.is("or")
}

/// Parses a condition and the groups inside it.
struct Reader<'a> {
    /// The whole line, quoted in messages.
    line: &'a [Word],
    /// Parts found wrong so far; each of them keeps a text with the line.
    wrong: usize,
}

impl Reader<'_> {
    fn condition(&mut self, condition: &[Word], depth: usize) -> Result<Condition, Error> {
        if depth > super::MAX_DEPTH {
            return Err(self.fail("nested too deep"));
        }
        self.check(condition)?;
        let mut parts = Vec::new();
        let mut connector = Connector::First;
        for part in condition.split_inclusive(is_connector) {
            let (words, next) = match part.split_last() {
                Some((last, before)) if last.is("and") => (before, Connector::And),
                Some((last, before)) if last.is("or") => (before, Connector::Or),
                _ => (part, Connector::First),
            };
            parts.push((connector, self.test(words, depth)?));
            connector = next;
        }
        if connector != Connector::First || parts.is_empty() {
            parts.push((connector, self.wrong()?));
        }
        Ok(Condition { parts })
    }

    fn fail(&self, what: &str) -> Error {
        Error::Unparsed(format!("Failed to parse in \"if\" stmt, {what}: {}", joined(self.line)))
    }

    /// Refuses what the grammar does not have, before anything is evaluated.
    fn check(&self, condition: &[Word]) -> Result<(), Error> {
        for part in condition.split(is_connector) {
            let mut place = 0;
            let mut closed = false;
            for word in part {
                place = if word.is("not") { 2 } else { place + 1 };
                if place == 2 && !word.is("not") && word.text.parse::<Comparison>().is_err() {
                    return Err(self.fail("missing comparison operator"));
                }
                if closed {
                    return Err(self.fail("missing end or else"));
                }
                closed = word.text.ends_with(')');
            }
        }
        Ok(())
    }

    /// Parses one part: the words between `and` and `or`.
    fn test(&mut self, part: &[Word], depth: usize) -> Result<Test, Error> {
        match part {
            [word] => self.operand(word, depth),
            [not, word] if not.is("not") => Ok(Test::Not(Box::new(self.operand(word, depth)?))),
            [_, _] => self.boxed(format!("Missing 'not' with stmt: '{}'", joined(self.line))),
            [left, operator, right] => match operator.text.parse() {
                Ok(operator) => Ok(Test::Compare { left: left.clone(), operator, right: right.clone() }),
                Err(_) => {
                    let words = joined(self.line.get(1..self.line.len() - 1).unwrap_or_default());
                    let operator = &operator.text;
                    self.boxed(format!("Comparison operator '{operator}' is not recognized: '{words}'"))
                }
            },
            [left, first, second, right] => match format!("{}{}", first.text, second.text).parse() {
                Ok(operator) => Ok(Test::Compare { left: left.clone(), operator, right: right.clone() }),
                Err(_) => {
                    let text = format!("Comparison of values failed with stmt: '{}'", joined(self.line));
                    self.told(text, false)
                }
            },
            _ => self.wrong(),
        }
    }

    /// Parses a single word: a group in parentheses, or a value.
    fn operand(&mut self, word: &Word, depth: usize) -> Result<Test, Error> {
        match word.text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => Ok(Test::Group(self.condition(&words(inner)?, depth + 1)?)),
            None => Ok(Test::Value(word.clone())),
        }
    }

    fn wrong(&mut self) -> Result<Test, Error> {
        self.boxed(format!("'{}'", joined(self.line)))
    }

    fn boxed(&mut self, text: String) -> Result<Test, Error> {
        self.told(format!("If statement error: {text}"), true)
    }

    fn told(&mut self, text: String, boxed: bool) -> Result<Test, Error> {
        self.wrong += 1;
        if self.wrong > MAX_WRONG { Err(self.fail("too many wrong parts")) } else { Ok(Test::Wrong { text, boxed }) }
    }
}

impl Test {
    /// Tells whether this is a group in parentheses.
    fn is_group(&self) -> bool {
        match self {
            Self::Group(_) => true,
            Self::Not(inner) => inner.is_group(),
            _ => false,
        }
    }

    fn run(&self, scope: &dyn Scope, notices: &mut Vec<String>) -> Result<bool, Error> {
        match self {
            Self::Value(word) => Ok(is_true(&resolve(word, scope))),
            Self::Not(test) => test.run(scope, notices).map(|result| !result),
            Self::Group(condition) => condition.run(scope, notices),
            Self::Compare { left, operator, right } => compare(left, *operator, right, scope),
            Self::Wrong { text, boxed } => {
                if *boxed {
                    notices.push(text.clone());
                }
                Err(Error::Condition(text.clone()))
            }
        }
    }
}

fn is_true(value: &Resolved) -> bool {
    match value {
        Resolved::Text(text) => !text.is_empty(),
        Resolved::Int(number) => *number != 0,
        Resolved::Float(number) => *number != 0.0,
        Resolved::Bool(value) => *value,
    }
}

/// Compares two words by the types of their values.
fn compare(left: &Word, operator: Comparison, right: &Word, scope: &dyn Scope) -> Result<bool, Error> {
    let values = (resolve(left, scope), resolve(right, scope));
    Ok(match &values {
        (Resolved::Text(left), Resolved::Text(right)) => {
            operator.holds_text(&unquoted(left).to_lowercase(), &unquoted(right).to_lowercase())
        }
        (Resolved::Bool(left), Resolved::Bool(right)) => operator.holds(left, right),
        (a @ Resolved::Float(_), b) | (a, b @ Resolved::Float(_)) => {
            operator.holds(&float(a, left)?, &float(b, right)?)
        }
        (a @ Resolved::Int(_), b) | (a, b @ Resolved::Int(_)) => operator.holds(&int(a, left)?, &int(b, right)?),
        (a, b) => operator.holds(&truth(a, left)?, &truth(b, right)?),
    })
}

/// Drops single quotes around a text of more than two characters.
fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(text)
}

#[expect(clippy::cast_precision_loss, reason = "numbers are compared as the network compares them")]
fn float(value: &Resolved, word: &Word) -> Result<f64, Error> {
    match value {
        Resolved::Float(number) => Ok(*number),
        Resolved::Int(number) => Ok(*number as f64),
        Resolved::Bool(value) => Ok(f64::from(u8::from(*value))),
        Resolved::Text(text) => {
            text.trim().parse().map_err(|_| Error::Condition(format!("Value provided '{}' is not a float", word.text)))
        }
    }
}

fn int(value: &Resolved, word: &Word) -> Result<i64, Error> {
    let text = match value {
        Resolved::Int(number) => return Ok(*number),
        Resolved::Bool(value) => return Ok(i64::from(*value)),
        other => other.to_string(),
    };
    text.trim().parse().map_err(|_| Error::Condition(format!("Value provided '{}' is not numeric", word.text)))
}

fn truth(value: &Resolved, word: &Word) -> Result<bool, Error> {
    match value {
        Resolved::Bool(value) => Ok(*value),
        Resolved::Text(text) if text == "true" => Ok(true),
        Resolved::Text(text) if text == "false" => Ok(false),
        _ => Err(Error::Condition(format!("Value provided '{}' is not a bool", word.text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Values;

    impl Scope for Values {
        fn variable(&self, name: &str) -> Option<String> {
            let values = [("s", "hello"), ("n", "5"), ("t", "true"), ("f", "false")];
            values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    fn verdict(text: &str) -> Result<bool, Error> {
        let line = words(text).unwrap();
        Condition::parse(&line, &line)?.evaluate(&Values).result
    }

    #[test]
    fn values_and_comparisons() {
        for (text, holds) in [
            ("!s", true),
            ("!nosuch", false),
            ("!f", true),
            ("!f.bool", false),
            ("not !nosuch", true),
            ("!s == HELLO", true),
            ("!n < 10", false),
            ("!n.int < 10", true),
            ("!nosuch.int < 1", true),
            ("!n.float == 5", true),
            ("!t.bool == true", true),
            ("!s contains ELL", true),
            ("root/a childfrom root/", true),
            ("root/a/b childfrom root/", false),
            ("!s == 'hello'", true),
        ] {
            assert_eq!(verdict(text), Ok(holds), "{text}");
        }
    }

    #[test]
    fn connectors_work_from_left_to_right() {
        for (text, holds) in [
            ("!s == x or !n == 5 and !t == true", true),
            ("!s == x and !n == 5 or !t == true", false),
            ("!s == hello or !n == 6 and !t == false", true),
            ("(!s == x and !n == 5) or (!t == true and !f == false)", true),
            ("((!s == hello) and !n == 5)", true),
            ("not (!s == x)", true),
            ("not (!s == hello and (!n == 5 or !n == 6))", false),
            ("or !s", true),
            ("(!s == hello) and !n == 6 or !t == true", false),
            ("!s == hello and !n == 6 or !t == true", true),
            ("!s == x or !t == true and (!n == 6)", true),
            ("!n.int contains 5", false),
            ("!s childfrom hello", false),
            ("/a/b childfrom /a/", true),
        ] {
            assert_eq!(verdict(text), Ok(holds), "{text}");
        }
    }

    #[test]
    fn mistakes_have_the_known_texts() {
        let missing = "Failed to parse in \"if\" stmt, missing comparison operator: ";
        assert_eq!(verdict("!s is declared"), Err(Error::Unparsed(format!("{missing}!s is declared"))));
        assert_eq!(verdict("!s = hello"), Err(Error::Unparsed(format!("{missing}!s = hello"))));
        let failed = "Comparison of values failed with stmt: '!s == hello world'";
        assert_eq!(verdict("!s == hello world"), Err(Error::Condition(failed.into())));
        assert!(verdict("!n.int == 5.5").is_err());
        assert!(verdict("").is_err());
        assert!(verdict("!s and").is_err());
        let many = |part: &str| verdict(&part.repeat(50_000)).unwrap_err().to_string();
        assert!(many("a == or ").contains("too many wrong parts"));
        assert!(many("(a ==) or ").contains("too many wrong parts"));
    }

    proptest::proptest! {
        #[test]
        fn any_words_end(text in "[()a-z!= \"']{0,40}") {
            if let Ok(line) = words(&text) {
                let _ = Condition::parse(&line, &line).map(|condition| condition.evaluate(&Values));
            }
        }
    }
}
