//! Cursors: where the next page of a list begins, as a text that callers keep and hand back.
//!
//! A cursor names the policy behind which the list goes on, by its place and, where that may change, by its id. It is no number of
//! policies, so that it stays right while policies come and go. It says for which question it was given, and has a check sum: a
//! text that is none is not taken for a place.

use crate::{
    api::problem::{Problem, ProblemKind},
    command::ledger::documents::{ListPlace, PageStart, PastPlace, PolicyFilter},
    ledger::{Location, Position},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Bytes of a cursor: one has room for the longest id that the ledger takes.
pub const LONGEST: usize = 2048;
/// Digits of a check sum.
const DIGITS: usize = 16;

/// Returns what a question is, for cursors and nothing else.
#[must_use]
pub fn question(filter: &PolicyFilter, at: Option<&str>) -> String {
    digest(&format!("{filter:?} {at:?}"))
}

/// Writes the cursor of a page; nothing for the first one.
#[must_use]
pub fn write(start: &PageStart, question: &str) -> Option<String> {
    let place = match start {
        PageStart::First => return None,
        PageStart::Skipping(count) => format!("s {count}"),
        // The number says where the date ends: both texts are as somebody wrote them.
        PageStart::BehindPast(PastPlace { date, id }) => format!("p {} {date}{id}", date.len()),
        PageStart::Behind(ListPlace { position: Position { date, sequence, location }, id }) => match location {
            Location::Table => format!("t {sequence} {date}"),
            Location::File => format!("f {sequence} {}", id.as_deref().unwrap_or_default()),
        },
    };
    let text = format!("1 {question} {place}");
    Some(URL_SAFE_NO_PAD.encode(format!("{} {text}", digest(&text))))
}

/// Reads a cursor that was given for a question.
///
/// # Errors
/// [`ProblemKind::BadCursor`] for any other text.
pub fn read(cursor: &str, question: &str) -> Result<PageStart, Problem> {
    let wrong = || {
        let detail =
            "the cursor is not one that this list gave for this question: take 'next' of its last page as it is";
        Problem::new(ProblemKind::BadCursor, detail)
    };
    let bytes = if cursor.len() <= LONGEST { URL_SAFE_NO_PAD.decode(cursor).ok() } else { None };
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
    let (sum, text) = text.split_once(' ').ok_or_else(wrong)?;
    let place = text.strip_prefix("1 ").and_then(|rest| rest.strip_prefix(question)?.strip_prefix(' '));
    place.filter(|_| digest(text) == sum).and_then(place_of).ok_or_else(wrong)
}

fn place_of(text: &str) -> Option<PageStart> {
    let (kind, rest) = text.split_once(' ')?;
    if kind == "s" {
        return rest.parse().ok().map(PageStart::Skipping);
    }
    let (number, rest) = rest.split_once(' ')?;
    match kind {
        "t" => Some(PageStart::Behind(ListPlace { position: position(number, rest, Location::Table)?, id: None })),
        "f" => {
            let id = (!rest.is_empty()).then(|| rest.into());
            Some(PageStart::Behind(ListPlace { position: position(number, "", Location::File)?, id }))
        }
        "p" => {
            let (date, id) = rest.split_at_checked(number.parse().ok()?)?;
            Some(PageStart::BehindPast(PastPlace { date: date.to_owned(), id: id.to_owned() }))
        }
        _ => None,
    }
}

fn position(number: &str, date: &str, location: Location) -> Option<Position> {
    Some(Position { date: date.into(), sequence: number.parse().ok()?, location })
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::limits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_other_text_is_a_cursor(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(read(&text, "q").is_err());
            prop_assert!(read(&URL_SAFE_NO_PAD.encode(bytes), "q").is_err());
        }
    }

    #[test]
    fn a_cursor_is_read_for_its_own_question_alone() {
        let own = question(&PolicyFilter::default(), None);
        let other = question(&PolicyFilter { kind: Some("a".to_owned()), ..PolicyFilter::default() }, None);
        let at = |date: &str, location, id: Option<&str>| {
            let position = Position { date: date.into(), sequence: -7, location };
            PageStart::Behind(ListPlace { position, id: id.map(Into::into) })
        };
        let then = |date: &str, id: &str| PageStart::BehindPast(PastPlace { date: date.to_owned(), id: id.to_owned() });
        let longest = "x".repeat(limits::POLICY_NAME);
        for start in [
            at("2026-01-01 00:00:00", Location::Table, None),
            at("", Location::File, None),
            at("", Location::File, Some("an id\nwith ü 7")),
            at("", Location::File, Some(longest.as_str())),
            then("2026-01-01T00:00:00.000000Z", "an id 1"),
            then("", "ü"),
            then(&"2".repeat(64), &longest),
            PageStart::Skipping(12),
        ] {
            let cursor = write(&start, &own).unwrap();
            assert!(cursor.len() <= LONGEST, "{} bytes", cursor.len());
            assert_eq!(read(&cursor, &own).unwrap(), start);
            assert!(read(&cursor, &other).is_err());
            let forged: String = cursor.chars().rev().collect();
            assert!(read(&forged, &own).is_err());
        }
        for wrong in ["", "x", "====", "AAAA", &"A".repeat(10_000)] {
            assert!(read(wrong, &own).is_err(), "{wrong}");
        }
    }
}
