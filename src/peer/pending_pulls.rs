//! Ledgers that this node asked another master for; nobody else may send one (reference/tcp-protocol 7).

use crate::peer::wire;
use anylog_block::Message;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// The ledgers that are awaited, by the name they were asked for.
#[derive(Debug, Default)]
pub struct PendingPulls {
    table: Mutex<PullTable>,
}

#[derive(Debug, Default)]
struct PullTable {
    last: u64,
    awaited: HashMap<String, oneshot::Sender<Message>>,
}

/// One awaited ledger.
#[derive(Debug)]
pub struct PendingPull {
    /// File name for the request, without folder or type.
    pub name: String,
    /// Gets the message that brings it.
    pub answer: oneshot::Receiver<Message>,
}

impl PendingPulls {
    /// Opens a pull with a name that nobody can guess; [`PendingPulls::close`] forgets it.
    ///
    /// # Errors
    /// When the machine has no random numbers: whoever guessed the name could send a ledger of his own.
    pub fn open(&self) -> Result<PendingPull, getrandom::Error> {
        let secret = getrandom::u64()?;
        let (sender, answer) = oneshot::channel();
        let mut table = self.table();
        table.last = table.last.wrapping_add(1);
        let name = format!("ledger_{}_{secret:016x}", table.last);
        table.awaited.insert(name.clone(), sender);
        Ok(PendingPull { name, answer })
    }

    /// Forgets a pull.
    pub fn close(&self, name: &str) {
        self.table().awaited.remove(name);
    }

    /// Tells whether a file was asked for.
    #[must_use]
    pub fn awaits(&self, command: &str, flag: u16) -> bool {
        asked_name(command, flag).is_some_and(|name| self.table().awaited.contains_key(name))
    }

    /// Hands a file to whoever asked for it; gives it back when nobody did.
    ///
    /// # Errors
    /// The message, when it is no file that was asked for.
    pub fn deliver(&self, message: Message) -> Result<(), Message> {
        let asked = asked_name(&message.command, message.header.flag).map(str::to_owned);
        match asked.and_then(|name| self.table().awaited.remove(&name)) {
            Some(waiting) => waiting.send(message),
            None => Err(message),
        }
    }

    fn table(&self) -> MutexGuard<'_, PullTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether the file of a request is that of one pull: the node that asked takes no other file under its name.
#[must_use]
pub fn is_of_one_pull(file: &str) -> bool {
    let secret = || Some(file.strip_prefix("ledger_")?.strip_suffix(".new")?.split_once('_')?.1);
    secret().is_some_and(|secret| secret.len() == 16 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns the name that a delivery was asked for: `ledger_1_ab` of `file write ledger_1_ab.master_id_3.new`.
fn asked_name(command: &str, flag: u16) -> Option<&str> {
    let name = wire::file_name(command)?;
    matches!(flag, wire::FILE_PLAIN | wire::FILE_LEDGER).then(|| name.split('.').next()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anylog_block::Header;

    fn file(name: &str, flag: u16) -> Message {
        Message { header: Header { flag, ..Header::default() }, command: format!("file write {name}"), data: vec![] }
    }

    #[test]
    fn only_a_ledger_that_was_asked_for_is_taken() {
        let pulls = PendingPulls::default();
        let mut pull = pulls.open().unwrap();
        let name = pull.name.clone();
        assert!(is_of_one_pull(&format!("{name}.new")));
        assert!(!is_of_one_pull("/app/EdgeLake/blockchain/blockchain.new") && !is_of_one_pull("ledger_file.new"));
        assert!(pulls.deliver(file("blockchain.master_id_1.new", 2)).is_err());
        assert!(pulls.deliver(file(&format!("{name}.new"), 1)).is_err());
        assert!(pulls.awaits(&format!("file write {name}.master_id_7.new"), 2));
        assert!(pulls.deliver(file(&format!("{name}.master_id_7.new"), 2)).is_ok());
        assert!(pull.answer.try_recv().is_ok());
        assert!(pulls.deliver(file(&format!("{name}.master_id_8.new"), 2)).is_err(), "once");
    }
}
