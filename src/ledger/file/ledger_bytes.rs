//! The ledger on its way to a member, in the form in which the member takes it.

use crate::ledger::file::{export::Export, packed::PackedExport};
use std::sync::Arc;

/// The bytes of a version, shared by everybody who sends them.
#[derive(Clone, Debug)]
pub enum LedgerBytes {
    /// As it is.
    Plain(Arc<Export>),
    /// As a gzip file.
    Packed(Arc<PackedExport>),
}

impl LedgerBytes {
    /// Tells whether they are a gzip file.
    #[must_use]
    pub const fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }

    /// Returns the number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(export) => export.len(),
            Self::Packed(packed) => packed.len(),
        }
    }

    /// Tells whether there is not a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes, piece by piece.
    #[must_use]
    pub fn pieces(&self) -> Box<dyn Iterator<Item = &[u8]> + Send + '_> {
        match self {
            Self::Plain(export) => Box::new(export.pieces()),
            Self::Packed(packed) => Box::new(packed.pieces()),
        }
    }
}

/// The MD5 of a version stands for its bytes.
impl PartialEq for LedgerBytes {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one.md5 == other.md5,
            (Self::Packed(one), Self::Packed(other)) => one.md5 == other.md5,
            _ => false,
        }
    }
}
