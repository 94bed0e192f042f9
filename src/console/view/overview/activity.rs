//! The changes of the last time: as a line, and the last ones in words.

use crate::{
    command::ledger::documents,
    console::{
        answer::PageAnswer,
        charts::{self, LineChart},
        page_error::ConsoleError,
        page_request::ConsoleRequest,
        words,
    },
    ledger::{HistoryLine, View},
    policy::Policy,
    runtime::{clock, limits},
};
use askama::Template;
use jiff::Timestamp;

/// Changes that are told in words.
const TOLD: usize = 12;
/// Characters that are shown of what somebody wrote.
const SHOWN: usize = 64;

/// How far the line goes back, in steps of so many seconds: the first that holds the changes, else the last.
const SCALES: [TimeScale; 4] = [
    TimeScale { step: 60, count: 60, words: "the last hour" },
    TimeScale { step: 1800, count: 48, words: "the last 24 hours" },
    TimeScale { step: 6 * 3600, count: 28, words: "the last 7 days" },
    TimeScale { step: 86_400, count: 30, words: "the last 30 days" },
];

/// A scale of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TimeScale {
    step: i64,
    count: usize,
    words: &'static str,
}

/// A change in words.
struct ToldChange {
    action: &'static str,
    kind: String,
    id: String,
    /// Its name now; its id where it has none, or is not there any more.
    name: String,
    who: String,
    time: String,
    ago: String,
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    chart: LineChart,
    /// The changes of the line.
    sum: String,
    words: &'static str,
    /// True when there were more changes than are looked at.
    is_cut: bool,
    changes: Vec<ToldChange>,
    is_page: bool,
}

/// Shows the changes.
///
/// # Errors
/// The database is away; who asks may not read the history.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let most = limits::CONSOLE_CHANGES;
    let lines = documents::last_changes(request.node(), &request.session, most).await?;
    let now = clock::now().as_second();
    let ages: Vec<i64> = lines.iter().filter_map(|line| Some(now - moment(line)?.as_second())).collect();
    let is_cut = i64::try_from(lines.len()).unwrap_or(i64::MAX) >= most;
    let scale = scale(&ages, is_cut);
    let (chart, view) = (charts::line(&counted(&ages, scale)), request.node().ledger.view());
    let template = Activity {
        sum: words::number(chart.sum),
        chart,
        words: scale.words,
        is_cut,
        changes: lines.into_iter().take(TOLD).map(|line| told(&view, line)).collect(),
        is_page: !request.is_partial(),
    };
    if request.is_partial() { PageAnswer::partial(&template) } else { PageAnswer::page("Changes", &template) }
}

fn moment(line: &HistoryLine) -> Option<Timestamp> {
    line.time.parse().ok()
}

/// Chooses the scale: the shortest on which all changes are, or on which those that are known are when there are more.
fn scale(ages: &[i64], is_cut: bool) -> TimeScale {
    let oldest = ages.iter().copied().max().unwrap_or(0);
    let reaches =
        |scale: &&TimeScale| oldest < scale.step.saturating_mul(i64::try_from(scale.count).unwrap_or(i64::MAX));
    let [shortest, .., longest] = &SCALES;
    match SCALES.iter().find(reaches) {
        Some(found) => *found,
        None if is_cut => *longest,
        None => SCALES.iter().find(|scale| ages.iter().any(|age| *age < scale.step * 10)).copied().unwrap_or(*shortest),
    }
}

/// Counts the changes of each step, the oldest step first.
fn counted(ages: &[i64], scale: TimeScale) -> Vec<usize> {
    let mut counts = vec![0; scale.count];
    for age in ages {
        // A clock that was set back makes changes of the future: they are of now.
        let back = usize::try_from(age.max(&0) / scale.step).unwrap_or(usize::MAX);
        let at = scale.count.checked_sub(1).and_then(|last| last.checked_sub(back));
        if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    counts
}

fn told(view: &View, line: HistoryLine) -> ToldChange {
    let time = moment(&line);
    let named = |policy: Policy| policy.text("name").filter(|name| !name.is_empty()).map(str::to_owned);
    let name = view.by_id(&line.id).and_then(|entry| entry.policy()).and_then(named);
    ToldChange {
        action: line.action.map_or("changed outside", |action| action.as_str()),
        kind: words::short(&line.kind, SHOWN),
        name: words::short(name.as_deref().unwrap_or(&line.id), SHOWN),
        id: line.id,
        who: words::short(&line.who, SHOWN),
        ago: time.map(words::ago).unwrap_or_default(),
        time: line.time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_shortest_that_holds_the_changes() {
        assert_eq!(scale(&[], false).words, "the last hour");
        assert_eq!(scale(&[10, 3599], false).words, "the last hour");
        assert_eq!(scale(&[10, 3600], false).words, "the last 24 hours");
        assert_eq!(scale(&[10, 8 * 86_400], false).words, "the last 30 days");
        assert_eq!(scale(&[90 * 86_400], true).words, "the last 30 days");
        assert_eq!(scale(&[5, 90 * 86_400], false).words, "the last hour");
    }

    #[test]
    fn changes_are_counted_where_they_were() {
        let [minutes, ..] = SCALES;
        let counts = counted(&[-5, 0, 59, 60, 3599, 3600], minutes);
        assert_eq!((counts.len(), counts[59], counts[58], counts[0]), (60, 3, 1, 1));
        assert_eq!(counts.iter().sum::<usize>(), 5);
    }
}
