//! Backups of the ledger: written, restored, compared.

mod asked;
mod files;
pub(super) mod restore;
pub(super) mod save;
pub(super) mod verify;

pub use asked::{PRESENCE, backup_into, restore_from, verify_with};
pub use restore::restored;
pub use save::{BACKUP_LEDGER, backup_to};
pub use verify::compared;
