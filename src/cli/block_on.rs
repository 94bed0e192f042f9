//! Runs what waits for the network, for commands that print and end.

use crate::cli::exit::ExitFailure;
use std::future::Future;

/// Runs a future to its end on this thread.
///
/// # Errors
/// When the system gives no event queue.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, ExitFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| ExitFailure::System { what: "threads of the client", error })?;
    let result = runtime.block_on(work);
    // A thread that reads the terminal would hold the end of the program.
    runtime.shutdown_background();
    Ok(result)
}
