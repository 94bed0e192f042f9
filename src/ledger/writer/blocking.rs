//! Work that waits for the disk.

use crate::ledger::error::Error;

/// Does work that waits for the disk, or takes long, on a thread of its own.
///
/// # Errors
/// What the work returns; [`Error::Stopping`] when it did not come to its end.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Stopping))
}
