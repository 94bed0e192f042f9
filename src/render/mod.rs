//! Turns replies into the texts that people and clients read: tables, structured print, JSON.
//!
//! Knows replies, never the node.

mod console;
mod html;
mod message_box;
mod pairs;
mod rows;
mod table;
mod text;
mod thousands;
mod value;

pub use console::{console, structured};
pub use html::html;
pub use message_box::{Colour, message_box};
pub use pairs::pairs;
pub use rows::rows;
pub use table::table;
pub use text::text;
pub use thousands::thousands;
pub use value::value;
