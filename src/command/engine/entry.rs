//! What a command says about itself: its words, its parser, who may run it, how each edge carries it, its help.

use crate::{
    command::engine::{Access, Catalog, PromptAct},
    node::{Node, Session},
    reply::{Control, Error, Reply},
    script::{Scope, Word},
};
use async_trait::async_trait;
use std::{any::Any, fmt::Debug, sync::Arc};

/// The words of one command.
pub struct Line<'a> {
    /// All words, the command's own included and without a leading `x =`.
    pub words: &'a [Word],
    /// Number of words that select the command.
    pub named: usize,
    /// The key of the assignment form `key = command`.
    pub assigned: Option<&'a str>,
    /// The commands of the node, for those that are about commands.
    pub catalog: &'static Catalog,
    /// Resolves `!name` and `$NAME`.
    pub scope: &'a dyn Scope,
}

impl<'a> Line<'a> {
    /// Returns the words after the command's own.
    #[must_use]
    pub fn arguments(&self) -> &'a [Word] {
        self.words.get(self.named..).unwrap_or_default()
    }
}

/// A parsed command: everything it needs is known, and running it is all that is left.
#[async_trait]
pub trait Command: Any + Debug + Send + Sync {
    /// Reads or changes the node.
    ///
    /// # Errors
    /// The code and the reason, when it fails.
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error>;

    /// Returns the step of control flow that running it would take, when that is known before; what fuzzing follows.
    fn control(&self) -> Option<Control> {
        None
    }

    /// Returns what people are asked for before it runs, who type it unseen: the command takes the answer from
    /// [`Session::secret`]. Nothing when it needs nothing.
    fn question(&self) -> Option<&'static str> {
        None
    }

    /// Returns what a prompt does itself instead of running the command, which then fails everywhere else.
    fn prompt_act(&self) -> Option<PromptAct> {
        None
    }

    /// Tells whether the answer depends on the policies alone: it stays the same until one of them changes.
    fn reads_policies_alone(&self) -> bool {
        false
    }
}

/// What a parser gives.
pub type Parsed = Result<Box<dyn Command>, Error>;

/// Parser of one command.
pub type Parse = fn(&Line<'_>) -> Parsed;

/// Hands a command on as what every parser gives.
///
/// # Errors
/// None; the signature is that of a parser.
pub fn parsed(command: impl Command) -> Parsed {
    Ok(Box::new(command))
}

/// One command that the node has.
#[derive(Debug)]
pub struct Entry {
    /// The words that select it, for example `get status`.
    pub words: &'static str,
    /// Least number of words of the whole line, the command's own included.
    pub min_words: usize,
    /// True when `x = command` stores its result.
    pub assigns: bool,
    /// What it reaches; the door of the caller decides whether it may (see [`Access`]).
    pub access: Access,
    /// Which callers over the network know the command.
    pub network: NetworkCallers,
    /// True when it may open the secrets that its words refer to: the login of a database.
    pub opens_secrets: bool,
    /// How requests and messages carry it, and what they get.
    pub traits: Traits,
    /// What `help` says.
    pub help: Help,
    /// Turns the words into the typed command; references are resolved here, once.
    pub parse: Parse,
}

/// The beginning of the help of a command that belongs to other nodes.
pub const NOT_OFFERED: &str = "Not offered:";

impl Entry {
    /// Describes a command that only reads; its result can be assigned.
    #[must_use]
    pub const fn read(words: &'static str, parse: Parse, help: Help) -> Self {
        Self {
            words,
            min_words: count(words),
            assigns: true,
            access: Access::ReadNode,
            network: NetworkCallers::Both,
            opens_secrets: false,
            traits: Traits::QUESTION,
            help,
            parse,
        }
    }

    /// Describes a command that changes the node; it has no result to assign.
    #[must_use]
    pub const fn change(words: &'static str, parse: Parse, help: Help) -> Self {
        Self {
            words,
            min_words: count(words),
            assigns: false,
            access: Access::ChangeNode,
            network: NetworkCallers::Both,
            opens_secrets: false,
            traits: Traits::CHANGE,
            help,
            parse,
        }
    }

    /// Describes a command that publishes policies.
    #[must_use]
    pub const fn publishes(words: &'static str, parse: Parse, help: Help) -> Self {
        let traits = Traits::CHANGE.over_tcp(Exchange::LedgerChange);
        Self { access: Access::Publish, traits, ..Self::change(words, parse, help) }
    }

    /// Keeps the command from other nodes: what they may send are pushes, drops and replacements
    /// (reference/tcp-protocol 8.4).
    #[must_use]
    pub const fn not_for_peers(self) -> Self {
        Self { network: NetworkCallers::Rest, ..self }
    }

    /// Says that the command reaches the machine: files, programs, addresses.
    #[must_use]
    pub const fn here(self) -> Self {
        self.reaching(Access::Host)
    }

    /// Lets the command open the secrets that its words refer to.
    #[must_use]
    pub const fn opening_secrets(self) -> Self {
        Self { opens_secrets: true, ..self }
    }

    /// Says what the command reaches.
    #[must_use]
    pub const fn reaching(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Says how edges carry the command and what they get.
    #[must_use]
    pub const fn with(self, traits: Traits) -> Self {
        Self { traits, ..self }
    }

    /// Says what stands behind its name.
    #[must_use]
    pub const fn before(self, behind: Behind) -> Self {
        Self { traits: self.traits.before(behind), ..self }
    }

    /// Says by which words `help index` finds the command.
    #[must_use]
    pub const fn indexed(self, index: &'static [&'static str]) -> Self {
        Self { help: Help { index, ..self.help }, ..self }
    }

    /// Tells whether this node carries the command out; others belong to other nodes, as their help says.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        !self.help.text.starts_with(NOT_OFFERED)
    }

    /// Says how many words the whole line must have at least.
    #[must_use]
    pub const fn at_least(self, words: usize) -> Self {
        Self { min_words: words, ..self }
    }
}

/// Entries of commands that only read and that `help index` finds by the same words.
#[derive(Clone, Copy, Debug)]
pub struct EntryGroup(pub &'static [&'static str]);

impl EntryGroup {
    /// Describes one command: its words, its parser, its form, what it does, and examples.
    #[must_use]
    pub const fn read(
        self,
        words: &'static str,
        parse: Parse,
        usage: &'static str,
        text: &'static str,
        examples: &'static [&'static str],
    ) -> Entry {
        Entry::read(words, parse, Help { usage, text, examples, index: self.0 })
    }
}

/// Counts the words that select a command.
const fn count(words: &str) -> usize {
    let bytes = words.as_bytes();
    let (mut words, mut at) = (1, 0);
    while at < bytes.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop stays below the length; slices have no const get")]
        if bytes[at] == b' ' {
            words += 1;
        }
        at += 1;
    }
    words
}

/// Which callers over the network know a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkCallers {
    /// REST and TCP.
    Both,
    /// REST alone.
    Rest,
    /// TCP alone.
    Peer,
}

/// Help of one command, in our own words.
#[derive(Debug)]
pub struct Help {
    /// How the command is written; `[x]` is optional.
    pub usage: &'static str,
    /// What it does.
    pub text: &'static str,
    /// Whole commands that work.
    pub examples: &'static [&'static str],
    /// Words it is found by in `help index`.
    pub index: &'static [&'static str],
}

/// How the edges carry a command and what its callers get; every edge reads it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// HTTP methods that carry it.
    pub verbs: Verbs,
    /// True when the reply is what a REST caller reads; otherwise it is shown on the node's console.
    pub answers: bool,
    /// How it is answered over TCP, and whether it keeps its place among the messages of its sender.
    pub exchange: Exchange,
    /// True when it runs on this node also while the prompt is assigned to another one.
    pub stays: bool,
    /// True when a prompt carries it out itself ([`Command::prompt_act`]).
    pub at_prompt: bool,
    /// What stands behind its name, so that prompts can offer it.
    pub behind: Behind,
    /// True when some of its answers depend on the policies alone, so that an edge may ask
    /// [`reads_policies_alone`](crate::command::Selection::reads_policies_alone) and keep them.
    pub cacheable: bool,
    /// The words of which one has to stand behind its name for it to be a question: with others it does something on nodes that
    /// have what it is about. With none here every line of it is what `answers` says.
    pub asks_with: &'static [&'static str],
}

impl Traits {
    /// A command that reads: GET carries it and its reply is what the caller reads.
    pub const QUESTION: Self = Self {
        verbs: Verbs::Get,
        answers: true,
        exchange: Exchange::Query,
        stays: false,
        at_prompt: false,
        behind: Behind::Options,
        cacheable: false,
        asks_with: &[],
    };
    /// A command that changes something: POST carries it and success is all that the caller learns.
    pub const CHANGE: Self = Self {
        verbs: Verbs::Post,
        answers: false,
        exchange: Exchange::Closed,
        stays: false,
        at_prompt: false,
        behind: Behind::Options,
        cacheable: false,
        asks_with: &[],
    };

    /// Says which HTTP methods carry it.
    #[must_use]
    pub const fn carried_by(self, verbs: Verbs) -> Self {
        Self { verbs, ..self }
    }

    /// Says whether its reply is what a REST caller reads.
    #[must_use]
    pub const fn answering(self, answers: bool) -> Self {
        Self { answers, ..self }
    }

    /// Says how it is answered over TCP.
    #[must_use]
    pub const fn over_tcp(self, exchange: Exchange) -> Self {
        Self { exchange, ..self }
    }

    /// Says that it runs here also while the prompt is assigned to another node.
    #[must_use]
    pub const fn staying(self) -> Self {
        Self { stays: true, ..self }
    }

    /// Says that a prompt carries it out itself.
    #[must_use]
    pub const fn at_prompt(self) -> Self {
        Self { at_prompt: true, ..self }
    }

    /// Says what stands behind its name.
    #[must_use]
    pub const fn before(self, behind: Behind) -> Self {
        Self { behind, ..self }
    }

    /// Says that some of its answers depend on the policies alone.
    #[must_use]
    pub const fn cacheable(self) -> Self {
        Self { cacheable: true, ..self }
    }

    /// Says that it is a question with one of these words behind its name alone.
    #[must_use]
    pub const fn asking_with(self, words: &'static [&'static str]) -> Self {
        Self { asks_with: words, ..self }
    }
}

/// What stands behind the name of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The words that its help shows.
    Options,
    /// A type of policy, or several, and then conditions on their attributes.
    PolicyType,
    /// The id of a policy.
    PolicyId,
    /// The words that its help shows; the value of its option `id` is the id of a policy, or a list of them.
    IdOption,
    /// Another command, maybe with something in parentheses before it.
    Command,
    /// Words of its own and, behind this one, another command.
    CommandAfter(&'static str),
}

/// HTTP methods that carry a command (reference/rest 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbs {
    /// GET alone.
    Get,
    /// POST alone.
    Post,
    /// Both.
    Both,
    /// Neither.
    None,
}

impl Verbs {
    /// Tells whether GET carries the command.
    #[must_use]
    pub const fn has_get(self) -> bool {
        matches!(self, Self::Get | Self::Both)
    }

    /// Tells whether POST carries the command.
    #[must_use]
    pub const fn has_post(self) -> bool {
        matches!(self, Self::Post | Self::Both)
    }
}

/// How a command of another node is answered (reference/tcp-protocol 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// By `print`.
    Query,
    /// By `print` with the text of a Python list: `blockchain get`.
    LedgerQuery,
    /// By `echo`: other questions about the ledger.
    LedgerEcho,
    /// By silence when it succeeds and nobody waits: changes of the ledger.
    LedgerChange,
    /// As [`Self::LedgerChange`]; its last word is a policy, which may have been cut on its way.
    PolicyPush,
    /// By silence when it succeeds and nobody waits: `monitor`.
    Report,
    /// By a message of its own: `event`.
    Event,
    /// By a file.
    File,
    /// By `job reply`, in rows when the reply has rows: `sql`.
    Rows,
    /// By `job reply`, as a text: `info`.
    TableInfo,
    /// Not for other nodes.
    Closed,
}

impl Entry {
    /// Returns the name under which the figures count the command: its first word, or two of a family that holds commands of
    /// very different cost.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        let end = |from: usize| self.words.get(from..)?.find(' ').map(|at| from + at);
        let first = end(0);
        let end = if self.words.starts_with(LEDGER_FAMILY) { first.and_then(|at| end(at + 1)) } else { first };
        end.and_then(|end| self.words.get(..end)).unwrap_or(self.words)
    }
}

/// How the commands of the ledger begin.
const LEDGER_FAMILY: &str = "blockchain ";

impl Exchange {
    /// Tells whether the command waits for the earlier ones of its sender.
    #[must_use]
    pub const fn keeps_order(self) -> bool {
        matches!(self, Self::LedgerChange | Self::PolicyPush | Self::Report | Self::Event | Self::File)
    }
}
