//! The last export, plain and compressed, from which the next one is built.

use crate::ledger::{
    file::{
        export::Export,
        packed::{PackedExport, Packer},
    },
    view::view::View,
};
use arc_swap::ArcSwapOption;
use std::{io, sync::Arc};

/// Keeps the export of the last version that somebody asked for.
#[derive(Default)]
pub struct ExportCache {
    plain: ArcSwapOption<Export>,
    packer: Packer,
}

impl ExportCache {
    /// Returns the export of a view if it is built already.
    #[must_use]
    pub fn ready(&self, view: &View) -> Option<Arc<Export>> {
        self.plain.load_full().filter(|export| export.generation() == view.generation())
    }

    /// Returns the export of a view, and builds what the last one did not have. That takes long enough for a thread of
    /// its own.
    #[must_use]
    pub fn build(&self, view: &View) -> Arc<Export> {
        if let Some(ready) = self.ready(view) {
            return ready;
        }
        let export = Arc::new(Export::build(view, self.plain.load_full().as_deref()));
        if self.plain.load().as_ref().is_none_or(|last| last.generation() < export.generation()) {
            self.plain.store(Some(Arc::clone(&export)));
        }
        export
    }

    /// Returns an export as a gzip file if it is made already.
    #[must_use]
    pub fn ready_packed(&self, export: &Export) -> Option<Arc<PackedExport>> {
        Some(self.packer.last()).filter(|packed| packed.md5 == export.md5)
    }

    /// Returns an export as a gzip file, once for each version. That takes long enough for a thread of its own.
    ///
    /// # Errors
    /// As [`Packer::pack`].
    pub fn pack(&self, export: &Export) -> io::Result<Arc<PackedExport>> {
        match self.ready_packed(export) {
            Some(ready) => Ok(ready),
            None => self.packer.pack(export),
        }
    }
}
