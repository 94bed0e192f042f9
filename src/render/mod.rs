//! Turns replies into the texts that people and clients read: tables, structured print, JSON.
//!
//! Knows replies, never the node.

mod answers;
mod checklist;
mod console;
mod help;
mod html;
mod lines;
mod message_box;
mod narrow_table;
mod notice;
mod policies;
mod policy_plan;
mod rows;
mod table;
mod text;
mod value;
mod visible;

pub use answers::answers;
pub use console::{console, structured};
pub use html::{html, html_of_json};
pub use notice::notice;
pub use policies::policies;
pub use policy_plan::policy_plan;
pub use table::table;
pub use text::text;
pub use value::value;
pub use visible::visible;
