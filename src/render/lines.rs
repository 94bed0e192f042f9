//! Lines of text, and lists of names and values (reference/rest 7.3).

use crate::{
    render::value::readable,
    reply::{Breaks, Lines, Pairs, PairsLayout, thousands},
};
use serde_json::Value;

/// Width of the names of pools.
const POOL_WIDTH: usize = 60;

/// Renders lines with their line breaks.
pub(super) fn lines(Lines { lines, breaks }: &Lines) -> String {
    match breaks {
        Breaks::Between => lines.join("\r\n"),
        Breaks::Before => lines.iter().map(|line| format!("\r\n{line}")).collect(),
        Breaks::Behind => lines.iter().map(|line| format!("{line}\r\n")).collect(),
    }
}

/// Renders one name and value per line.
pub(super) fn pairs(Pairs { pairs, layout }: &Pairs) -> String {
    let ended = |lines: Vec<String>| lines.into_iter().map(|line| line + "\r\n").collect::<String>();
    match layout {
        PairsLayout::Settings => format!("\r\n{}", ended(with_colons(pairs))),
        PairsLayout::Facts => format!("\r\n{}", ended(aligned(pairs))),
        PairsLayout::Levels => {
            pairs.iter().map(|(name, value)| format!("  {name} : {}\r\n", readable(value))).collect()
        }
        PairsLayout::Pools => pairs.iter().map(|(name, value)| pool(name, value)).collect::<Vec<_>>().join("\r\n"),
        PairsLayout::Cores => format!("\r\r{}", aligned(pairs).join("\r\n")),
    }
}

/// Writes `Name: value` with all values in one column.
pub(super) fn aligned(pairs: &[(String, Value)]) -> Vec<String> {
    let width = longest_name(pairs) + 1;
    pairs.iter().map(|(name, value)| format!("{:<width$} {}", format!("{name}:"), readable(value))).collect()
}

/// Writes `name : value` with all colons in one column.
fn with_colons(pairs: &[(String, Value)]) -> Vec<String> {
    let width = longest_name(pairs);
    pairs.iter().map(|(name, value)| format!("{name:<width$} : {}", readable(value))).collect()
}

/// Writes the states of a pool's workers behind its name, and the number of its calls.
fn pool(name: &str, value: &Value) -> String {
    let part = |at: usize| value.get(at);
    let states = part(0).map(readable).unwrap_or_default();
    let calls = thousands(part(1).and_then(Value::as_u64).unwrap_or_default());
    format!("{:<POOL_WIDTH$}{states} ({calls})", format!("{name}:"))
}

fn longest_name(pairs: &[(String, Value)]) -> usize {
    pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn breaks_stand_where_the_lines_say() {
        assert_eq!(lines(&Lines::between(["a", "b"])), "a\r\nb");
        assert_eq!(lines(&Lines::before(["a", "b"])), "\r\na\r\nb");
        assert_eq!(lines(&Lines::behind(["a", "b"])), "a\r\nb\r\n");
        assert_eq!(lines(&Lines::behind(Vec::<String>::new())), "");
    }

    #[test]
    fn names_of_settings_are_padded() {
        let list = [("timeout", json!([0])), ("show_id", json!([false])), ("mode", json!(["x"])), ("x", json!(1))];
        assert_eq!(
            pairs(&Pairs::new(PairsLayout::Settings, list)),
            "\r\ntimeout : [0]\r\nshow_id : [False]\r\nmode    : ['x']\r\nx       : 1\r\n"
        );
    }

    #[test]
    fn values_of_facts_stand_in_one_column() {
        let facts = [("Total", json!("1MB")), ("Available", json!("2MB"))];
        let text = pairs(&Pairs::new(PairsLayout::Facts, facts));
        assert_eq!(text, "\r\nTotal:     1MB\r\nAvailable: 2MB\r\n");
        let cores = Pairs::new(PairsLayout::Cores, [("Physical Cores", json!(2)), ("Logical Cores", json!(4))]);
        assert_eq!(pairs(&cores), "\r\rPhysical Cores: 2\r\nLogical Cores:  4");
    }

    #[test]
    fn pools_have_their_states_in_one_column() {
        let pools = Pairs::new(PairsLayout::Pools, [("TCP Pool with 2 threads", json!([[1, 0], 1234]))]);
        let name = format!("{:<60}", "TCP Pool with 2 threads:");
        assert_eq!(pairs(&pools), format!("{name}[1, 0] (1,234)"));
    }

    #[test]
    fn levels_are_indented() {
        let levels = Pairs::new(PairsLayout::Levels, [("3", json!("tcp")), ("12", json!("run client"))]);
        assert_eq!(pairs(&levels), "  3 : tcp\r\n  12 : run client\r\n");
    }
}
