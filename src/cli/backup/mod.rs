//! `backup`, `restore`, `verify`: asked of the node that runs, or done on the database where none does.

mod open_ledger;
mod progress;
mod restore;
mod save;
mod shared_file;
mod stream;
mod verify;
mod worker;

pub use restore::restore;
pub use save::save;
pub use verify::verify;
