//! A list in JSON that is written entry by entry: no more of it is in memory than its text, and the text has an end.

use crate::reply::{Code, Error};

/// The text of a list, of so many bytes at most.
#[derive(Debug)]
pub struct BoundedList {
    text: String,
    most: usize,
}

impl BoundedList {
    /// Creates an empty list.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { text: "[".to_owned(), most }
    }

    /// Adds an entry, which is JSON already.
    ///
    /// # Errors
    /// 77 when the list would have more bytes than it may have.
    pub fn push(&mut self, entry: &str) -> Result<(), Error> {
        let separator = if self.text.len() > 1 { ", " } else { "" };
        // The bracket at the end is one byte more.
        if self.text.len() + separator.len() + entry.len() + 1 > self.most {
            let detail = format!("the answer has more than the {} bytes that are left for it: ask for less", self.most);
            return Err(Error::with(Code::QUERY_VOLUME, detail));
        }
        self.text.push_str(separator);
        self.text.push_str(entry);
        Ok(())
    }

    /// Returns the text of the whole list.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.text.push(']');
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_its_room_ends() {
        let mut list = BoundedList::new(11);
        assert!(list.push("\"a\"").is_ok() && list.push("1234").is_ok());
        assert_eq!(list.push("5").unwrap_err().code, Code::QUERY_VOLUME);
        assert_eq!(list.finish(), "[\"a\", 1234]");
        assert_eq!(BoundedList::new(0).finish(), "[]");
    }
}
