//! Finds the command that a text names, once for every edge (reference/command-language 4).

use crate::{
    command::engine::{Entry, Exchange, Traits, Verbs, similar::Names},
    reply::{Error, ErrorKind},
    script::{self, Form, Word, joined},
};
use std::collections::HashMap;

/// What is known of a line by its first word, or first words, alone.
#[derive(Clone, Copy, Debug)]
pub struct FirstWord {
    word: &'static str,
    /// Several commands begin with it: the longest name that fits is taken, and a wrong word behind it is an error of
    /// their family.
    shared: bool,
    traits: Traits,
}

impl FirstWord {
    /// Describes a word that begins several commands.
    #[must_use]
    pub const fn shared(word: &'static str, traits: Traits) -> Self {
        Self { word, shared: true, traits }
    }

    /// Describes a word that does not.
    #[must_use]
    pub const fn single(word: &'static str, traits: Traits) -> Self {
        Self { word, shared: false, traits }
    }
}

/// Every command of the node, to be found by the words of a line.
#[derive(Debug)]
pub struct Catalog {
    entries: Vec<&'static Entry>,
    first_words: &'static [FirstWord],
    by_word: HashMap<&'static str, Candidates>,
    alone: HashMap<&'static str, Bare>,
    names: Names,
    longest: usize,
}

/// The commands that begin with the same word.
#[derive(Debug, Default)]
struct Candidates {
    shared: bool,
    /// The command whose name is that word alone.
    alone: Option<Candidate>,
    /// The others by their second word, the shortest names first.
    longer: HashMap<&'static str, Vec<Candidate>>,
}

#[derive(Debug)]
struct Candidate {
    /// The words of the name behind its first.
    rest: Vec<&'static str>,
    entry: &'static Entry,
}

/// A command whose line is its name alone; its words need not be cut again.
#[derive(Debug)]
struct Bare {
    entry: &'static Entry,
    words: Vec<Word>,
}

/// The words of a text.
#[derive(Debug)]
enum Cut<'a> {
    /// The text is the name of a command, word for word.
    Name(&'static [Word]),
    /// The words of its first command, and what stands behind an `&`.
    Words(Vec<Word>, Option<&'a str>),
    /// It cannot be cut into words.
    Unreadable(script::Error),
}

/// What a text names: its words, and the command that they begin with.
#[derive(Debug)]
pub struct Selection<'a> {
    /// The catalog that was asked.
    pub(super) catalog: &'static Catalog,
    /// The text.
    pub(super) text: &'a str,
    /// The command and the number of words of its name.
    pub(super) found: Option<(&'static Entry, usize)>,
    traits: Traits,
    cut: Cut<'a>,
}

impl Catalog {
    /// Puts families of commands together.
    #[must_use]
    pub fn new(families: &[&'static [Entry]], first_words: &'static [FirstWord]) -> Self {
        let entries: Vec<&'static Entry> = families.iter().flat_map(|family| family.iter()).collect();
        let mut by_word: HashMap<&'static str, Candidates> = HashMap::new();
        for entry in &entries {
            let mut words = entry.words.split(' ');
            let first = words.next().unwrap_or_default();
            by_word.entry(first).or_default().add(Candidate { rest: words.collect(), entry });
        }
        for (first, candidates) in &mut by_word {
            candidates.shared = first_words.iter().any(|one| one.shared && one.word == *first);
            candidates.longer.values_mut().for_each(|longer| longer.sort_by_key(|one| one.rest.len()));
        }
        let longest = entries.iter().map(|entry| entry.words.split(' ').count()).max().unwrap_or_default();
        let names = Names::new(entries.iter().map(|entry| entry.words), longest);
        let mut catalog = Self { entries, first_words, by_word, alone: HashMap::new(), names, longest };
        catalog.alone = catalog.entries.iter().filter_map(|entry| catalog.bare(entry)).collect();
        catalog
    }

    /// Returns a command by its name when the name alone is a whole line.
    fn bare(&self, entry: &'static Entry) -> Option<(&'static str, Bare)> {
        let words = script::words(entry.words).ok()?;
        let is_command = Form::of(&words) == Form::Command(&words);
        let (found, named) = self.find(&words, 0).ok()??;
        (is_command && named == words.len()).then_some((entry.words, Bare { entry: found, words }))
    }

    /// Returns every command in the order of the families.
    pub fn entries(&self) -> impl Iterator<Item = &'static Entry> + use<'_> {
        self.entries.iter().copied()
    }

    /// Finds what a text names; the words are cut here and nowhere else. What people copy with a command, its prompt and the
    /// signs of its block, is no part of it.
    #[must_use]
    pub fn select<'a>(&'static self, text: &'a str) -> Selection<'a> {
        if let Some(Bare { entry, words }) = self.alone.get(text) {
            let traits = self.carried(words, Some(entry));
            return Selection { catalog: self, text, found: Some((entry, words.len())), traits, cut: Cut::Name(words) };
        }
        let text = script::copied(text);
        match script::first_command(text) {
            Err(error) => {
                let traits = self.unreadable(text);
                Selection { catalog: self, text, found: None, traits, cut: Cut::Unreadable(error) }
            }
            Ok((words, rest)) => {
                let found = match Form::of(&words) {
                    Form::Command(words) => self.find(words, 0).ok().flatten(),
                    _ => None,
                };
                let traits = self.carried(&words, found.map(|(entry, _)| entry));
                Selection { catalog: self, text, found, traits, cut: Cut::Words(words, rest) }
            }
        }
    }

    /// Returns how edges carry a line: as its command says, else as the family that its first word names.
    fn carried(&self, words: &[Word], entry: Option<&Entry>) -> Traits {
        let traits = match (entry, words) {
            (Some(entry), _) => entry.traits,
            (None, [_, operator, ..]) if operator.is("=") || operator.is("+") => Traits::CHANGE,
            (None, words) => self.of_family(words.iter().map(|word| word.text.as_str())),
        };
        // A single word has to be a question, or an assignment written without blanks.
        match words {
            [one] if !one.text.contains('=') && traits.verbs != Verbs::Get => traits.carried_by(Verbs::None),
            _ => traits,
        }
    }

    /// Returns how edges carry a text that cannot be cut: as the family that its first word names.
    fn unreadable(&self, text: &str) -> Traits {
        let mut words = text.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        let second = words.next().unwrap_or_default();
        let exact = self.by_word.get(first).and_then(|candidates| {
            let longer = candidates.longer.get(second).and_then(|longer| longer.first());
            longer.or(candidates.alone.as_ref()).map(|candidate| candidate.entry.traits)
        });
        exact.unwrap_or_else(|| self.of_family(text.split_ascii_whitespace()))
    }

    fn of_family<'a>(&self, line: impl Iterator<Item = &'a str> + Clone) -> Traits {
        let begins = |one: &FirstWord, same: fn(&str, &str) -> bool| {
            let mut line = line.clone();
            one.word.split(' ').all(|word| line.next().is_some_and(|given| same(given, word)))
        };
        match self.first_words.iter().find(|one| begins(one, str::eq_ignore_ascii_case)) {
            Some(one) if begins(one, |given, word| given == word) => one.traits,
            // The case of letters counts in messages of other nodes (reference/tcp-protocol 6).
            Some(one) => one.traits.over_tcp(Exchange::Closed),
            None => Traits::CHANGE,
        }
    }

    /// Returns the command that words begin with and the number of words of its name; `before` words of an assignment
    /// count for the least length of the line.
    ///
    /// # Errors
    /// [`ErrorKind::WrongMember`] when commands share the first word and the others name none of them.
    pub fn find(&self, words: &[Word], before: usize) -> Result<Option<(&'static Entry, usize)>, Error> {
        let Some(candidates) = words.first().and_then(|first| self.by_word.get(first.text.as_str())) else {
            return Ok(None);
        };
        let fits = |one: &&Candidate| words.len() + before >= one.entry.min_words && one.begins(words);
        let mut fitting = candidates.named_by(words).filter(fits);
        let found = if candidates.shared { fitting.next_back() } else { fitting.next() };
        if found.is_none() && candidates.shared && !is_exit_alone(words) {
            return Err(self.wrong_member(words));
        }
        Ok(found.map(|one| (one.entry, one.rest.len() + 1)))
    }

    /// Tells whether a command begins with a word.
    #[must_use]
    pub fn begins(&self, word: &str) -> bool {
        self.by_word.contains_key(word)
    }

    /// Tells whether commands share a first word, so that a wrong word behind it is an error.
    #[must_use]
    pub fn is_shared(&self, word: &str) -> bool {
        self.by_word.get(word).is_some_and(|candidates| candidates.shared)
    }

    /// Returns the command, or the family of commands, whose name is most like the beginning of a line.
    #[must_use]
    pub fn nearest(&self, line: &str) -> Option<&'static str> {
        self.names.like(line).into_iter().next()
    }

    /// Describes a line that names no command.
    #[must_use]
    pub fn unknown(&self, words: &[Word]) -> Error {
        let name = words.first().map_or("", |word| word.text.as_str());
        if let [_, equal] = words
            && equal.is("=")
        {
            let detail = format!("'{name} =' has no value: write {name} = \"\" to remove the variable");
            return Error::of_kind(ErrorKind::UnknownCommand, detail);
        }
        if let Some(entry) = self.lacking(words) {
            let detail = format!("'{entry}' lacks words: see 'help {entry}'");
            return Error::of_kind(ErrorKind::UnknownCommand, detail);
        }
        let detail = match self.nearest(&joined(words.get(..words.len().min(self.longest)).unwrap_or_default())) {
            Some(entry) => format!("unknown command '{name}': did you mean '{entry}'? 'help' lists all commands"),
            None => format!("unknown command '{name}': 'help' lists all commands"),
        };
        Error::of_kind(ErrorKind::UnknownCommand, detail)
    }

    /// Returns the command that a line begins with although it is too short for it.
    fn lacking(&self, words: &[Word]) -> Option<&'static str> {
        let candidates = self.by_word.get(words.first()?.text.as_str())?;
        let named = candidates.named_by(words).rfind(|one| one.begins(words))?;
        Some(named.entry.words)
    }

    /// Describes a line whose first word begins commands and whose others name none of them.
    #[must_use]
    pub fn wrong_member(&self, words: &[Word]) -> Error {
        let line = joined(words);
        if words.first().is_some_and(|word| word.text == "exit") {
            return Error::of_kind(
                ErrorKind::WrongMember,
                format!("Process name '{line}' in 'exit' command is not valid"),
            );
        }
        let family = words.first().map_or("", |word| word.text.as_str());
        let in_family = |name: &&str| name.split(' ').next() == Some(family);
        let near = self.names.like(&line).into_iter().find(in_family);
        let hint = near.map(|entry| format!(", did you mean '{entry}'?")).unwrap_or_default();
        Error::of_kind(
            ErrorKind::WrongMember,
            format!("'{line}' is no command or lacks words{hint}: see 'help {family}'"),
        )
    }
}

impl Candidates {
    fn add(&mut self, candidate: Candidate) {
        match candidate.rest.first() {
            None => self.alone = Some(candidate),
            Some(second) => self.longer.entry(second).or_default().push(candidate),
        }
    }

    /// Returns the commands that a line may name, the shortest names first.
    fn named_by(&self, line: &[Word]) -> impl DoubleEndedIterator<Item = &Candidate> {
        let longer = line.get(1).and_then(|second| self.longer.get(second.text.as_str()));
        self.alone.iter().chain(longer.into_iter().flatten())
    }
}

impl Candidate {
    /// Tells whether a line begins with this name.
    fn begins(&self, line: &[Word]) -> bool {
        line.len() > self.rest.len() && self.rest.iter().zip(line.iter().skip(1)).all(|(name, word)| word.text == *name)
    }
}

impl Selection<'_> {
    /// Returns the command, when the text names one.
    #[must_use]
    pub fn entry(&self) -> Option<&'static Entry> {
        self.found.map(|(entry, _)| entry)
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text
    }

    /// Returns the text when it is the name of a command and nothing else.
    pub(super) fn name(&self) -> Option<&str> {
        matches!(self.cut, Cut::Name(_)).then_some(self.text)
    }

    /// Returns how edges carry the text and what its caller gets, also when it names no command.
    #[must_use]
    pub fn traits(&self) -> Traits {
        self.traits
    }

    /// Tells whether the text is a question wherever it runs: its caller reads the answer, and nothing is done.
    #[must_use]
    pub fn only_asks(&self) -> bool {
        let Traits { answers, asks_with, .. } = self.traits;
        let behind = self.found.and_then(|(_, named)| self.words().get(named));
        answers && (asks_with.is_empty() || behind.is_some_and(|word| asks_with.contains(&word.text.as_str())))
    }

    /// Returns the words of the text; none when it cannot be cut.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        match &self.cut {
            Cut::Name(words) => words,
            Cut::Words(words, _) => words,
            Cut::Unreadable(_) => &[],
        }
    }

    /// Tells whether running the text runs no command: it puts a value into a variable, or is nothing but a comment, or
    /// cannot be cut into words and only fails.
    #[must_use]
    pub fn runs_no_command(&self) -> bool {
        match self.words() {
            [] => true,
            [_, equal, value @ ..] if equal.is("=") => {
                value.first().is_none_or(|word| !self.catalog.begins(&word.text))
            }
            _ => false,
        }
    }

    /// Returns what stands behind the first `&` and is not run.
    #[must_use]
    pub fn ignored(&self) -> Option<&str> {
        match &self.cut {
            Cut::Words(_, rest) => *rest,
            Cut::Name(_) | Cut::Unreadable(_) => None,
        }
    }

    /// Returns why the text cannot be cut into words.
    pub(super) fn unreadable(&self) -> Option<&script::Error> {
        match &self.cut {
            Cut::Unreadable(error) => Some(error),
            Cut::Name(_) | Cut::Words(..) => None,
        }
    }

    /// Returns how a message of another node with this text is answered.
    #[must_use]
    pub fn exchange(&self) -> Exchange {
        self.traits.exchange
    }
}

/// Tells whether the line is `exit` alone, which names no command, as the network's nodes see it.
fn is_exit_alone(words: &[Word]) -> bool {
    matches!(words, [word] if word.text == "exit")
}

#[cfg(test)]
mod tests {
    use crate::{command::CATALOG, reply::Code, script::words};

    fn name(text: &str) -> Option<&'static str> {
        CATALOG.find(&words(text).unwrap(), 0).unwrap().map(|(entry, _)| entry.words)
    }

    #[test]
    fn the_shortest_name_wins() {
        assert_eq!(name("print a"), Some("print"));
        assert_eq!(name("on error ignore"), Some("on error"));
        assert_eq!(name("foo bar"), None);
    }

    #[test]
    fn a_name_alone_is_the_command_that_its_words_name() {
        assert!(CATALOG.alone.contains_key("get status") && !CATALOG.alone.contains_key("get  status"));
        for (text, alone) in &CATALOG.alone {
            let words = words(text).unwrap();
            let (entry, named) = CATALOG.find(&words, 0).unwrap().unwrap();
            assert!(std::ptr::eq(entry, alone.entry) && named == words.len() && words == alone.words, "{text}");
        }
    }

    #[test]
    fn a_command_is_found_as_it_was_copied() {
        for text in ["AL > get status", "AL anylog-master +> get status", "<get status>", "AL > <get\n status>"] {
            let selection = CATALOG.select(text);
            assert_eq!(selection.entry().map(|entry| entry.words), Some("get status"), "{text}");
        }
    }

    #[test]
    fn a_wrong_member_of_a_family_is_an_error() {
        let code = CATALOG.find(&words("set foo").unwrap(), 0).err().map(|error| error.code);
        assert_eq!(code, Some(Code::STRUCTURE));
    }

    #[test]
    fn a_wrong_member_is_pointed_at_its_own_family() {
        let detail = CATALOG.wrong_member(&words("get rest log").unwrap()).detail.unwrap();
        assert!(detail.contains("did you mean 'get "), "{detail}");
    }

    #[test]
    fn only_values_are_assignments() {
        let runs_no_command = |text| CATALOG.select(text).runs_no_command();
        for text in ["gb=42", "new_policy = {\"a\": {\"b\": 1}}", "# a comment", "p={"] {
            assert!(runs_no_command(text), "{text}");
        }
        for text in ["print x", "= 5", "x = get status", "a b = 5", "!x"] {
            assert!(!runs_no_command(text), "{text}");
        }
    }

    #[test]
    fn what_does_something_elsewhere_is_no_question() {
        let only_asks = |text| CATALOG.select(text).only_asks();
        for text in ["get status", "job status", "job active all", "query status"] {
            assert!(only_asks(text), "{text}");
        }
        for text in ["job run 3", "job stop all", "job Run 3", "job !x 3", "print x", "set a = 5"] {
            assert!(!only_asks(text), "{text}");
        }
    }

    #[test]
    fn a_line_that_is_too_short_is_told_so() {
        let detail = |text: &str| CATALOG.unknown(&words(text).unwrap()).detail.unwrap_or_default();
        assert!(detail("create policy").starts_with("'create policy' lacks words"));
        assert!(detail("config from policy").starts_with("'config from policy' lacks words"));
        assert!(detail("x =").starts_with("'x =' has no value"));
        assert!(detail("create nothing").starts_with("unknown command 'create'"));
    }

    #[test]
    fn no_name_is_taken_twice() {
        let names: std::collections::HashSet<&str> = CATALOG.entries().map(|entry| entry.words).collect();
        assert_eq!(names.len(), CATALOG.entries().count());
    }

    #[test]
    fn names_that_were_meant_are_named() {
        assert_eq!(CATALOG.nearest("prnt a b"), Some("print"));
        assert_eq!(CATALOG.nearest("blokchain"), Some("blockchain"));
        assert_eq!(CATALOG.nearest("get proceses where format = json"), Some("get processes"));
        let hint = |text: &str| CATALOG.wrong_member(&words(text).unwrap()).detail.unwrap_or_default();
        assert!(hint("get proceses").contains("did you mean 'get processes'?"));
        assert!(!hint("get frobnicate").contains("did you mean"));
    }
}
