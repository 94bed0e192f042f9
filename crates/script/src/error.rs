//! What can be wrong with the text of a command.

/// A text that is not what the language allows; the messages are the ones that the logs of the network show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `(` without `)`.
    #[error("Missing closing parenthesis with statement: {0}")]
    Parenthesis(String),
    /// `"` without its match; the position counts characters from 1.
    #[error("Missing double quotations after offset {0}")]
    DoubleQuotes(usize),
    /// `'` or a back quote without its match; the position counts characters from 1.
    #[error("Missing single quotations after offset {0}")]
    SingleQuotes(usize),
    /// `{` or `[` without its match.
    #[error("missing closing bracket for: {0}")]
    Brackets(String),
    /// A key of a `where` list that the command does not have.
    #[error("Unknown key in AnyLog command: {0}")]
    UnknownKey(String),
    /// A key that the command needs.
    #[error("Missing '{0}' in command variables")]
    MissingKey(&'static str),
    /// A key with an empty value.
    #[error("Missing value for key '{0}' in command variables")]
    EmptyValue(&'static str),
    /// A key that is not followed by `=`.
    #[error("Missing '=' sign for key: '{0}'")]
    MissingEqual(String),
    /// A key that is not followed by a value.
    #[error("Missing value for key: '{0}'")]
    MissingValue(String),
    /// A list that does not read as key, `=`, value, `and` …
    #[error("Wrong key value pairs {0}")]
    Pairs(String),
    /// An empty word inside a list.
    #[error("Wrong command structure after: {0}")]
    EmptyWord(String),
    /// A reference that has no value.
    #[error("Missing dictionary definition for: '{0}'")]
    Undefined(String),
    /// Several values where one is allowed.
    #[error("Multiple values to key: {0}")]
    Multiple(String),
    /// The same value twice.
    #[error("Duplicate key value pair: {key} : {value}")]
    Duplicate {
        /// The key.
        key: String,
        /// The repeated value.
        value: String,
    },
    /// A value of another type than the key has.
    #[error("{0}")]
    Type(String),
    /// A condition whose parts cannot be evaluated.
    #[error("{0}")]
    Condition(String),
    /// A condition whose words do not follow the grammar.
    #[error("{0}")]
    Unparsed(String),
    /// `a + b` with something else between or behind the values.
    #[error("String concatenation failed: {0}")]
    Concatenation(String),
    /// A label that a script has twice.
    #[error("label '{0}' is there twice: give each label a name of its own")]
    DuplicateLabel(String),
    /// A place of an object that cannot be changed.
    #[error("{0}")]
    Object(String),
}
