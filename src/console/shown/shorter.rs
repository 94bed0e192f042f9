//! Texts that are cut to a number of bytes.

use std::borrow::Cow;

/// Returns a text of at most so many bytes, and whether something is left out.
#[must_use]
pub fn shorter(text: &str, most: usize) -> (Cow<'_, str>, bool) {
    if text.len() <= most {
        return (text.into(), false);
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let cut = text.get(..end).unwrap_or_default();
    (format!("{cut} …").into(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shorter("abc", 3), ("abc".into(), false));
        assert_eq!(shorter("aäc", 2), ("a …".into(), true));
        assert_eq!(shorter("ä", 1), (" …".into(), true));
    }
}
