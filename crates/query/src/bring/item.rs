//! One thing that `bring` shows: a path, alternatives of paths, or a text.

use crate::{path::Path, reads::Reads};
use anylog_script::{Scope, Word, WordKind, resolve};

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// The first path that leads to a value.
    Paths(Vec<Path>),
    /// A text as it is.
    Text(String),
}

impl Item {
    /// Returns what is read of a policy.
    pub(super) fn reads(&self) -> Reads<'_> {
        match self {
            Self::Paths(paths) => paths.iter().map(Path::reads_of_root).fold(Reads::default(), Reads::and),
            Self::Text(_) => Reads::default(),
        }
    }

    /// Reads one word; what is no path is a text.
    pub(super) fn parse(word: &Word, scope: &dyn Scope) -> Self {
        let resolved = |name: &str| resolve(name, scope).into_text();
        if word.kind != WordKind::Quoted && word.text.starts_with('[') {
            let spaced = word.text.replace("]:[", "]\u{0}[");
            let paths: Option<Vec<Path>> = spaced.split('\u{0}').map(|path| Path::parse(path, &resolved)).collect();
            if let Some(paths) = paths {
                return Self::Paths(paths);
            }
        }
        let text =
            if word.is_reference() && word.kind != WordKind::Quoted { resolved(&word.text) } else { word.text.clone() };
        Self::Text(unescaped(&text))
    }
}

/// Returns a text with `\n`, `\r` and `\t` as the characters they stand for and without double quotes around it.
pub(super) fn unescaped(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    inner.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
}
