//! The last export, from which the next one is built.

use crate::ledger::{file::export::Export, view::view::View};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// Keeps the export of the last version that somebody asked for.
#[derive(Default)]
pub struct ExportCache(ArcSwapOption<Export>);

impl ExportCache {
    /// Returns the export of a view if it is built already.
    #[must_use]
    pub fn ready(&self, view: &View) -> Option<Arc<Export>> {
        self.0.load_full().filter(|export| export.generation() == view.generation())
    }

    /// Returns the export of a view, and builds what the last one did not have. That takes long enough for a thread of
    /// its own.
    #[must_use]
    pub fn build(&self, view: &View) -> Arc<Export> {
        if let Some(ready) = self.ready(view) {
            return ready;
        }
        let export = Arc::new(Export::build(view, self.0.load_full().as_deref()));
        if self.0.load().as_ref().is_none_or(|last| last.generation() < export.generation()) {
            self.0.store(Some(Arc::clone(&export)));
        }
        export
    }
}
