//! The report: tables in Markdown, and the list of goals with what was measured.

use crate::contest::{Count, Measured, Spread};
use std::{fmt::Write as _, fs, path::Path};

/// A report that grows.
#[derive(Default)]
pub struct Report {
    text: String,
    goals: Vec<[String; 4]>,
}

impl Report {
    /// Begins a section and says on the console that it does.
    pub fn section(&mut self, title: &str) {
        eprintln!("{title}");
        let _ = write!(self.text, "### {title}\n\n");
    }

    /// Adds a paragraph.
    pub fn note(&mut self, text: &str) {
        let _ = write!(self.text, "{text}\n\n");
    }

    /// Adds a table.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let _ = writeln!(self.text, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
        self.text.push('\n');
    }

    /// Adds a goal that is met by a large figure.
    pub fn at_least(&mut self, what: &str, figure: f64, wanted: f64, unit: &str) {
        self.goal(what, figure, ("≥", wanted), unit, figure >= wanted);
    }

    /// Adds a goal that is met by a small figure.
    pub fn at_most(&mut self, what: &str, figure: f64, wanted: f64, unit: &str) {
        self.goal(what, figure, ("≤", wanted), unit, figure <= wanted);
    }

    fn goal(&mut self, what: &str, figure: f64, (sign, wanted): (&str, f64), unit: &str, is_met: bool) {
        let (wanted, figure) = (format!("{sign} {}{unit}", short(wanted)), format!("{}{unit}", short(figure)));
        self.goals.push([what.to_owned(), wanted, figure, if is_met { "yes" } else { "**no**" }.to_owned()]);
    }

    /// Returns the text without goals: the head and the sections.
    pub fn body(&self, head: &str) -> String {
        format!("{head}\n{}\n", self.text.trim_end())
    }

    /// Returns the whole text: the head, the goals and the sections.
    pub fn finish(&self, head: &str) -> String {
        let mut goals = Self::default();
        let rows: Vec<Vec<String>> = self.goals.iter().map(|goal| goal.to_vec()).collect();
        goals.table(&["goal", "wanted", "measured", "met"], &rows);
        format!("{head}\n### Goals\n\n{}{}", goals.text, self.text.trim_end()) + "\n"
    }
}

/// Keeps a report in the documents, beside the one before it: a figure that was seen once says less than one that was seen twice.
pub fn keep(name: &str, title: &str, report: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/measured");
    let (last, before) = (directory.join(format!("{name}.md")), directory.join(format!("{name}-before.md")));
    let mut links = "[How it was measured](../performance.md).".to_owned();
    if let Ok(earlier) = fs::read_to_string(&last) {
        let link = format!(" [The run before]({name}-before.md).");
        // There is none before that one any more.
        fs::write(before, earlier.replacen(&link, "", 1)).unwrap();
        links.push_str(&link);
    }
    fs::create_dir_all(directory).unwrap();
    fs::write(last, format!("# {title}\n\n{links}\n{report}")).unwrap();
}

/// Returns a figure with as many digits as tell something.
pub fn short(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

/// Returns how many clients there are, in words.
pub fn clients(count: usize) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{count} clients") }
}

/// Returns a median with its range.
pub fn range(spread: Spread) -> String {
    format!("{} ({}–{})", short(spread.median), short(spread.least), short(spread.most))
}

/// The columns of [`row`].
pub const COLUMNS: [&str; 7] = ["peer", "per second", "× etcd", "p50 ms", "p99 ms", "longest ms", "failures"];

/// Returns the row of a peer, beside the one that it is compared with.
pub fn row(measured: &Measured, beside: Option<&Measured>) -> Vec<String> {
    let failures = match measured.failures.as_slice() {
        [] => "0".to_owned(),
        [first, ..] => format!("{}: {}", measured.failures.len(), first.replace(['|', '\n', '\r'], " ")),
    };
    let ratio = beside.filter(|other| other.name != measured.name).map(|other| range(measured.ratio(other)));
    let times = [measured.within(50.0), measured.within(99.0), measured.longest()].map(short);
    [&[measured.name.clone(), range(measured.rate()), ratio.unwrap_or_default()][..], &times, &[failures]].concat()
}

/// Returns how a count is shown, and that there is none where nothing was killed.
pub fn counted(count: Option<&Count>) -> String {
    count.map_or_else(|| "–".to_owned(), Count::shown)
}
