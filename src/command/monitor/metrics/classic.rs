//! The older text format of Prometheus (0.0.4), made of the newer one (OpenMetrics): monitoring that does not ask for the
//! newer one by name reads the older one alone.

/// Rewrites a page: counters are named with their `_total` where they are described as well, and what the older format does
/// not know is left out.
#[must_use]
pub fn classic(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(comment) = line.strip_prefix("# ") else {
            text += line;
            text.push('\n');
            continue;
        };
        let mut words = comment.splitn(3, ' ');
        let (word, name, rest) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
        // HELP stands before TYPE, which says whether it is a counter.
        let is_counter =
            |line: &str| line.strip_prefix("# TYPE ").is_some_and(|typed| typed == format!("{name} counter"));
        let suffix = if is_counter(line) || lines.peek().is_some_and(|next| is_counter(next)) { "_total" } else { "" };
        if matches!(word, Some("HELP" | "TYPE")) {
            text += &format!("# {} {name}{suffix} {rest}\n", word.unwrap_or_default());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_described_by_their_whole_name() {
        let page = "# HELP a_calls Calls.\n# TYPE a_calls counter\na_calls_total{x=\"1\"} 2\n# HELP a_open Open.\n# TYPE a_open gauge\n\
                    a_open 1\n# HELP a_seconds Time.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\na_seconds_sum 0.5\n# EOF\n";
        let wanted = "# HELP a_calls_total Calls.\n# TYPE a_calls_total counter\na_calls_total{x=\"1\"} 2\n# HELP a_open Open.\n\
                      # TYPE a_open gauge\na_open 1\n# HELP a_seconds Time.\n# TYPE a_seconds histogram\na_seconds_sum 0.5\n";
        assert_eq!(classic(page), wanted);
    }
}
