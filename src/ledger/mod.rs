//! The ledger: the table, the local copy, and the view of both.
//!
//! | Folder | What is there |
//! |---|---|
//! | `view/` | the policies in memory, with their order and indexes |
//! | `writer/` | the task that changes them: validation in `plan/`, transactions, outages, the synchronisation |
//! | `store/` | the databases: the trait, `postgres/` and `sqlite/`, connections by name |
//! | `file/` | the local copy on the disk, and the export that members pull |
//! | `history/` | what happened to the policies, and the deletions that are remembered |
//! | `source/` | the ledgers of other nodes, read for an import |
//! | `apply/` | policies as code: what makes the ledger what somebody wrote down |
//! | `snapshot/` | everything as of one moment, for backups, and a ledger made of it again |
//! | `outbox/` | what still has to reach a contract platform |
//!
//! Invariant: the view is what the database committed, plus what only the local file has. One task, the writer, changes it;
//! everybody else reads an immutable version of it. `writer` uses the other folders; `store` and `file` use `view`,
//! `history` and the rows of `snapshot`, which use none.

mod apply;
mod change;
mod change_limiter;
mod error;
mod figures;
mod file;
mod follow;
mod handle;
mod held_change;
mod history;
mod import;
mod outbox;
mod published;
mod settings;
mod snapshot;
pub mod source;
mod start_from;
mod store;
pub mod undo;
mod version_times;
mod view;
mod writer;

pub use apply::{
    difference::{AttributeChange, attributes, differences, path as attribute_path},
    matching::name as policy_name,
    plan::{ApplyItem, ApplyPlan, DesiredPolicies, plan as plan_apply},
    written::WrittenPolicies,
};
pub use change::{
    ApplyStep, Author, Change, InsertedAs, OnDuplicate, PolicyCheck, PolicyInsert, Sender, UndoRow, UndoStep, Written,
};
pub use error::Error;
pub use figures::LedgerFigures;
pub use file::{
    disk::{FilePieces, LocalDisk, RealDisk},
    export::Export,
    ledger_bytes::LedgerBytes,
    lines::{DELETED, FileLine, FileLines},
    local_file::LocalFile,
    packed::{PackedExport, unpacked},
};
pub use handle::Ledger;
pub use held_change::{ConfirmedChange, HeldChange};
pub use history::{
    action::HistoryAction,
    mark::{HistoryMark, WrongMark},
    past_change::{HistorySelection, PastChange},
    place::{HistoryLine, HistoryPlace, WrongPlace},
    row::HistoryRow,
};
pub use import::{ImportMode, ImportPlan};
pub use outbox::{
    handle::Outbox,
    row::{
        KnownPolicy, MinedOutbox, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxState, OutboxStep,
        OutboxTurn, SignedOutbox,
    },
    rule::{RelayRule, RelaySubset},
};
pub use settings::LedgerSettings;
pub use snapshot::{
    restore::{RestoreBatch, RestoreEffect, RestoreMode, RestoreOrder, RestoreReport, RestoredPolicy},
    row::{
        ITEMS_TOGETHER, RowDigest, SnapshotChange, SnapshotItem, SnapshotPolicy, SnapshotRow, SnapshotSender,
        SnapshotTombstone,
    },
    text::StoredText,
};
pub use source::{
    error::SourceError,
    file::FileSource,
    policies::{ImportRow, SetAside, SourcePolicies},
    raw_row::RawRow,
};
pub use start_from::{StartFrom, StartedFrom};
pub use store::{
    batch::{Batch, Committed, PlacedRow, RowChange, RowEdit, RowValues},
    change_set::ChangeSet,
    database::{ConnectedDatabase, DatabaseTarget},
    database_error::{DatabaseError, ErrorCode},
    databases::{ConnectOutcome, Databases},
    engine::Engine,
    error::StoreError,
    history_lines::HistoryLines,
    outage::Outage,
    outbox_store::OutboxStore,
    postgres::{server::PostgresServer, sql_state::SqlState, tls::PostgresTls},
    row::{LedgerRow, RowSender},
    snapshot_store::SnapshotStore,
    sql::{ReadLimits, reader::ReaderLogin},
    sqlite::{result_code::ResultCode, store::SqliteStore},
    statement_error::StatementError,
    steps::{MigrationPlan, MigrationStep},
    store::{ChangeListener, Store},
};
pub use undo::{UndoEffect, UndoneChange};
pub use view::{
    content::ContentSum,
    entry::{LedgerEntry, Location, Position},
    fields::PolicyFields,
    view::View,
};
pub use writer::{plan::trial::check_change, sync_report::SyncReport};
