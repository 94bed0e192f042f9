//! Lines of the history that are read one by one, so that a long history takes no more memory than somebody allows.

use crate::ledger::history::row::HistoryRow;
use futures_util::{Stream, TryStreamExt};
use std::pin::pin;

/// Bytes of memory that a line takes beside its texts, about.
const LINE: usize = 256;

/// Reads lines until there are no more; absent when they take more than so many bytes of memory. Lines that cannot be read are
/// counted in the log.
///
/// # Errors
/// The database's own.
pub async fn collected<R, E>(
    found: impl Stream<Item = Result<R, E>>,
    read: impl Fn(&R) -> Result<HistoryRow, E>,
    most: u64,
) -> Result<Option<Vec<HistoryRow>>, E> {
    let (mut lines, mut taken, mut unreadable) = (Vec::new(), 0_u64, 0_usize);
    let mut found = pin!(found);
    while let Some(row) = found.try_next().await? {
        let Ok(line) = read(&row) else {
            unreadable += 1;
            continue;
        };
        taken = taken.saturating_add(size(&line));
        if taken > most {
            return Ok(None);
        }
        lines.push(line);
    }
    if unreadable > 0 {
        tracing::warn!(lines = unreadable, "lines of the history cannot be read and are left out");
    }
    Ok(Some(lines))
}

fn size(line: &HistoryRow) -> u64 {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let texts = text(&line.before) + text(&line.after) + line.id.len() + line.who.len();
    u64::try_from(LINE + texts).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::history::action::HistoryAction;
    use futures_util::stream;

    fn line(number: usize) -> HistoryRow {
        HistoryRow {
            time: String::new(),
            who: String::new(),
            action: HistoryAction::Insert,
            kind: String::new(),
            id: number.to_string(),
            before: Some("x".repeat(1000)),
            after: None,
        }
    }

    async fn read(most: u64) -> Result<Option<Vec<HistoryRow>>, ()> {
        let rows = stream::iter((0..5).map(Ok));
        collected(rows, |number| if *number == 3 { Err(()) } else { Ok(line(*number)) }, most).await
    }

    #[tokio::test]
    async fn lines_are_read_as_far_as_there_is_room() {
        let ids = |lines: Vec<HistoryRow>| lines.into_iter().map(|line| line.id).collect::<Vec<_>>();
        assert_eq!(read(10_000).await.unwrap().map(ids).unwrap(), ["0", "1", "2", "4"]);
        assert!(read(4000).await.unwrap().is_none());
        let ends = collected(stream::iter([Ok(1), Err(())]), |_| Ok(line(1)), 10_000).await;
        assert!(ends.is_err());
    }
}
