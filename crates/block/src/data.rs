//! The data of a message.

use bytes::Bytes;
use std::{borrow::Cow, fmt, sync::Arc};

/// Bytes that lie in many places.
pub trait Pieces: fmt::Debug + Send + Sync {
    /// Returns the number of bytes.
    fn len(&self) -> usize;

    /// Returns the bytes, piece by piece.
    fn pieces(&self) -> PieceIter<'_>;

    /// Tells whether there is not a byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The pieces of some bytes, in order.
pub type PieceIter<'a> = Box<dyn Iterator<Item = &'a [u8]> + Send + 'a>;

/// The data of a message, shared with other messages.
#[derive(Clone, Debug)]
pub enum Data {
    /// It lies in one place.
    Whole(Bytes),
    /// It lies in many: a file, which is cut as one.
    Pieces(Arc<dyn Pieces>),
}

impl Data {
    /// Returns the number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    /// Tells whether there is not a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes, piece by piece.
    #[must_use]
    pub fn pieces(&self) -> PieceIter<'_> {
        match self {
            Self::Whole(bytes) => Box::new(std::iter::once(&**bytes)),
            Self::Pieces(pieces) => pieces.pieces(),
        }
    }

    /// Returns a copy of the bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.pieces().for_each(|piece| bytes.extend_from_slice(piece));
        bytes
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl<T: Into<Bytes>> From<T> for Data {
    fn from(bytes: T) -> Self {
        Self::Whole(bytes.into())
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.pieces().flatten().eq(other.pieces().flatten())
    }
}

impl Eq for Data {}

/// Takes the bytes of pieces from their beginning to their end.
pub(crate) struct DataReader<'a> {
    pieces: PieceIter<'a>,
    /// What is left of the piece that is read.
    piece: &'a [u8],
}

impl<'a> DataReader<'a> {
    pub(crate) fn new(pieces: PieceIter<'a>) -> Self {
        Self { pieces, piece: &[] }
    }

    /// Returns the next bytes: as many as asked for, or all that are left. They are copied where they lie in several places.
    pub(crate) fn take(&mut self, wanted: usize) -> Cow<'a, [u8]> {
        if self.piece.is_empty() {
            self.piece = self.next_piece();
        }
        if let Some((taken, rest)) = self.piece.split_at_checked(wanted) {
            self.piece = rest;
            return taken.into();
        }
        let mut taken = Vec::with_capacity(wanted);
        while taken.len() < wanted && !self.piece.is_empty() {
            let (now, rest) = self.piece.split_at_checked(wanted - taken.len()).unwrap_or((self.piece, &[]));
            taken.extend_from_slice(now);
            self.piece = if rest.is_empty() { self.next_piece() } else { rest };
        }
        taken.into()
    }

    fn next_piece(&mut self) -> &'a [u8] {
        self.pieces.find(|piece| !piece.is_empty()).unwrap_or_default()
    }
}

impl fmt::Debug for DataReader<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DataReader").field("piece", &self.piece.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Parts(Vec<Vec<u8>>);

    impl Pieces for Parts {
        fn len(&self) -> usize {
            self.0.iter().map(Vec::len).sum()
        }

        fn pieces(&self) -> PieceIter<'_> {
            Box::new(self.0.iter().map(Vec::as_slice))
        }
    }

    proptest! {
        #[test]
        fn pieces_are_read_like_one(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..9),
            wanted in 1..12_usize,
        ) {
            let whole = parts.concat();
            let data = Data::Pieces(Arc::new(Parts(parts)));
            prop_assert_eq!(&data, &Data::from(whole.clone()));
            let mut reader = DataReader::new(data.pieces());
            for expected in whole.chunks(wanted) {
                prop_assert_eq!(&*reader.take(wanted), expected);
            }
            prop_assert!(reader.take(wanted).is_empty());
        }
    }
}
