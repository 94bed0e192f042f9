//! Step of a relay: the chain is connected, the account is known, and this master relays to the contract.

use crate::{
    boot::{BootFailure, runner::Runner},
    node::platforms::PlatformName,
};
use std::sync::Arc;

const REMEDY: &str = "correct PROVIDER, PROVIDER_CA, CONTRACT, CHAIN_ID, BLOCKCHAIN_PRIVATE_KEY and BLOCKCHAIN_PUBLIC_KEY, and start again";

/// Connects the chain, whether or not its provider answers now, and switches the relay on.
///
/// # Errors
/// The command that failed.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let config = Arc::clone(&runner.node.config);
    let Ok(name) = config.ledger.blockchain_source.as_str().parse::<PlatformName>() else { return Ok("no chain") };
    let mut outcome = "was there";
    if runner.node.platforms.get(name).is_err() {
        connect(runner).await?;
        outcome = "done";
    }
    if config.ledger.contract.is_none() || config.ledger.blockchain_private_key.is_none() {
        tracing::warn!(
            "the relay is off until CONTRACT and BLOCKCHAIN_PRIVATE_KEY are set, or somebody types 'blockchain deploy contract', 'blockchain set account info' and 'set relay'"
        );
        return Ok("connected, the relay is off without CONTRACT and BLOCKCHAIN_PRIVATE_KEY");
    }
    if !runner.node.services.relay.status().is_some_and(|status| status.is_on) {
        relay(runner).await?;
        outcome = "done";
    }
    Ok(outcome)
}

async fn connect(runner: &mut Runner) -> Result<(), BootFailure> {
    let ledger = runner.node.config.ledger.clone();
    let mut text = "blockchain connect !blockchain_source where provider = $PROVIDER and required = false".to_owned();
    for (key, variable, is_set) in [
        ("provider_ca", "PROVIDER_CA", ledger.provider_ca.is_some()),
        ("private_key", "BLOCKCHAIN_PRIVATE_KEY", ledger.blockchain_private_key.is_some()),
        ("public_key", "BLOCKCHAIN_PUBLIC_KEY", ledger.blockchain_public_key.is_some()),
        ("chain_id", "CHAIN_ID", ledger.chain_id.is_some()),
        ("contract", "CONTRACT", ledger.contract.is_some()),
    ] {
        if is_set {
            text.push_str(&format!(" and {key} = ${variable}"));
        }
    }
    match runner.attempt(&text).await {
        Ok(_) => Ok(()),
        Err(error) => Err(runner.failed(&text, error, REMEDY)),
    }
}

async fn relay(runner: &mut Runner) -> Result<(), BootFailure> {
    let ledger = runner.node.config.ledger.clone();
    let mut text = format!(
        "set relay where platform = !blockchain_source and status = on and visible = {}",
        ledger.relay_visible.as_str()
    );
    if ledger.relay_company.is_some() {
        text.push_str(" and company = $RELAY_COMPANY");
    }
    for (at, kind) in ledger.relay_types.words().iter().enumerate() {
        let name = format!("relay_type_{at}");
        runner.bind(&name, kind.clone());
        text.push_str(&format!(" and type = !{name}"));
    }
    match runner.attempt(&text).await {
        Ok(_) => Ok(()),
        Err(error) => Err(runner.failed(&text, error, REMEDY)),
    }
}
