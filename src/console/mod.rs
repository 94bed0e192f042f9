//! The web console: pages for people under `/console`, made by the node itself (docs/console.md).
//!
//! [`view`] has the one table of pages: a request is found in it, its caller is known (`visitor`, `sessions`), and its handler
//! reads and changes through the same typed functions as `/v1` and the prompt. Pages are compiled templates that escape whatever
//! they show; htmx, which is vendored, replaces parts of them, and every page works without scripts as far as links and forms go.

mod answer;
mod answers;
mod assets;
mod charts;
mod console_settings;
mod cookies;
mod csrf;
mod endpoint;
mod form;
mod layout;
mod multipart;
mod node_name;
mod own_name;
mod page_error;
mod page_request;
mod response;
mod sessions;
mod shared;
mod shown;
mod stream;
mod view;
mod visitor;
mod words;

pub use console_settings::ConsoleSettings;
pub use endpoint::{ConsoleAlone, WebConsole};
