//! The ledger: table, local copy and the view of both.
//!
//! Invariant: the view is what the database committed, plus what only the local file has. One task, the
//! writer, changes it; everybody else reads an immutable version of it.

mod ask;
mod change;
mod connection;
mod copy;
mod databases;
mod disk;
mod entry;
mod error;
mod export;
mod facts;
mod handle;
mod index;
mod local_file;
mod merge;
mod outage;
mod plan;
mod postgres;
mod shared;
mod snapshot;
mod sqlite;
mod store;
mod view;
mod writer;

pub use change::{Author, Change, Check, Duplicate, Insert, Written};
pub use connection::{Connection, Server, Target};
pub use databases::{Connected, Databases};
pub use disk::{Disk, RealDisk};
pub use entry::{Entry, Place};
pub use error::Error;
pub use export::Export;
pub use facts::Facts;
pub use handle::{Ledger, Options};
pub use local_file::LocalFile;
pub use merge::Merge;
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;
pub use store::{
    Batch, Changes, Committed, Deed, Engine, HistoryRow, NewRow, News, Placed, Row, Rows, Store, StoreError,
};
pub use view::View;

use shared::Shared;
