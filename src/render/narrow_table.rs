//! Tables on terminals that are narrower than the table: its columns become narrower and their texts go on below; where even
//! that is too wide, each row is a list of names and values. No word that somebody may want to copy, an id above all, is cut.

use crate::{
    render::{
        lines::aligned,
        table::{is_figure, left, line, one_line, right, title_width, titles},
        value::readable,
    },
    reply::Table,
};
use serde_json::Value;

/// Characters of the longest word that is kept in one piece: a hash in hexadecimal digits with its prefix.
const LONGEST_WORD: usize = 66;
/// Characters that a longer word gets on one line at least.
const PIECE: usize = 24;

/// Renders titles and rows for lines of so many characters; nothing when they fit as they are, with `natural` widths.
pub(super) fn body(table: &Table, natural: &[usize], columns: usize) -> Option<String> {
    let available = columns.saturating_sub(table.margin);
    if total(natural) <= available {
        return None;
    }
    let least: Vec<usize> = natural.iter().enumerate().map(|(at, width)| least(table, at).min(*width)).collect();
    Some(if total(&least) <= available { narrow(table, &shrunk(natural, &least, available)) } else { records(table) })
}

/// Characters of a line with columns of these widths and the sign behind each.
fn total(widths: &[usize]) -> usize {
    widths.iter().map(|width| width + 1).sum()
}

/// Returns the width below which a column would cut a word or its title.
fn least(table: &Table, column: usize) -> usize {
    let title = table.titles.get(column).map_or(0, |title| title_width(title));
    let cells = table.rows.iter().filter_map(|row| row.get(column));
    cells.map(longest_word).max().unwrap_or(0).max(title).max(1)
}

fn longest_word(cell: &Value) -> usize {
    let text = one_line(&readable(cell));
    if is_figure(&text) {
        return text.chars().count();
    }
    let length = |word: &str| match word.chars().count() {
        length if length > LONGEST_WORD => PIECE,
        length => length,
    };
    text.split(' ').map(length).max().unwrap_or(0)
}

/// Cuts the widest columns to one width, the largest with which all fit.
fn shrunk(natural: &[usize], least: &[usize], available: usize) -> Vec<usize> {
    let cut = |level: usize| -> Vec<usize> {
        natural.iter().zip(least).map(|(natural, least)| (*natural).min(level).max(*least)).collect()
    };
    let (mut fits, mut over) = (0, natural.iter().copied().max().unwrap_or(0) + 1);
    while over - fits > 1 {
        let middle = fits.midpoint(over);
        if total(&cut(middle)) <= available { fits = middle } else { over = middle }
    }
    let mut widths = cut(fits);
    let mut left = available.saturating_sub(total(&widths));
    for (width, natural) in widths.iter_mut().zip(natural) {
        if left > 0 && *width < *natural {
            *width += 1;
            left -= 1;
        }
    }
    widths
}

fn narrow(table: &Table, widths: &[usize]) -> String {
    let (mut out, margin) = (String::new(), " ".repeat(table.margin));
    if !table.titles.is_empty() {
        titles(&mut out, &margin, &table.titles, widths);
    }
    for row in table.rows.iter().filter(|row| !row.is_empty()) {
        let cells: Vec<Vec<String>> =
            row.iter().zip(widths).map(|(cell, width)| wrapped(&shown(cell), *width)).collect();
        for number in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            line(&mut out, &margin, "");
            for ((cell, lines), width) in row.iter().zip(&cells).zip(widths) {
                let text = lines.get(number).map_or("", String::as_str);
                let is_right = cell.is_number() || cell.as_str().is_some_and(is_figure);
                if is_right {
                    right(&mut out, text, *width)
                } else {
                    left(&mut out, text, *width)
                }
                out.push('|');
            }
        }
    }
    out
}

fn shown(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        cell => one_line(&readable(cell)),
    }
}

/// Cuts a text into lines of a width, behind its blanks where that is possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (width, mut lines, mut last) = (width.max(1), Vec::new(), String::new());
    let mut length = 0;
    for (number, word) in text.split(' ').enumerate() {
        if number > 0 && length + 1 + word.chars().count() <= width {
            last.push(' ');
            length += 1;
        } else if number > 0 {
            lines.push(std::mem::take(&mut last));
            length = 0;
        }
        for sign in word.chars() {
            if length == width {
                lines.push(std::mem::take(&mut last));
                length = 0;
            }
            last.push(sign);
            length += 1;
        }
    }
    lines.push(last);
    lines
}

/// Writes each row as a list of names and values; a long value is left to the terminal, which copies it in one piece.
fn records(table: &Table) -> String {
    let (mut out, margin) = (String::new(), " ".repeat(table.margin));
    for (number, row) in (1..).zip(table.rows.iter().filter(|row| !row.is_empty())) {
        line(&mut out, &margin, &format!("--- {number} ---"));
        let name = |at: usize| table.titles.get(at).map(|title| title.replace('\n', " ")).unwrap_or_default();
        let pairs: Vec<(String, Value)> =
            row.iter().enumerate().map(|(at, cell)| (name(at), Value::String(shown(cell)))).collect();
        for pair in aligned(&pairs) {
            line(&mut out, &margin, pair.trim_end());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::table::table;
    use serde_json::json;

    const ID: &str = "64bb2f7462e3f8ab7a8bb4ae4dbbb4fa";

    fn make(columns: usize, text: &str) -> Table {
        let rows = vec![vec![json!(ID), json!(text), json!(32148)], vec![json!("a"), Value::Null, json!("7")]];
        Table { columns: Some(columns), ..Table::new(["ID", "Text", "Port"], rows) }
    }

    #[test]
    fn what_fits_is_as_it_is_everywhere() {
        let wide = make(200, "one two");
        assert_eq!(table(&wide), table(&Table { columns: None, ..wide.clone() }));
    }

    #[test]
    fn columns_become_narrower_and_no_word_is_cut() {
        let shown = table(&make(60, "some words that are too many for one line of it"));
        let rule = format!("{}|{}|{}|", "-".repeat(32), "-".repeat(20), "-".repeat(5));
        let lines: Vec<&str> = shown.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{shown}");
        assert_eq!(lines[2], rule);
        assert_eq!(lines[3], format!("{ID}|some words that are |32148|"));
        assert_eq!(lines[4], format!("{}|too many for one    |     |", " ".repeat(32)));
        assert_eq!(lines[5], format!("{}|line of it          |     |", " ".repeat(32)));
        assert_eq!(lines[6], format!("a{}|{}|    7|", " ".repeat(31), " ".repeat(20)));
    }

    #[test]
    fn rows_become_lists_where_a_word_would_be_cut() {
        let shown = table(&make(36, "some words"));
        assert!(
            shown.contains(&format!("\r\n--- 1 ---\r\nID:   {ID}\r\nText: some words\r\nPort: 32148\r\n--- 2 ---")),
            "{shown}"
        );
        assert!(shown.contains("\r\nText:\r\nPort: 7\r\n"), "{shown}");
    }

    #[test]
    fn words_without_end_are_cut_in_lines_that_are_whole_together() {
        let json = "x".repeat(200);
        let mut wide = make(80, &json);
        wide.width = Some(300);
        let shown = table(&wide);
        let kept: String = shown.split("\r\n").filter_map(|line| line.split('|').nth(1)).collect();
        assert_eq!(kept.matches('x').count(), 200, "{shown}");
        assert!(shown.split("\r\n").all(|line| line.chars().count() <= 80), "{shown}");
    }

    #[test]
    fn texts_are_cut_at_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("a  b", 4), ["a  b"]);
    }

    proptest::proptest! {
        #[test]
        fn wrapped_texts_keep_their_words(text in "[a-zé ]{0,60}", width in 1usize..20) {
            let lines = wrapped(&text, width);
            let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            proptest::prop_assert_eq!(letters(&lines.concat()), letters(&text));
            proptest::prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
        }
    }
}
