//! What stands at one place of a source, before anybody knows whether it is a policy.

use crate::ledger::store::row::LedgerRow;

/// One row of a table, or one line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// Where it stands: `row 7`, `line 12`.
    pub place: String,
    /// The id that the table has for it.
    pub id: Option<String>,
    /// The node that published it, as the table says.
    pub host: Option<String>,
    /// Its date column.
    pub date: Option<String>,
    /// Its text, or why there is none.
    pub text: Result<String, String>,
}

impl RawRow {
    /// Takes a line of a file.
    #[must_use]
    pub fn of_file(place: String, text: Result<String, String>) -> Self {
        Self { place, id: None, host: None, date: None, text }
    }

    /// Takes a row of a table. A fault beside the text, such as an empty host, does no harm to the policy.
    #[must_use]
    pub fn of_table(row: LedgerRow) -> Self {
        let LedgerRow { sequence, id, date, host, text, fault } = row;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let text = match fault {
            Some(fault) if text.is_empty() => Err(fault),
            _ if text.is_empty() => Err("its column policy is empty".to_owned()),
            _ => Ok(text),
        };
        Self { place: format!("row {sequence}"), id: some(id), host: some(host), date: some(date), text }
    }

    /// Returns the bytes of memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let texts = [&self.id, &self.host, &self.date].into_iter().flatten().map(String::len).sum::<usize>();
        let text = self.text.as_ref().map_or_else(String::len, String::len);
        (std::mem::size_of::<Self>() + self.place.len() + texts + text) as u64
    }
}
