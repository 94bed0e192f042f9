//! The policies of an import that has not ended: they come in parts, and nothing of the ledger changes before the last one is
//! there.

use crate::{
    ledger::ImportRow,
    reply::{Code, Error},
    runtime::limits,
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The import that is under way; there is one at a time.
#[derive(Debug, Default)]
pub struct StagedImport(Mutex<Option<Staged>>);

#[derive(Debug)]
struct Staged {
    name: String,
    rows: Vec<ImportRow>,
    bytes: usize,
    touched: Instant,
}

impl StagedImport {
    /// Adds policies to the import of a name, which begins with its first part, and returns how many it has. All of them may take
    /// so many bytes of memory.
    ///
    /// # Errors
    /// Another import is under way, or there would be more than may be; the import is then forgotten.
    pub fn add(&self, name: &str, rows: Vec<ImportRow>, most: u64) -> Result<usize, Error> {
        let mut staged = self.staged();
        if let Some(other) = staged.as_ref().filter(|other| other.name != name)
            && other.touched.elapsed() < limits::IMPORT_IDLE
        {
            let wait = limits::IMPORT_IDLE.as_secs();
            let detail = format!("another import is under way: try again when it has ended, at the latest in {wait} s");
            return Err(Error::with(Code::PROCESS_FAILURE, detail));
        }
        let mut import = staged.take().filter(|import| import.name == name).unwrap_or_else(|| Staged {
            name: name.to_owned(),
            rows: Vec::new(),
            bytes: 0,
            touched: Instant::now(),
        });
        import.bytes = import.bytes.saturating_add(rows.iter().map(ImportRow::bytes).sum());
        if import.bytes as u64 > most {
            let detail =
                format!("the policies take more than the {most} bytes that the ledger may have (LEDGER_QUOTA)");
            return Err(Error::with(Code::BLOCKCHAIN_FAILED, detail));
        }
        import.rows.extend(rows);
        import.touched = Instant::now();
        let count = import.rows.len();
        *staged = Some(import);
        Ok(count)
    }

    /// Takes the policies of the import of a name, which ends with that.
    #[must_use]
    pub fn take(&self, name: &str) -> Option<Vec<ImportRow>> {
        let mut staged = self.staged();
        let import = staged.take_if(|import| import.name == name)?;
        Some(import.rows)
    }

    fn staged(&self) -> MutexGuard<'_, Option<Staged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> ImportRow {
        ImportRow { place: "line 1".to_owned(), host: None, date: None, text: text.to_owned() }
    }

    #[test]
    fn parts_come_together_and_one_import_waits_for_the_other() {
        let import = StagedImport::default();
        assert_eq!(import.add("a", vec![row("1")], 1000), Ok(1));
        assert_eq!(import.add("a", vec![row("2"), row("3")], 1000), Ok(3));
        assert!(import.add("b", vec![row("4")], 1000).is_err() && import.take("b").is_none());
        assert_eq!(import.take("a").map(|rows| rows.len()), Some(3));
        assert!(import.take("a").is_none());
        assert!(import.add("b", vec![row(&"x".repeat(2000))], 1000).is_err() && import.take("b").is_none());
    }
}
