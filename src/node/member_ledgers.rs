//! The ledger as a member may have it: whether there is one, and in which form the member takes it.

use super::{members::Compression, node::Node, poll_rhythms::Poll};
use crate::{
    config::LedgerGzip,
    ledger::{Export, LedgerBytes},
    reply::{Code, Error},
    runtime::limits,
};
use anylog_block::ReturnAddress;
use std::sync::Arc;

impl Node {
    /// Returns the export that members may have (reference/tcp-protocol 15.4).
    ///
    /// # Errors
    /// 68 when there is no ledger, when it is not read yet, and when it is empty.
    pub async fn member_export(&self) -> Result<Arc<Export>, Error> {
        let none = |detail: String| Error::with(Code::PULL_FAILED, detail);
        let export = self.ledger.export().await.map_err(|error| none(error.to_string()))?;
        if export.is_empty() {
            return Err(none("the ledger is empty, members keep the copy they have".to_owned()));
        }
        Ok(export)
    }

    /// Returns an export in the form in which a member takes it (reference/tcp-protocol 15.3).
    pub async fn member_ledger(&self, member: &ReturnAddress, export: &Arc<Export>) -> LedgerBytes {
        let plain = LedgerBytes::Plain(Arc::clone(export));
        if export.len() < limits::LEDGER_PLAIN || !self.takes_packed(member) {
            return plain;
        }
        match self.ledger.packed(export).await {
            Ok(packed) => LedgerBytes::Packed(packed),
            Err(error) => {
                tracing::warn!("members get the ledger as it is: {error}");
                plain
            }
        }
    }

    fn takes_packed(&self, member: &ReturnAddress) -> bool {
        let refuses = || self.members.get(member).is_some_and(|member| member.compression == Compression::Refuses);
        match self.config.members.ledger_gzip {
            LedgerGzip::Off => false,
            LedgerGzip::Auto => self.reference_nodes.has(member) && !refuses(),
            LedgerGzip::On => !refuses(),
        }
    }

    /// Takes note of a request of a member, and tells whether it surely has the version with this MD5 (reference/tcp-protocol
    /// 15.2).
    #[must_use]
    pub fn may_spare(&self, member: &ReturnAddress, poll: Poll, md5: &str) -> bool {
        let is_held = self.poll_rhythms.may_spare(member, poll, md5, self.config.members.member_refresh);
        is_held && self.reference_nodes.has(member)
    }

    /// Tells whether it is worth to know which program a member is.
    #[must_use]
    pub fn asks_for_programs(&self) -> bool {
        let members = &self.config.members;
        members.ledger_gzip == LedgerGzip::Auto || !members.member_refresh.is_zero()
    }
}
