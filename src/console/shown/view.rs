//! Every kind of reply, and how a page shows it.

use super::{
    folded::FoldedValue, help_view::HelpView, records::Records, reply_file::ReplyFile, shorter::shorter,
    table_view::TableView,
};
use crate::{
    policy::json,
    render,
    reply::{Checklist, ItemState, Reply, WrittenJson, thousands},
    telemetry,
};
use askama::Template;
use serde_json::Value;

/// Bytes of a text that are shown.
const TEXT: usize = 256 * 1024;
/// Replies that are shown one below the other.
const SECTIONS: usize = 50;
/// The place of the id in the rows of policies.
const POLICY_ID: usize = 2;

/// A reply, ready for a template.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "shown/reply.html")]
pub enum ShownReply {
    /// It worked, and there is nothing to say.
    Nothing,
    /// A text as it is.
    Text {
        /// The text, or the beginning of it.
        text: String,
        /// True when it is the beginning.
        is_cut: bool,
    },
    /// A value that folds.
    Value(FoldedValue),
    /// A table.
    Table(TableView),
    /// Help.
    Help(HelpView),
    /// What was looked at, and what mends it.
    Checklist(Checklist),
    /// Several, one below the other.
    Sections(Vec<ShownReply>),
}

/// Makes what is shown of a reply.
#[must_use]
pub fn shown(reply: Reply) -> ShownReply {
    match reply {
        Reply::Empty | Reply::Control(_) => ShownReply::Nothing,
        Reply::Text(text) => text_of(&text),
        Reply::Json(WrittenJson { text, .. }) => match json::parse(&text) {
            Ok(value) => value_of(value),
            Err(_) => text_of(&text),
        },
        Reply::Lines(lines) => text_of(&lines.lines.join("\n")),
        Reply::Count(count) => text_of(&count.to_string()),
        Reply::Help(answer) => ShownReply::Help(HelpView::new(answer)),
        Reply::Checklist(list) => ShownReply::Checklist(list),
        Reply::Sections(sections) => ShownReply::Sections(sections.into_iter().take(SECTIONS).map(shown).collect()),
        Reply::Value(value) | Reply::Indented(value) => value_of(value),
        Reply::Table(mut table) => {
            let (header, facts) = (table.header.take(), std::mem::take(&mut table.facts));
            let facts = facts.into_iter().map(|(name, value)| (name, plain(&value))).collect();
            match Records::of_reply(Reply::Table(table)) {
                Ok(records) => ShownReply::Table(TableView::new(&records, None).below(header, facts)),
                Err(other) => text_of(&render::text(&other)),
            }
        }
        reply => {
            let ids = matches!(reply, Reply::Policies(_)).then_some(POLICY_ID);
            match Records::of_reply(reply) {
                Ok(records) => ShownReply::Table(TableView::new(&records, ids)),
                Err(Reply::Objects(objects)) => ShownReply::Value(FoldedValue::new(&Value::Array(objects))),
                Err(other) => text_of(&render::text(&other)),
            }
        }
    }
}

fn value_of(value: Value) -> ShownReply {
    match Records::of_reply(Reply::Value(value)) {
        Ok(records) => ShownReply::Table(TableView::new(&records, None)),
        Err(Reply::Value(value)) if value.is_object() || value.is_array() => {
            ShownReply::Value(FoldedValue::new(&value))
        }
        Err(Reply::Value(value)) => text_of(&plain(&value)),
        Err(other) => text_of(&render::text(&other)),
    }
}

/// Writes a value without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn text_of(text: &str) -> ShownReply {
    let text = telemetry::clean(text.trim_end());
    let (text, is_cut) = shorter(&text, TEXT);
    if text.is_empty() { ShownReply::Nothing } else { ShownReply::Text { text: text.into_owned(), is_cut } }
}

impl ShownReply {
    /// Says in a few words what it is, for who does not see it.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Nothing => "done".to_owned(),
            Self::Text { text, .. } => match text.lines().count() {
                1 => shorter(text, 120).0.into_owned(),
                lines => format!("{} lines", thousands(u64::try_from(lines).unwrap_or(u64::MAX))),
            },
            Self::Value(_) => "a value".to_owned(),
            Self::Table(table) => table.count(),
            Self::Help(_) => "a page of help".to_owned(),
            Self::Checklist(list) if list.is_good() => "nothing is wrong".to_owned(),
            Self::Checklist(list) => format!("{} checks found something wrong", list.count(ItemState::Wrong)),
            Self::Sections(sections) => format!("{} parts", sections.len()),
        }
    }

    /// Returns the files in which all of it can be had.
    #[must_use]
    pub const fn files(&self) -> &'static [ReplyFile] {
        match self {
            Self::Table(_) => &[ReplyFile::Csv, ReplyFile::Json],
            Self::Value(_) | Self::Checklist(_) => &[ReplyFile::Json],
            Self::Text { .. } | Self::Sections(_) => &[ReplyFile::Text],
            Self::Nothing | Self::Help(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::{ChecklistItem, Lines, Table};
    use serde_json::json;

    fn page(reply: Reply) -> String {
        shown(reply).to_string()
    }

    #[test]
    fn every_kind_has_its_form() {
        assert_eq!(shown(Reply::Empty), ShownReply::Nothing);
        assert!(page(Reply::Text("a\r\n<b>\r\n".to_owned())).contains("<pre"));
        assert!(page(Reply::written("{\"a\": [1]}".to_owned())).contains("<details"));
        assert!(page(Reply::written("[{\"a\": 1}]".to_owned())).contains("<table"));
        assert!(page(Reply::written("{broken".to_owned())).contains("<pre"));
        assert!(page(Reply::Lines(Lines::between(["a", "b"]))).contains("a\nb"));
        assert!(page(Reply::Policies(vec![json!({"table": {"id": "1"}}).into()])).contains("/console/policies/1"));
        let table = Table { facts: vec![("Size".to_owned(), json!(3))], ..Table::new(["A"], vec![vec![json!(1)]]) };
        let table = page(Reply::Sections(vec![Reply::Table(table.with_header("Above:")), Reply::Count(3)]));
        assert!(table.contains("Above:") && table.contains("<dd>3</dd>") && table.contains("<pre"), "{table}");
        let item = ChecklistItem::wrong("disk", "asked", "full", "free space");
        assert!(page(Reply::Checklist(Checklist { items: vec![item] })).contains("free space"));
    }

    #[test]
    fn nothing_becomes_markup() {
        let hostile = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>";
        for reply in [
            Reply::Text(hostile.to_owned()),
            Reply::Value(json!({hostile: hostile})),
            Reply::Value(json!([{hostile: hostile}])),
            Reply::Policies(vec![json!({hostile: {"id": hostile, "name": [hostile]}}).into()]),
            Reply::Lines(Lines::between([hostile])),
            Reply::Table(Table::new([hostile], vec![vec![json!(hostile)]]).with_header(hostile)),
        ] {
            let page = page(reply);
            assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        }
    }
}
