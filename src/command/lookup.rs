//! Finds the command that a line of words names (reference/command-language 4).

use super::{Code, Entry, Error, table::FAMILIES};
use crate::script::{self, Form, Word, joined};
use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

/// Commands whose first word is shared; the longest name that fits is taken, and a wrong member is an error.
const SHARED: [&str; 9] = ["exit", "get", "set", "reset", "blockchain", "file", "test", "query", "help"];

/// The rows that begin with the same word.
#[derive(Default)]
struct Family {
    shared: bool,
    /// The row whose name is that word alone.
    alone: Option<Row>,
    /// The others by their second word, the shortest names first.
    longer: Names<Vec<Row>>,
}

/// Things by the names of commands or by words of them.
type Names<T> = HashMap<&'static str, T, BuildHasherDefault<NameHasher>>;

/// FNV-1a: the names are our own and short, and every command looks for its own one.
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

struct Row {
    /// The words of the name behind its first.
    rest: Vec<&'static str>,
    entry: &'static Entry,
}

static TABLE: LazyLock<Names<Family>> = LazyLock::new(|| {
    let mut table: Names<Family> = Names::default();
    for entry in entries() {
        let mut words = entry.words.split(' ');
        let first = words.next().unwrap_or_default();
        table.entry(first).or_default().add(Row { rest: words.collect(), entry });
    }
    for (first, family) in &mut table {
        family.shared = SHARED.contains(first);
        family.longer.values_mut().for_each(|rows| rows.sort_by_key(|row| row.rest.len()));
    }
    table
});

/// Words of the longest command name.
static LONGEST: LazyLock<usize> =
    LazyLock::new(|| entries().map(|entry| entry.words.split(' ').count()).max().unwrap_or_default());

impl Family {
    fn add(&mut self, row: Row) {
        match row.rest.first() {
            None => self.alone = Some(row),
            Some(second) => self.longer.entry(second).or_default().push(row),
        }
    }

    /// Returns the rows that a line may name, the shortest names first.
    fn candidates(&self, line: &[Word]) -> impl DoubleEndedIterator<Item = &Row> {
        let longer = line.get(1).and_then(|second| self.longer.get(second.text.as_str()));
        self.alone.iter().chain(longer.into_iter().flatten())
    }
}

impl Row {
    /// Tells whether a line begins with this name.
    fn begins(&self, line: &[Word]) -> bool {
        line.len() > self.rest.len() && self.rest.iter().zip(line.iter().skip(1)).all(|(name, word)| word.text == *name)
    }
}

/// Returns the command that words begin with and the number of words of its name; `before` words of an assignment
/// count for the least length of the line.
pub(super) fn find(words: &[Word], before: usize) -> Result<Option<(&'static Entry, usize)>, Error> {
    let Some(family) = words.first().and_then(|first| TABLE.get(first.text.as_str())) else { return Ok(None) };
    let fits = |row: &&Row| words.len() + before >= row.entry.min_words && row.begins(words);
    let mut fitting = family.candidates(words).filter(fits);
    let found = if family.shared { fitting.next_back() } else { fitting.next() };
    if found.is_none() && family.shared && !is_alone("exit", words) {
        return Err(wrong_member(words));
    }
    Ok(found.map(|row| (row.entry, row.rest.len() + 1)))
}

/// A command whose line is its name alone.
pub(super) struct Named {
    pub(super) entry: &'static Entry,
    /// The words of its name.
    pub(super) words: Vec<Word>,
}

/// The commands that need no more than their names, by these.
static ALONE: LazyLock<Names<Named>> = LazyLock::new(|| {
    let alone = |entry: &'static Entry| {
        let words = script::words(entry.words).ok()?;
        let is_command = Form::of(&words) == Form::Command(&words);
        let (found, named) = find(&words, 0).ok()??;
        (is_command && named == words.len()).then_some((entry.words, Named { entry: found, words }))
    };
    entries().filter_map(alone).collect()
});

/// Returns the command that a text is the name of, word for word: such a text need not be cut.
pub(super) fn named(text: &str) -> Option<&'static Named> {
    ALONE.get(text)
}

/// Tells whether a command begins with a word.
pub(super) fn begins(word: &str) -> bool {
    TABLE.contains_key(word)
}

/// Returns every command in the order of the table.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// Describes a line that names no command.
pub(super) fn unknown(words: &[Word]) -> Error {
    let name = words.first().map_or("", |word| word.text.as_str());
    let detail = match nearest(&joined(words.get(..words.len().min(*LONGEST)).unwrap_or_default())) {
        Some(entry) => format!("unknown command '{name}': did you mean '{entry}'? 'help' lists all commands"),
        None => format!("unknown command '{name}': 'help' lists all commands"),
    };
    Error::with(Code::UNRECOGNIZED_COMMAND, detail)
}

/// Tells whether commands share a first word, so that a wrong word behind it is an error.
pub(super) fn is_shared(word: &str) -> bool {
    SHARED.contains(&word)
}

/// Tells whether the line is this one word; `exit` alone names no command, as the network's nodes see it.
fn is_alone(family: &str, words: &[Word]) -> bool {
    matches!(words, [word] if word.text == family)
}

pub(super) fn wrong_member(words: &[Word]) -> Error {
    let line = joined(words);
    if words.first().is_some_and(|word| word.text == "exit") {
        return Error::with(Code::STRUCTURE, format!("Process name '{line}' in 'exit' command is not valid"));
    }
    let family = words.first().map_or("", |word| word.text.as_str());
    let in_family = |name: &&str| name.split(' ').next() == Some(family);
    let near = similar(&line).into_iter().find(in_family);
    let hint = near.map(|entry| format!(", did you mean '{entry}'?")).unwrap_or_default();
    Error::with(Code::STRUCTURE, format!("'{line}' is no command or lacks words{hint}: see 'help {family}'"))
}

/// Returns the command whose name is most like the beginning of a line, if one is close.
#[must_use]
pub fn nearest(line: &str) -> Option<&'static str> {
    similar(line).into_iter().next()
}

/// Returns the commands, or the families of commands, that a line may have meant, the closest first.
#[must_use]
pub fn similar(line: &str) -> Vec<&'static str> {
    let words: Vec<&str> = line.split_whitespace().take(*LONGEST).collect();
    let beginning = |take: usize| Beginning::new(words.get(..take).unwrap_or_default().join(" "));
    let typed: Vec<Beginning<String>> = (0..=words.len()).map(beginning).collect();
    let names = words.len().checked_sub(1).and_then(|at| BEGINNINGS.get(at)).map_or(&[][..], Vec::as_slice);
    let closest = |(take, name): &(usize, Beginning<&'static str>)| {
        let distance = typed.get(*take)?.distance(name, name.length.div_ceil(4))?;
        (distance > 0).then_some((distance, name.text))
    };
    let mut names: Vec<(usize, &str)> = names.iter().filter_map(closest).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|(_, name)| name).collect()
}

/// Beginnings of commands' names with their numbers of words.
type Beginnings = Vec<(usize, Beginning<&'static str>)>;

/// What lines of one word, of two words and so on are compared with: as many words of each command's name, or all it has.
static BEGINNINGS: LazyLock<Vec<Beginnings>> = LazyLock::new(|| {
    let of = |words: usize| {
        let take = |entry: &'static Entry| entry.words.split(' ').count().min(words);
        let names: BTreeMap<&str, usize> = entries().map(|e| (first_words(e.words, take(e)), take(e))).collect();
        names.into_iter().map(|(name, take)| (take, Beginning::new(name))).collect()
    };
    (1..=*LONGEST).map(of).collect()
});

/// The beginning of a line or of a command's name, to be compared with others.
struct Beginning<T> {
    text: T,
    letters: Vec<char>,
    length: usize,
    /// One bit for each kind of letter in the text.
    kinds: u64,
}

impl<T: AsRef<str>> Beginning<T> {
    fn new(text: T) -> Self {
        let letters: Vec<char> = text.as_ref().chars().collect();
        let kinds = letters.iter().fold(0, |kinds, letter| kinds | 1 << (u32::from(*letter) % 64));
        Self { text, length: letters.len(), letters, kinds }
    }

    /// Counts the letters to insert, delete or replace, when there are no more than `most`.
    fn distance<U>(&self, other: &Beginning<U>, most: usize) -> Option<usize> {
        // Each letter more or less is one to insert or delete; each kind of letter that only one has is one to change.
        let strange = (self.kinds & !other.kinds).count_ones().max((other.kinds & !self.kinds).count_ones());
        let close = self.length.abs_diff(other.length) <= most && usize::try_from(strange).is_ok_and(|n| n <= most);
        if close { distance(&self.letters, &other.letters, most) } else { None }
    }
}

/// Returns the first words of a command's name.
fn first_words(name: &'static str, count: usize) -> &'static str {
    let end = name.match_indices(' ').nth(count.saturating_sub(1)).map_or(name.len(), |(at, _)| at);
    name.get(..end).unwrap_or(name)
}

/// Counts the letters to insert, delete or replace between two texts, when there are no more than `most`.
fn distance(from: &[char], to: &[char], most: usize) -> Option<usize> {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, letter) in from.iter().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        let mut least = left;
        for (cell, other) in row.iter_mut().skip(1).zip(to) {
            let above = *cell;
            left = (diagonal + usize::from(letter != other)).min(above + 1).min(left + 1);
            diagonal = above;
            least = least.min(left);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
        if least > most {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::words;

    fn name(text: &str) -> Option<&'static str> {
        find(&words(text).unwrap(), 0).unwrap().map(|(entry, _)| entry.words)
    }

    #[test]
    fn the_shortest_name_wins() {
        assert_eq!(name("print a"), Some("print"));
        assert_eq!(name("on error ignore"), Some("on error"));
        assert_eq!(name("foo bar"), None);
    }

    #[test]
    fn a_name_alone_is_the_command_that_its_words_name() {
        assert!(super::named("get status").is_some() && super::named("get  status").is_none());
        for (text, alone) in ALONE.iter() {
            let words = words(text).unwrap();
            let (entry, named) = find(&words, 0).unwrap().unwrap();
            assert!(std::ptr::eq(entry, alone.entry) && named == words.len() && words == alone.words, "{text}");
        }
    }

    #[test]
    fn a_wrong_member_of_a_family_is_an_error() {
        assert_eq!(find(&words("set foo").unwrap(), 0).err().map(|error| error.code), Some(Code::STRUCTURE));
    }

    #[test]
    fn a_wrong_member_is_pointed_at_its_own_family() {
        let detail = wrong_member(&words("get rest log").unwrap()).detail.unwrap();
        assert!(detail.contains("did you mean 'get "), "{detail}");
    }

    #[test]
    fn no_name_is_taken_twice() {
        let names: std::collections::HashSet<&str> = entries().map(|entry| entry.words).collect();
        assert_eq!(names.len(), entries().count());
    }

    #[test]
    fn distances_count_letters() {
        let between = |from: &str, to: &str, most| Beginning::new(from).distance(&Beginning::new(to), most);
        assert_eq!(between("prnt", "print", 1), Some(1));
        assert_eq!(between("", "abc", 3), Some(3));
        assert_eq!(between("kitten", "sitting", 3), Some(3));
        assert_eq!(between("kitten", "sitting", 2), None);
        assert_eq!(nearest("prnt a b"), Some("print"));
        assert_eq!(nearest("blokchain"), Some("blockchain"));
        assert_eq!(nearest("get proceses where format = json"), Some("get processes"));
        let hint = |text: &str| wrong_member(&words(text).unwrap()).detail.unwrap_or_default();
        assert!(hint("get proceses").contains("did you mean 'get processes'?"));
        assert!(!hint("get frobnicate").contains("did you mean"));
    }
}
