//! What goes on beside a round that takes long: figures stay true, the turn is kept, and a silent provider is told before its last
//! try is over.

use super::{service::RunningRelay, turn_rule};
use crate::{
    ledger::Outbox,
    node::{Node, RelayStatus, RelayTrouble},
    runtime::{clock, limits},
};
use jiff::SignedDuration;
use std::{sync::PoisonError, time::Duration};

impl RunningRelay {
    /// Looks after rounds until the relay is stopped. While they are short they do all of this themselves, and it costs nothing.
    pub(super) async fn watch(&self, node: &Node) {
        let mut told = None;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(limits::RELAY_LOOK) => {}
            }
            let silence = self.platform.client().silence();
            self.tell_silence(silence, &mut told);
            if self.noted_for() < limits::RELAY_TURN_KEPT {
                continue;
            }
            let platform = self.status().options.platform;
            let Ok(outbox) = node.ledger.outbox(platform.as_str()) else { continue };
            // A look that does not succeed is followed by the next one; the round tells what is wrong with the database.
            self.keep_turn(&outbox, silence).await;
            self.read_figures(&outbox).await;
        }
    }

    async fn keep_turn(&self, outbox: &Outbox, silence: Option<Duration>) {
        let fence = self.turn().as_ref().map(|turn| turn.fence);
        if let Some(fence) = fence.filter(|_| turn_rule::is_kept(silence))
            && let Err(error) = outbox.take_turn(&self.holder, fence, turn_rule::seconds()).await
        {
            tracing::debug!(%error, "the turn of the relay was not kept");
        }
    }

    /// Reads what waits and who sends, and takes note of it.
    pub(super) async fn read_figures(&self, outbox: &Outbox) {
        let (figures, sender) = (outbox.figures().await, outbox.sender().await);
        let has_turn = self.turn().is_some();
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.is_sender &= has_turn;
        if let (Ok(figures), Ok(sender)) = (figures, sender) {
            let sender = sender.filter(|sender| sender.is_current).map(|sender| sender.holder);
            status.is_sender = has_turn && sender.as_ref() == Some(&self.holder);
            (status.outbox, status.sender) = (figures, sender);
        }
        status.counters = self.tally.counters();
        status.last_sent = self.tally.last_sent();
    }

    /// Tells that the provider is silent, or that it answers again; what a round says of it is more and stays.
    fn tell_silence(&self, silence: Option<Duration>, told: &mut Option<String>) {
        let provider = self.platform.provider();
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        match silence {
            Some(silence) if silence >= limits::CHAIN_SILENT => {
                if !is_told_by(&status, told.as_ref()) {
                    return;
                }
                let text = format!("the provider {provider} does not answer: no answer for {} s", silence.as_secs());
                let now = clock::now();
                let since = SignedDuration::try_from(silence).ok().and_then(|silence| now.checked_sub(silence).ok());
                if told.is_none() {
                    let platform = status.options.platform.as_str();
                    tracing::warn!(platform, "{text}; members go on with the ledger as it is");
                }
                *told = Some(text.clone());
                status.trouble = Some(RelayTrouble { text, since: since.unwrap_or(now), is_away: true });
            }
            Some(_) => {
                if told.is_some() && is_told_by(&status, told.as_ref()) {
                    status.trouble = None;
                }
                *told = None;
            }
            // Between two tries nobody asks; a round that ended well has said that the trouble is over.
            None if status.trouble.is_none() => *told = None,
            None => {}
        }
    }
}

/// Tells whether the trouble of a relay is what was told here, or there is none.
fn is_told_by(status: &RelayStatus, told: Option<&String>) -> bool {
    status.trouble.as_ref().is_none_or(|trouble| Some(&trouble.text) == told)
}
