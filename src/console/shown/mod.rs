//! Typed replies as templates show them: tables, folded values, texts, checklists. No text is read again, and everything is bounded:
//! what is cut says so, and a download has all of it.

use askama::filters::HtmlSafe;

mod csv;
mod folded;
mod help_view;
mod records;
mod reply_file;
mod shorter;
mod table_view;
mod view;

pub use reply_file::ReplyFile;
pub use view::{ShownReply, shown};

// Templates that are part of another one: they have escaped what they show.
impl HtmlSafe for folded::FoldedValue {}
impl HtmlSafe for help_view::HelpView {}
impl HtmlSafe for table_view::TableView {}
impl HtmlSafe for ShownReply {}
