//! Whether a run was flat: the last tenth beside the second one. The first is the one in which caches fill and members become known.

use super::{
    count::Counted,
    kind::Kind,
    members::{self, Attendance},
    sample::Sample,
    tenths::Tenths,
};
use crate::report::short;

/// The tenths that tables show.
const SHOWN: [usize; 4] = [0, 1, 5, 9];
/// How much more memory the last tenth may take than the second.
const MORE_MEMORY: f64 = 1.1;
/// How much longer its requests may take.
const LONGER: f64 = 1.5;
/// Threads that come and go with work that waits for a disk.
const THREADS: f64 = 4.0;
/// Files of the ledger that have to come for each request of a member, as one that is newer takes the place of one that waits.
const SERVED: f64 = 0.9;
/// The columns of the table.
pub const COLUMNS: [&str; 7] = ["figure", "first tenth", "second", "sixth", "last", "flat means", "flat"];

/// What has to hold between the second tenth and the last one.
#[derive(Clone, Copy)]
enum Rule {
    /// At most so many times as much.
    Times(f64),
    /// The same, but for so many more or less.
    Within(f64),
    /// At least so much in the whole run.
    AtLeast(f64),
    /// Nothing at all.
    None,
    /// Nothing has to.
    Any,
}

impl Rule {
    fn holds(self, values: &[f64; SHOWN.len()]) -> Option<bool> {
        let [_, begin, _, end] = *values;
        match self {
            Self::Times(most) => Some(end <= begin * most),
            Self::Within(most) => Some((end - begin).abs() <= most),
            Self::AtLeast(least) => Some(end >= least),
            Self::None => Some(end == 0.0),
            Self::Any => None,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::Times(most) => format!("≤ {most} × the second"),
            Self::Within(most) => format!("± {most}"),
            Self::AtLeast(least) => format!("≥ {least}"),
            Self::None => "none".to_owned(),
            Self::Any => String::new(),
        }
    }
}

/// A figure with its values in the shown tenths.
struct Row {
    name: String,
    values: [f64; SHOWN.len()],
    /// What stands in the cells instead of the values.
    cells: Option<[String; SHOWN.len()]>,
    rule: Rule,
}

/// A run that was judged.
pub struct Judged {
    rows: Vec<Row>,
    is_whole: bool,
}

impl Row {
    /// Returns the row of a figure that the whole run has.
    fn of_all(name: &str, value: f64, rule: Rule) -> Self {
        let cells = [String::new(), String::new(), String::new(), short(value)];
        Self { name: name.to_owned(), values: [value; SHOWN.len()], cells: Some(cells), rule }
    }
}

/// Judges a run.
pub fn judge(samples: &[Sample], tenths: &Tenths, counted: &Counted, attendance: &Attendance) -> Judged {
    let figure = |name: &str, rule, of: fn(&Sample) -> f64| {
        let values = SHOWN.map(|tenth| median(part(samples, tenth).iter().map(of).collect()));
        Row { name: name.to_owned(), values, cells: None, rule }
    };
    let mut rows = vec![
        figure("memory of the node, MB", Rule::Times(MORE_MEMORY), |sample| sample.node.memory),
        figure("its descriptors", Rule::Within(members::PRESENT.into()), |sample| sample.node.descriptors),
        figure("its threads", Rule::Within(THREADS), |sample| sample.node.threads),
        figure("members", Rule::Any, |sample| sample.members),
        figure("requests a second", Rule::Any, |sample| sample.rate),
        figure("files of the database, MB", Rule::Any, |sample| sample.files),
        figure("memory of the load generator, MB", Rule::Times(MORE_MEMORY), |sample| sample.own.memory),
    ];
    let (all, cells) =
        ((0..10).map(|tenth| tenths.failures(tenth)).sum::<f64>(), SHOWN.map(|tenth| short(tenths.failures(tenth))));
    rows.push(Row { name: "failures".to_owned(), values: [all; SHOWN.len()], cells: Some(cells), rule: Rule::None });
    let Attendance { failures, damaged, served, .. } = *attendance;
    rows.push(Row::of_all("failures of members", failures as f64, Rule::None));
    rows.push(Row::of_all("files of members that are not the ledger", damaged as f64, Rule::None));
    rows.push(Row::of_all("files for each request of a member", served, Rule::AtLeast(SERVED)));
    rows.extend(Kind::all().map(|kind| {
        let of = |quantile| SHOWN.map(|tenth| tenths.quantile(tenth, kind, quantile));
        let (p50, p99, longest) = (of(0.5), of(0.99), of(1.0));
        let cell = |place: usize| [p50[place], p99[place], longest[place]].map(short).join(" · ");
        let name = format!("{}: p50 · p99 · longest, ms", kind.name());
        Row { name, values: p99, cells: Some(std::array::from_fn(cell)), rule: Rule::Times(LONGER) }
    }));
    Judged { rows, is_whole: counted.is_whole() && !samples.is_empty() }
}

/// Returns the median of some values; of none it is 0.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The samples of a tenth.
fn part(samples: &[Sample], tenth: usize) -> &[Sample] {
    let at = |tenth: usize| samples.len() * tenth / 10;
    &samples[at(tenth)..at(tenth + 1)]
}

impl Judged {
    /// Tells whether everything was flat and nothing is missing.
    pub fn is_flat(&self) -> bool {
        self.is_whole && self.uneven().next().is_none()
    }

    /// The rows of the table.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = |row: &Row| {
            let cells = row.cells.clone().unwrap_or_else(|| row.values.map(short));
            let flat = row.rule.holds(&row.values).map_or("", |holds| if holds { "yes" } else { "**no**" });
            [&[row.name.clone()][..], &cells, &[row.rule.shown(), flat.to_owned()]].concat()
        };
        self.rows.iter().map(row).collect()
    }

    /// Says what was found.
    pub fn shown(&self) -> String {
        let mut found: Vec<String> = self.uneven().map(|row| row.name.clone()).collect();
        found.extend((!self.is_whole).then(|| "what was acknowledged is not what is there".to_owned()));
        match found.as_slice() {
            [] => "**Flat**, and nothing that was acknowledged is missing.".to_owned(),
            _ => format!("**Not flat**: {}.", found.join("; ")),
        }
    }

    fn uneven(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.rule.holds(&row.values) == Some(false))
    }
}
