//! The safe part of `python`: text methods, slices and arithmetic on references (reference/command-language 12.9).

use super::{Resolved, Scope, Word, WordKind, resolve};
use winnow::{
    ModalResult, Parser,
    ascii::{digit1, space0},
    combinator::{alt, delimited, opt, preceded, repeat, separated, terminated},
    token::{one_of, take_till, take_while},
};

/// Most operators, methods, slices and parentheses: each may be a level of the tree.
const DEPTH: usize = 128;
/// Longest text of a result, in bytes.
const RESULT: usize = 1 << 20;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Int(i64),
    Float(f64),
    Reference(String),
    Negative(Box<Node>),
    Function(Function, Box<Node>),
    Method(Box<Node>, String, Vec<Node>),
    Typed(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Slice(Box<Node>, Option<Box<Node>>, Option<Box<Node>>),
    Binary(Box<Node>, char, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Len,
    Int,
    Float,
    Str,
}

/// A value on the way.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    One(Resolved),
    Many(Vec<String>),
}

/// Evaluates the words of an expression and returns the result as text.
///
/// # Errors
/// What is not understood, and in which expression.
pub fn evaluate(words: &[Word], scope: &dyn Scope) -> Result<String, String> {
    let text = source(words);
    let wrong = |why: &str| format!("Failed to process string: '{text}' with error: '{why}'");
    if operators(&text) > DEPTH {
        return Err(wrong("too many operators"));
    }
    let node = terminated(sum, space0).parse(text.as_str()).map_err(|_| wrong("invalid syntax"))?;
    let value = run(&node, scope).map_err(|why| wrong(&why))?;
    Ok(match value {
        Value::One(value) => value.into_text(),
        Value::Many(list) => {
            let entries: Vec<String> = list.iter().map(|entry| format!("'{entry}'")).collect();
            format!("[{}]", entries.join(", "))
        }
    })
}

/// One word is the expression itself; among several words a quoted one is a text.
fn source(words: &[Word]) -> String {
    match words {
        [word] => word.text.clone(),
        words => {
            let texts = words.iter().map(|word| match word.kind {
                WordKind::Quoted => format!("\"{}\"", word.text),
                WordKind::Plain | WordKind::Operator => word.text.clone(),
            });
            texts.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Counts the characters outside quotes that can make the tree of an expression deeper.
fn operators(text: &str) -> usize {
    let mut quote = None;
    let counts = |letter: &char| match quote {
        Some(open) => {
            quote = quote.filter(|_| *letter != open);
            false
        }
        None => {
            quote = Some(*letter).filter(|letter| matches!(letter, '"' | '\''));
            matches!(letter, '(' | '[' | '+' | '-' | '*' | '/' | '.')
        }
    };
    text.chars().filter(counts).count()
}

fn sum(input: &mut &str) -> ModalResult<Node> {
    binary(input, product, ['+', '-'])
}

fn product(input: &mut &str) -> ModalResult<Node> {
    binary(input, factor, ['*', '/'])
}

fn binary(input: &mut &str, mut part: fn(&mut &str) -> ModalResult<Node>, signs: [char; 2]) -> ModalResult<Node> {
    let first = part.parse_next(input)?;
    let rest: Vec<(char, Node)> = repeat(0.., (preceded(space0, one_of(signs)), part)).parse_next(input)?;
    Ok(rest.into_iter().fold(first, |left, (sign, right)| Node::Binary(Box::new(left), sign, Box::new(right))))
}

fn factor(input: &mut &str) -> ModalResult<Node> {
    let negative = preceded((space0, '-'), factor).map(|node| Node::Negative(Box::new(node)));
    preceded(space0, alt((negative, postfix))).parse_next(input)
}

/// What may follow a value.
enum Tail {
    Method(String, Vec<Node>),
    Typed(String),
    Index(Node),
    Slice(Option<Node>, Option<Node>),
}

fn postfix(input: &mut &str) -> ModalResult<Node> {
    let first = primary.parse_next(input)?;
    let tails: Vec<Tail> = repeat(0.., tail).parse_next(input)?;
    Ok(tails.into_iter().fold(first, |node, tail| {
        let node = Box::new(node);
        match tail {
            Tail::Method(name, arguments) => Node::Method(node, name, arguments),
            Tail::Typed(name) => Node::Typed(node, name),
            Tail::Index(at) => Node::Index(node, Box::new(at)),
            Tail::Slice(from, to) => Node::Slice(node, from.map(Box::new), to.map(Box::new)),
        }
    }))
}

fn tail(input: &mut &str) -> ModalResult<Tail> {
    let arguments = delimited('(', separated(0.., sum, (space0, ',')), (space0, ')'));
    let method = preceded('.', (name, arguments)).map(|(name, arguments)| Tail::Method(name, arguments));
    let typed = preceded('.', name).map(Tail::Typed);
    // Read once for both: trying one after the other would double the work with each bracket inside.
    let place =
        delimited('[', (opt(sum), opt(preceded((space0, ':'), opt(sum)))), (space0, ']')).verify_map(|(from, to)| {
            match to {
                Some(to) => Some(Tail::Slice(from, to)),
                None => from.map(Tail::Index),
            }
        });
    alt((method, typed, place)).parse_next(input)
}

fn primary(input: &mut &str) -> ModalResult<Node> {
    let reference = (one_of(['!', '$']), name).map(|(mark, name)| Node::Reference(format!("{mark}{name}")));
    let group = delimited('(', sum, (space0, ')'));
    alt((group, reference, quoted, function, number)).parse_next(input)
}

fn name(input: &mut &str) -> ModalResult<String> {
    take_while(1.., |letter: char| letter.is_alphanumeric() || letter == '_').map(str::to_owned).parse_next(input)
}

fn quoted(input: &mut &str) -> ModalResult<Node> {
    let double = delimited('"', take_till(0.., '"'), '"');
    let single = delimited('\'', take_till(0.., '\''), '\'');
    alt((double, single)).map(|text: &str| Node::Text(text.to_owned())).parse_next(input)
}

fn function(input: &mut &str) -> ModalResult<Node> {
    let name = alt((
        "len".value(Function::Len),
        "int".value(Function::Int),
        "float".value(Function::Float),
        "str".value(Function::Str),
    ));
    (name, delimited((space0, '('), sum, (space0, ')')))
        .map(|(function, argument)| Node::Function(function, Box::new(argument)))
        .parse_next(input)
}

fn number(input: &mut &str) -> ModalResult<Node> {
    let float = (digit1, '.', digit1).take().try_map(str::parse).map(Node::Float);
    let int = digit1.try_map(str::parse).map(Node::Int);
    alt((float, int)).parse_next(input)
}

fn run(node: &Node, scope: &dyn Scope) -> Result<Value, String> {
    let one = |value| Ok(Value::One(value));
    match node {
        Node::Text(text) => one(Resolved::Text(text.clone())),
        Node::Int(number) => one(Resolved::Int(*number)),
        Node::Float(number) => one(Resolved::Float(*number)),
        Node::Reference(name) => match resolve(name, scope) {
            value if value.is_empty() => Err(format!("{name} is not defined")),
            value => one(value),
        },
        Node::Negative(inner) => arithmetic(&Value::One(Resolved::Int(0)), '-', &run(inner, scope)?),
        Node::Function(function, argument) => call(*function, &run(argument, scope)?),
        Node::Typed(inner, suffix) => typed(&run(inner, scope)?, suffix),
        Node::Method(inner, name, arguments) => {
            let arguments: Result<Vec<Value>, String> = arguments.iter().map(|node| run(node, scope)).collect();
            method(&text(&run(inner, scope)?)?, name, &arguments?)
        }
        Node::Index(inner, at) => index(&run(inner, scope)?, int(&run(at, scope)?)?),
        Node::Slice(inner, from, to) => {
            let bound = |node: &Option<Box<Node>>| node.as_ref().map(|node| int(&run(node, scope)?)).transpose();
            slice(&run(inner, scope)?, bound(from)?, bound(to)?)
        }
        Node::Binary(left, sign, right) => arithmetic(&run(left, scope)?, *sign, &run(right, scope)?),
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::One(Resolved::Text(text)) => Ok(text.clone()),
        Value::One(other) => Err(format!("{other} is no text")),
        Value::Many(_) => Err("a list is no text".to_owned()),
    }
}

fn int(value: &Value) -> Result<i64, String> {
    match value {
        Value::One(Resolved::Int(number)) => Ok(*number),
        Value::One(Resolved::Text(text)) => text.trim().parse().map_err(|_| format!("'{text}' is no integer")),
        #[expect(clippy::cast_possible_truncation, reason = "int() cuts the fraction; the cast saturates")]
        Value::One(Resolved::Float(number)) => Ok(*number as i64),
        Value::One(Resolved::Bool(value)) => Ok(i64::from(*value)),
        Value::Many(_) => Err("a list is no integer".to_owned()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "large integers become the nearest float, as in arithmetic everywhere")]
fn float(value: &Value) -> Result<f64, String> {
    match value {
        Value::One(Resolved::Float(number)) => Ok(*number),
        Value::One(Resolved::Text(text)) => text.trim().parse().map_err(|_| format!("'{text}' is no number")),
        other => int(other).map(|number| number as f64),
    }
}

fn call(function: Function, value: &Value) -> Result<Value, String> {
    Ok(Value::One(match function {
        Function::Len => {
            let length = match value {
                Value::Many(list) => list.len(),
                Value::One(_) => text(value)?.chars().count(),
            };
            Resolved::Int(i64::try_from(length).unwrap_or(i64::MAX))
        }
        Function::Int => Resolved::Int(int(value)?),
        Function::Float => Resolved::Float(float(value)?),
        Function::Str => match value {
            Value::One(value) => Resolved::Text(value.to_string()),
            Value::Many(_) => return Err("a list is no text".to_owned()),
        },
    }))
}

fn typed(value: &Value, suffix: &str) -> Result<Value, String> {
    Ok(Value::One(match suffix {
        "int" => Resolved::Int(int(value)?),
        "float" => Resolved::Float(float(value)?),
        "str" => Resolved::Text(text(value)?),
        other => return Err(format!("'.{other}' is not known here")),
    }))
}

fn method(subject: &str, name: &str, arguments: &[Value]) -> Result<Value, String> {
    // The most parts of a split are a number.
    let is_number = |at: usize| at == 1 && matches!(name, "split" | "rsplit");
    let text_of = |(at, value): (usize, &Value)| if is_number(at) { Ok(String::new()) } else { text(value) };
    let texts = arguments.iter().enumerate().map(text_of).collect::<Result<Vec<String>, String>>()?;
    let one = |text: String| Ok(Value::One(Resolved::Text(text)));
    match (name, texts.as_slice()) {
        ("upper", []) => one(subject.to_uppercase()),
        ("lower", []) => one(subject.to_lowercase()),
        ("strip", []) => one(subject.trim().to_owned()),
        ("strip", [letters]) => one(subject.trim_matches(|letter| letters.contains(letter)).to_owned()),
        ("replace", [from, to]) if !from.is_empty() => {
            if subject.matches(from.as_str()).count().saturating_mul(to.len()) > RESULT {
                return Err("the result is too long".to_owned());
            }
            one(subject.replace(from.as_str(), to))
        }
        ("find", [part]) => {
            let place = subject.find(part.as_str()).and_then(|at| subject.get(..at)).map(|head| head.chars().count());
            Ok(Value::One(Resolved::Int(place.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))))
        }
        ("split", []) => Ok(Value::Many(subject.split_whitespace().map(str::to_owned).collect())),
        ("split" | "rsplit", [separator, ..]) if !separator.is_empty() => {
            let limit = arguments.get(1).map(int).transpose()?.and_then(|limit| usize::try_from(limit).ok());
            Ok(Value::Many(split(subject, separator, name == "rsplit", limit)))
        }
        _ => Err(format!("'.{name}()' is not known here, or its arguments are wrong")),
    }
}

fn split(subject: &str, separator: &str, from_the_end: bool, limit: Option<usize>) -> Vec<String> {
    let count = limit.map_or(usize::MAX, |limit| limit.saturating_add(1));
    if from_the_end {
        let mut parts: Vec<String> = subject.rsplitn(count, separator).map(str::to_owned).collect();
        parts.reverse();
        return parts;
    }
    subject.splitn(count, separator).map(str::to_owned).collect()
}

/// Returns the place of an index that may count from the end.
fn place(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if at < 0 { length.checked_add(at)? } else { at }).ok()
}

fn index(value: &Value, at: i64) -> Result<Value, String> {
    let found = match value {
        Value::Many(list) => place(at, list.len()).and_then(|at| list.get(at)).cloned(),
        Value::One(_) => {
            let text = text(value)?;
            place(at, text.chars().count()).and_then(|at| text.chars().nth(at)).map(String::from)
        }
    };
    found.map(|text| Value::One(Resolved::Text(text))).ok_or_else(|| "index out of range".to_owned())
}

fn slice(value: &Value, from: Option<i64>, to: Option<i64>) -> Result<Value, String> {
    let range = |length: usize| {
        let clamp = |at: Option<i64>, other| at.map_or(other, |at| place(at, length).unwrap_or(0).min(length));
        let (from, to) = (clamp(from, 0), clamp(to, length));
        from..to.max(from)
    };
    Ok(match value {
        Value::Many(list) => Value::Many(list.get(range(list.len())).unwrap_or_default().to_vec()),
        Value::One(_) => {
            let letters: Vec<char> = text(value)?.chars().collect();
            Value::One(Resolved::Text(letters.get(range(letters.len())).unwrap_or_default().iter().collect()))
        }
    })
}

/// Adds, subtracts, multiplies and divides numbers; texts with digits count as numbers.
fn arithmetic(left: &Value, sign: char, right: &Value) -> Result<Value, String> {
    let whole = match (left, right) {
        (Value::One(Resolved::Float(_)), _) | (_, Value::One(Resolved::Float(_))) => None,
        _ if sign == '/' => None,
        _ => int(left).ok().zip(int(right).ok()),
    };
    if let Some((left, right)) = whole {
        let result = match sign {
            '+' => left.checked_add(right),
            '-' => left.checked_sub(right),
            _ => left.checked_mul(right),
        };
        return result.map(|number| Value::One(Resolved::Int(number))).ok_or_else(|| "number too large".to_owned());
    }
    let (left, right) = (float(left)?, float(right)?);
    let result = match sign {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        _ if right == 0.0 => return Err("division by zero".to_owned()),
        _ => left / right,
    };
    Ok(Value::One(Resolved::Float(result)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    struct Fixed;

    impl Scope for Fixed {
        fn variable(&self, name: &str) -> Option<String> {
            let values =
                [("v", "EdgeLake Version: 1"), ("c", "127.0.0.1:32048"), ("a", "1"), ("b", "3"), ("w", "a b-c")];
            values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    fn run(text: &str) -> Result<String, String> {
        evaluate(&words(text).unwrap(), &Fixed)
    }

    #[test]
    fn what_scripts_use_is_understood() {
        for (text, result) in [
            ("!v.split(\" \")[0]", "EdgeLake"),
            ("!c.split(\":\")[-1]", "32048"),
            ("!c.rsplit(':', 1)[0]", "127.0.0.1"),
            ("!w.strip().replace(\" \", \"_\").replace(\"-\", \"_\")", "a_b_c"),
            ("!w.upper()", "A B-C"),
            ("!v[0:4]", "Edge"),
            ("len(!w)", "5"),
            ("int(!a) + int(!b)", "4"),
            ("!a.int + !b.int", "4"),
            ("!a.float + !b.int", "4.0"),
            ("\"1 + 1\"", "2"),
            ("1 + 2 * 3", "7"),
            ("4 / 2", "2.0"),
            ("!w.find('b')", "2"),
        ] {
            assert_eq!(run(text).as_deref(), Ok(result), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in
            ["!nosuch.split(\":\")[0]", "__import__('os')", "open('/etc/passwd')", "!v.format()", "!v[99]", "1 / 0"]
        {
            assert!(run(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_argument_that_is_no_text_is_refused() {
        for text in ["!w.replace(\"-\", 5)", "!w.strip(1)", "!w.find(1)", "!w.split(1)", "!w.replace(!w.split(), 'x')"]
        {
            assert!(run(text).is_err_and(|error| error.contains("is no text")), "{text}");
        }
        assert_eq!(run("!w.split(' ', 1)[1]").as_deref(), Ok("b-c"));
    }

    #[test]
    fn deep_and_long_expressions_end() {
        let inside = |count: usize| "!w[".repeat(count) + "0" + &"]".repeat(count);
        assert_eq!(run(&inside(1)).as_deref(), Ok("a"));
        assert_eq!(
            run(&inside(2)),
            Err("Failed to process string: '!w[!w[0]]' with error: ''a' is no integer'".into())
        );
        assert!(run(&inside(100)).is_err());
        assert!(evaluate(&[Word::plain("!w[".repeat(100))], &Fixed).is_err());
        assert_eq!(run(&format!("1{}", "+1".repeat(100))).as_deref(), Ok("101"));
        let none = Word::plain("'.'".to_owned() + &"+'.'".repeat(64));
        assert!(evaluate(&[none], &Fixed).is_err_and(|error| error.contains("is no number")));
        for part in ["+1", "*1", "-1", ".int"] {
            let text = format!("1{}", part.repeat(100_000));
            assert!(run(&text).is_err_and(|error| error.contains("too many operators")), "{part}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "[!a-z0-9.()\\[\\]+*/:, '-]{0,60}") {
            let _ = evaluate(&[Word::plain(text)], &Fixed);
        }
    }
}
