//! The figures of the relay.

use crate::{
    ledger::RelaySubset,
    node::{Node, RelayStatus, RelayTrouble},
};
use serde_json::{Value, json};

/// Returns everything that is known of a relay.
pub(super) fn value(node: &Node, status: &RelayStatus) -> Value {
    let RelayStatus { options, is_on, sender, is_sender, outbox, head, answered, trouble, counters, last_sent } =
        status;
    // A platform that was disconnected since has neither.
    let info = node.platforms.get(options.platform).ok().map(|platform| platform.info());
    let contract = info.as_ref().and_then(|info| info.contract.map(|address| address.to_string()));
    let account = info.as_ref().and_then(|info| info.public_key.map(|address| address.to_string()));
    let last_sent = last_sent
        .as_ref()
        .map(|sent| json!({ "transaction": sent.hash, "nonce": sent.nonce, "at": sent.at.to_string() }));
    let subset = match &options.subset {
        RelaySubset::All => json!("all"),
        RelaySubset::Company(company) => json!({ "company": company }),
        RelaySubset::Types(types) => json!({ "types": types }),
    };
    let trouble = trouble.as_ref().map(|RelayTrouble { text, since, is_away }| {
        json!({ "error": text, "since": since.to_string(), "provider_away": is_away })
    });
    json!({
        "status": if *is_on { "on" } else { "off" },
        "platform": options.platform.as_str(),
        "contract": contract,
        "account": account,
        "subset": subset,
        "visible": options.visible.as_str(),
        "sender": sender,
        "is_sender": is_sender,
        "queue": outbox.waiting,
        "oldest": outbox.oldest,
        "unsettled": outbox.unsettled,
        "last_block": outbox.last_block,
        "head": head,
        "answered": answered.map(|at| at.to_string()),
        "last_error": trouble,
        "refused": outbox.refused,
        "last_refusal": outbox.last_refusal,
        "last_sent": last_sent,
        "sent": counters.sent,
        "mined": counters.mined,
        "pulled": counters.pulled,
        "reorganised": counters.reorganised,
    })
}
