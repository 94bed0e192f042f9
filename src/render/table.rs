//! Tables, byte for byte as clients cut them by column (reference/rest 7.1, reference/command-language 7.3).

use crate::{
    render::{lines::aligned, narrow_table, value::readable},
    reply::{Gap, Table},
};
use serde_json::Value;

/// Longest piece of a cell on one line, in characters, unless the table says otherwise.
const CELL_WIDTH: usize = 100;

/// Renders a table; it begins and ends with a line break.
#[must_use]
pub fn table(table: &Table) -> String {
    let cap = table.width.unwrap_or(CELL_WIDTH).max(1);
    let widths = widths(table, cap);
    let margin = " ".repeat(table.margin);
    let mut out = String::new();
    for fact in aligned(&table.facts) {
        line(&mut out, &margin, &fact);
    }
    if let Some(header) = &table.header {
        let gap = match table.gap {
            Gap::Closed => "",
            Gap::Line => "\r\n",
            Gap::Feed => "\n",
        };
        line(&mut out, gap, &format!("{margin}{header}"));
    }
    match table.columns.and_then(|columns| narrow_table::body(table, &widths, columns)) {
        Some(body) => out.push_str(&body),
        None => {
            if !table.titles.is_empty() {
                titles(&mut out, &margin, &table.titles, &widths);
            }
            for row in table.rows.iter().filter(|row| !row.is_empty()) {
                cells(&mut out, &margin, row, &widths, cap);
            }
        }
    }
    out.push_str("\r\n");
    out
}

/// Begins a line.
pub(super) fn line(out: &mut String, margin: &str, text: &str) {
    out.push_str("\r\n");
    out.push_str(margin);
    out.push_str(text);
}

/// Width of every column: the longest of its title and its values, values up to the cap.
fn widths(table: &Table, cap: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = table.titles.iter().map(|title| title_width(title)).collect();
    for row in &table.rows {
        for (column, cell) in row.iter().enumerate() {
            let length = cell_length(cell).min(cap);
            match widths.get_mut(column) {
                Some(width) => *width = (*width).max(length),
                None => widths.push(length),
            }
        }
    }
    widths
}

/// The second line of a title counts one character more than it has.
pub(super) fn title_width(title: &str) -> usize {
    match title.split_once('\n') {
        Some((first, second)) => first.chars().count().max(second.chars().count() + 1),
        None => title.chars().count(),
    }
}

fn cell_length(cell: &Value) -> usize {
    match cell {
        Value::Null => 4,
        Value::String(text) => text.chars().count(),
        other => readable(other).chars().count(),
    }
}

/// Writes the titles and the rule below them.
pub(super) fn titles(out: &mut String, margin: &str, titles: &[String], widths: &[usize]) {
    let lines = if titles.iter().any(|title| title.contains('\n')) { 2 } else { 1 };
    for number in 0..lines {
        line(out, margin, "");
        for (title, width) in titles.iter().zip(widths) {
            left(out, title.split('\n').nth(number).unwrap_or_default(), width + 1);
        }
    }
    line(out, margin, "");
    for (_, width) in titles.iter().zip(widths) {
        out.push_str(&"-".repeat((*width).max(1)));
        out.push('|');
    }
}

fn cells(out: &mut String, margin: &str, row: &[Value], widths: &[usize], cap: usize) {
    let mut blanks = String::new();
    line(out, margin, "");
    for (cell, width) in row.iter().zip(widths) {
        match cell {
            Value::Null => left(out, " ", *width),
            Value::String(text) if is_figure(text) => right(out, text, *width),
            Value::Number(_) => right(out, &readable(cell), *width),
            other => pieces(out, margin, &blanks, &one_line(&readable(other)), *width, cap),
        }
        out.push('|');
        left(&mut blanks, " ", *width);
        blanks.push('|');
    }
}

/// Writes a text; every further piece of a long one goes on a line of its own in the same column.
fn pieces(out: &mut String, margin: &str, blanks: &str, text: &str, width: usize, cap: usize) {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= cap {
        return left(out, text, width);
    }
    for (number, piece) in characters.chunks(cap).enumerate() {
        if number > 0 {
            out.push('|');
            line(out, margin, blanks);
        }
        left(out, &piece.iter().collect::<String>(), cap);
    }
}

/// Tells whether a text is shown on the right: short, and made of digits, `.`, `,` and a leading `-`.
pub(super) fn is_figure(text: &str) -> bool {
    let mut begun = false;
    text.chars().count() < 20
        && text.chars().all(|c| match c {
            '0'..='9' => {
                begun = true;
                true
            }
            '-' => !std::mem::replace(&mut begun, true),
            _ => c == '.' || c == ',',
        })
}

/// Returns a text without the ends of its lines.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).collect()
}

/// Writes a text and fills the width behind it.
pub(super) fn left(out: &mut String, text: &str, width: usize) {
    out.push_str(text);
    out.push_str(&" ".repeat(width.saturating_sub(text.chars().count())));
}

/// Fills the width and writes a text behind it.
pub(super) fn right(out: &mut String, text: &str, width: usize) {
    out.push_str(&" ".repeat(width.saturating_sub(text.chars().count())));
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn make(titles: &[&str], rows: Value) -> Table {
        let rows = rows.as_array().unwrap().iter().map(|row| row.as_array().unwrap().clone()).collect();
        Table { titles: titles.iter().map(ToString::to_string).collect(), rows, ..Table::default() }
    }

    #[test]
    fn figures_stand_right_and_texts_left() {
        let rows = json!([["b_one", "1"], ["b_two", "x y"], ["db_port", "5432"], ["db_user", "root@127.0.0.1:demo"]]);
        assert_eq!(
            table(&make(&["Key", "Value"], rows)),
            "\r\nKey     Value               \r\n-------|-------------------|\r\nb_one  |                  1|\r\n\
             b_two  |x y                |\r\ndb_port|               5432|\r\ndb_user|root@127.0.0.1:demo|\r\n"
        );
    }

    #[test]
    fn a_title_of_two_lines_makes_all_titles_two_lines() {
        let titles = ["Status", "Sync\nSource", "Connection", "Sync\nTime", "Time\nSince Update"];
        let rows = json!([["Not Running", "Not declared", "Not declared", -1, "Not updated"]]);
        assert_eq!(
            table(&make(&titles, rows)),
            "\r\nStatus      Sync         Connection   Sync  Time          \
             \r\n            Source                    Time  Since Update  \
             \r\n-----------|------------|------------|-----|-------------|\
             \r\nNot Running|Not declared|Not declared|   -1|Not updated  |\r\n"
        );
    }

    #[test]
    fn the_margin_stands_before_every_line() {
        let mut processes = make(&["Process", "Status"], json!([["TCP", "Running"]]));
        processes.margin = 4;
        assert_eq!(table(&processes), "\r\n    Process Status  \r\n    -------|-------|\r\n    TCP    |Running|\r\n");
    }

    #[test]
    fn the_header_precedes_the_titles() {
        let mut queue = make(&["Counter", "Message"], json!([[1, "hello"]]));
        queue.header = Some("Message Queue:".to_owned());
        queue.gap = Gap::Feed;
        assert!(table(&queue).starts_with("\r\n\nMessage Queue:\r\nCounter"));
        queue.gap = Gap::Line;
        assert_eq!(
            table(&queue),
            "\r\n\r\nMessage Queue:\r\nCounter Message \r\n-------|-------|\r\n      1|hello  |\r\n"
        );
    }

    #[test]
    fn facts_stand_above_the_header_in_one_column() {
        let mut tasks = make(&["ID"], json!([[1]])).with_header("Scheduled Tasks");
        tasks.facts = vec![("Scheduler ID".to_owned(), json!(1)), ("Scheduler Status".to_owned(), json!("Running"))];
        let facts = "\r\nScheduler ID:     1\r\nScheduler Status: Running";
        assert_eq!(table(&tasks), format!("{facts}\r\nScheduled Tasks\r\nID \r\n--|\r\n 1|\r\n"));
    }

    #[test]
    fn long_texts_continue_in_their_column() {
        let mut wide = make(&["A", "B", "C"], json!([["x", "y".repeat(45), true]]));
        wide.width = Some(40);
        let expected = format!(
            "\r\nA B{} C    \r\n-|{}|----|\r\nx|{}|\r\n |yyyyy{}|True|\r\n",
            " ".repeat(39),
            "-".repeat(40),
            "y".repeat(40),
            " ".repeat(35)
        );
        assert_eq!(table(&wide), expected);
    }

    #[test]
    fn control_characters_null_and_lists_stay_in_their_cell() {
        let rows = json!([["a\r\nb\tc", null, ["a", "b"], 1.0]]);
        assert_eq!(
            table(&make(&["T", "N", "L", "F"], rows)),
            "\r\nT      N    L          F   \r\n------|----|----------|---|\r\na b c |    |['a', 'b']|1.0|\r\n"
        );
    }

    #[test]
    fn only_short_plain_figures_count_as_figures() {
        for text in ["", "127.0.0.1", "1,024", "-5", "2025.9.1"] {
            assert!(is_figure(text), "{text}");
        }
        for text in ["1-2", "1e3", "12345678901234567890", "a", "--1"] {
            assert!(!is_figure(text), "{text}");
        }
    }

    #[test]
    fn an_empty_table_still_shows_its_titles() {
        assert_eq!(table(&make(&["ID", "Text"], json!([]))), "\r\nID Text \r\n--|----|\r\n");
    }
}
