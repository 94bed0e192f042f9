//! The policies: search, types, one policy with its rules, relations and history, changes with a preview, export and import.
//!
//! What is shown is asked for, and what is changed is changed, by the typed functions of `command::ledger::documents`, as `/v1`
//! does. A change is made in two steps: the first shows what the members would get and changes nothing; the second carries what
//! was seen, and does exactly that or nothing. An id stands in the query of a URL and never in its path, where browsers and
//! proxies read some ids as something else.

mod addresses;
mod attribute_rows;
mod audience;
mod carried;
mod dropping;
mod exporting;
mod folded_json;
mod importing;
mod list;
mod one;
mod past;
mod related;
mod relation_picture;
mod search;
mod type_tree;
mod writing;

pub use dropping::{drop_policy, preview_drop};
pub use exporting::{export, raw};
pub use importing::{apply, import_form, preview_import};
pub use list::show;
pub use one::{lead_to_one, show as show_one};
pub use past::show as show_history;
pub use related::{show as show_relations, show_all as show_all_relations};
pub use writing::{add, edit_form, new_form, preview_add, preview_replace, replace};
