//! Checklists for people: a sign for each thing, what was found and tried, and what to do.

use crate::reply::{Checklist, ChecklistItem, ItemState};

/// Renders a checklist, its last line the outcome.
pub(super) fn checklist(list: &Checklist) -> String {
    let mut lines: Vec<String> = list.items.iter().flat_map(lines_of).collect();
    lines.push(outcome(list));
    lines.join("\r\n")
}

fn lines_of(item: &ChecklistItem) -> Vec<String> {
    let ChecklistItem { name, state, found, tried, remedy } = item;
    let sign = match state {
        ItemState::Good => return vec![format!("✔ {name}: {found} ({tried})")],
        ItemState::Wrong => "✘",
        ItemState::NotKnown => "? not known:",
    };
    let first = format!("{sign} {name}: {found}");
    let more = [("tried", Some(tried)), ("do", remedy.as_ref())];
    let more = more.into_iter().filter_map(|(title, text)| Some(format!("    {title}: {}", text?)));
    std::iter::once(first).chain(more).collect()
}

/// Sums the list up.
fn outcome(list: &Checklist) -> String {
    let (all, wrong, unknown) = (list.items.len(), list.count(ItemState::Wrong), list.count(ItemState::NotKnown));
    let unknown = if unknown > 0 { format!(", {unknown} not known") } else { String::new() };
    match wrong {
        0 => format!("nothing is wrong: {all} checks{unknown}"),
        wrong => format!("{wrong} of {all} checks found something wrong{unknown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_stands_with_what_was_tried_and_what_to_do() {
        let items = vec![
            ChecklistItem::good("TCP port", "the server was asked", "listens on [::]:32048"),
            ChecklistItem::wrong("disk", "the file system was asked", "it has 3 MB left", "free space"),
            ChecklistItem::not_known("members", "their requests were looked for", "none came yet", "start one"),
        ];
        let shown = "✔ TCP port: listens on [::]:32048 (the server was asked)\r\n\
                     ✘ disk: it has 3 MB left\r\n    tried: the file system was asked\r\n    do: free space\r\n\
                     ? not known: members: none came yet\r\n    tried: their requests were looked for\r\n    do: start one\r\n\
                     1 of 3 checks found something wrong, 1 not known";
        assert_eq!(checklist(&Checklist { items }), shown);
        assert_eq!(checklist(&Checklist::default()), "nothing is wrong: 0 checks");
    }
}
