//! What `help` answers.

/// An answer of `help`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpAnswer {
    /// The page of one command.
    Page(HelpPage),
    /// How several commands are written.
    Usages {
        /// One usage per command, in alphabetical order.
        usages: Vec<String>,
        /// Where the network's documentation explains what was asked for.
        links: Links,
    },
    /// Words of the index, each with the usages of the commands that are found by it.
    Index(Vec<(String, Vec<String>)>),
    /// The words name no command; these are the ones that may have been meant.
    Unrecognized(Vec<String>),
}

/// The page of one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpPage {
    /// How the command is written.
    pub usage: String,
    /// What it does, line by line.
    pub explanation: Vec<String>,
    /// Whole commands that work.
    pub examples: Vec<String>,
    /// Words by which `help index` finds it.
    pub index: Vec<String>,
    /// Where the network's documentation explains it.
    pub links: Links,
}

/// Addresses in the network's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Every place that explains the command.
    pub all: Vec<String>,
    /// The one that programs over the network look for at the end of the page; people at the node have no use for it.
    pub documentation: Option<String>,
}
