//! A line as far as it is typed: the words before the cursor, and what is there of the word at the cursor.

/// Signs that are words of their own wherever they stand.
const OPERATORS: [char; 4] = ['=', '+', '<', '>'];

/// The command of a line that the cursor stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TypedLine<'a> {
    /// The words before the one at the cursor, without a leading `key =`; quotes stay at their words, parentheses and
    /// commas are words.
    pub(super) words: Vec<&'a str>,
    /// What is typed of the word at the cursor; it may begin with a quote.
    pub(super) word: &'a str,
    /// Where that word begins, in bytes of the line.
    pub(super) from: usize,
    /// The cursor, in bytes of the line.
    pub(super) to: usize,
    /// True inside `{…}`: JSON is typed there.
    pub(super) is_inside_object: bool,
}

impl<'a> TypedLine<'a> {
    /// Reads a line up to the cursor, an offset in bytes; one that is no place of the line stands for its end.
    pub(super) fn read(line: &'a str, at: usize) -> Self {
        let typed = line.get(..at).unwrap_or(line);
        let mut scanner =
            Scanner { text: typed, words: Vec::new(), begin: None, quote: None, depth: 0, parentheses: 0 };
        for (offset, sign) in typed.char_indices() {
            scanner.step(offset, sign);
        }
        let from = scanner.begin.unwrap_or(typed.len());
        let mut words = scanner.words;
        if let [key, "=", ..] = words.as_slice()
            && !key.starts_with(['!', '$'])
        {
            words.drain(..2);
        }
        let word = typed.get(from..).unwrap_or_default();
        Self { words, word, from, to: typed.len(), is_inside_object: scanner.depth > 0 }
    }
}

struct Scanner<'a> {
    text: &'a str,
    words: Vec<&'a str>,
    /// Where the word begins that is being read.
    begin: Option<usize>,
    quote: Option<char>,
    /// Open braces.
    depth: usize,
    /// Open parentheses that are words.
    parentheses: usize,
}

impl Scanner<'_> {
    fn step(&mut self, at: usize, sign: char) {
        match (self.quote, sign) {
            // A prompt cuts its lines here, inside quotes too (reference/command-language 2.4).
            (_, '&') => self.begin_command(),
            (Some(quote), _) if quote != sign => {}
            (Some(_), _) => {
                self.quote = None;
                if self.depth == 0 {
                    self.end_word(at + sign.len_utf8());
                }
            }
            (None, '"' | '\'') if self.begin.is_none() || self.depth > 0 => {
                self.begin.get_or_insert(at);
                self.quote = Some(sign);
            }
            (None, '{') => {
                self.begin.get_or_insert(at);
                self.depth += 1;
            }
            (None, '}') => self.depth = self.depth.saturating_sub(1),
            _ if self.depth > 0 => {}
            (None, sign) if sign.is_whitespace() => self.end_word(at),
            // The sign that opens a block over lines.
            (None, '<') if self.begin.is_none() && self.words.is_empty() => {}
            (None, '(') if self.begin.is_none() => {
                self.parentheses += 1;
                self.sign(at, sign);
            }
            (None, ')') if self.parentheses > 0 => {
                self.parentheses -= 1;
                self.sign(at, sign);
            }
            (None, ',') => self.sign(at, sign),
            (None, sign) if OPERATORS.contains(&sign) => self.operator(at, sign),
            (None, _) => {
                self.begin.get_or_insert(at);
            }
        }
    }

    fn begin_command(&mut self) {
        (self.begin, self.quote, self.depth, self.parentheses) = (None, None, 0, 0);
        self.words.clear();
    }

    fn end_word(&mut self, end: usize) {
        if let Some(begin) = self.begin.take() {
            self.push(begin, end);
        }
    }

    fn push(&mut self, begin: usize, end: usize) {
        self.words.push(self.text.get(begin..end).unwrap_or_default());
    }

    fn sign(&mut self, at: usize, sign: char) {
        self.end_word(at);
        self.push(at, at + sign.len_utf8());
    }

    /// Takes a sign of comparison: `==`, `!=`, `<=` and `>=` are one word each.
    fn operator(&mut self, at: usize, sign: char) {
        let before = self.text.get(..at).unwrap_or_default();
        let last = before.chars().next_back();
        if sign == '=' && self.begin.is_none() && matches!(last, Some('=' | '<' | '>')) {
            self.words.pop();
            self.push(at - 1, at + 1);
        } else if sign == '=' && last == Some('!') && self.begin.is_some() {
            self.end_word(at - 1);
            self.words.retain(|word| !word.is_empty());
            self.push(at - 1, at + 1);
        } else {
            self.sign(at, sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Vec<&str>, &str) {
        let typed = TypedLine::read(line, line.len());
        (typed.words, typed.word)
    }

    #[test]
    fn the_word_at_the_cursor_is_apart() {
        assert_eq!(read("get st"), (vec!["get"], "st"));
        assert_eq!(read("get "), (vec!["get"], ""));
        assert_eq!(read("x = get st"), (vec!["get"], "st"));
        assert_eq!(read("x =!i"), (vec![], "!i"));
        assert_eq!(read("print a & run "), (vec!["run"], ""));
        assert_eq!(read("<x = \"a & get s"), (vec!["get"], "s"));
        assert_eq!(read("<x = "), (vec![], ""));
        let typed = TypedLine::read("get status", 5);
        assert_eq!((typed.word, typed.from, typed.to), ("s", 4, 5));
        assert_eq!(TypedLine::read("é", 1).to, 2, "no place of the line");
    }

    #[test]
    fn signs_are_words_and_quotes_keep_theirs_together() {
        assert_eq!(read("a where name=\"Edge No"), (vec!["a", "where", "name", "="], "\"Edge No"));
        assert_eq!(read("a where name = \"x y\" and b"), (vec!["a", "where", "name", "=", "\"x y\"", "and"], "b"));
        assert_eq!(read("a [port]!=5 and [b] >= "), (vec!["a", "[port]", "!=", "5", "and", "[b]", ">="], ""));
        assert_eq!(read("get (operator,cl"), (vec!["get", "(", "operator", ","], "cl"));
        assert_eq!(read("run client (a:1) g"), (vec!["run", "client", "(", "a:1", ")"], "g"));
        assert_eq!(read("print it's [a][b"), (vec!["print", "it's"], "[a][b"));
        assert_eq!(read("where [x] != "), (vec!["where", "[x]", "!="], ""));
    }

    #[test]
    fn objects_are_told() {
        assert!(TypedLine::read("push {\"a\": ", 11).is_inside_object);
        assert!(!TypedLine::read("push {\"a}\": 1} ", 15).is_inside_object);
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in "[a-z =<>!&(){},\"'é\\[\\].]{0,40}", at in 0usize..50) {
            let typed = TypedLine::read(&line, at);
            proptest::prop_assert!(typed.from <= typed.to && line.get(typed.from..typed.to).is_some());
        }
    }
}
