//! The contract of policies: its functions, and what it holds as of a block.

use super::{
    abi::{Argument, Returned, call},
    calls::{At, RpcCall, view},
    failure::RpcFailure,
    quantity,
    rpc::{Rpc, RpcAnswer},
};
use crate::{
    node::platforms::{ChainAddress, ChainChange, ChainPolicy, Fingerprint, PlatformError},
    runtime::limits::CHAIN_PAGE,
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const METHOD: &str = "eth_call";

/// Which functions a contract has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractKind {
    /// Those of our own: pages, and a hash over all changes.
    Paged,
    /// Those of the reference alone.
    Plain,
}

/// What a contract says of itself as of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Changes so far.
    pub transactions: u64,
    /// Policies.
    pub count: u64,
    /// Hash over all changes, where the contract keeps one.
    pub fingerprint: Option<Fingerprint>,
}

/// The contracts of a chain, of which it is remembered which functions they have.
#[derive(Debug, Default)]
pub struct Contracts {
    kinds: Mutex<HashMap<ChainAddress, ContractKind>>,
}

/// Returns the call that makes a change.
pub fn data_of(change: &ChainChange) -> Vec<u8> {
    match change {
        ChainChange::Insert { id, text } => call("insert(string,string)", &[Argument::Text(id), Argument::Text(text)]),
        ChainChange::Update { id, text } => {
            call("updatePolicy(string,string)", &[Argument::Text(id), Argument::Text(text)])
        }
        ChainChange::Delete { id } => call("deletePolicy(string)", &[Argument::Text(id)]),
    }
}

/// Returns the call for the number of changes, which every contract of policies answers.
pub fn count_call(contract: ChainAddress, at: At) -> RpcCall {
    view(contract, &call("transaction_count()", &[]), at)
}

/// Returns the number of changes: one call.
///
/// # Errors
/// [`PlatformError::NotTheContract`], and those of every call.
pub async fn transaction_count(rpc: &Rpc, contract: ChainAddress) -> Result<u64, PlatformError> {
    number(contract, rpc.read(&count_call(contract, At::Latest)).await?)
}

impl Contracts {
    /// Returns which functions a contract has; the first time it is asked.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`], and those of every call.
    pub async fn kind(&self, rpc: &Rpc, contract: ChainAddress) -> Result<ContractKind, PlatformError> {
        if let Some(kind) = self.known(contract) {
            return Ok(kind);
        }
        let kind = match rpc.read(&overview_call(contract, At::Latest)).await? {
            Ok(answer) if overview(&answer).is_some() => ContractKind::Paged,
            // A contract refuses a function that it does not have.
            Err(failure) if failure.refusal().is_none() => return Err(failure.rejected(METHOD)),
            _ => {
                transaction_count(rpc, contract).await?;
                ContractKind::Plain
            }
        };
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(contract, kind);
        Ok(kind)
    }

    /// Returns what a contract says of itself.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`], and those of every call.
    pub async fn overview(&self, rpc: &Rpc, contract: ChainAddress, at: At) -> Result<Overview, PlatformError> {
        match self.kind(rpc, contract).await? {
            ContractKind::Paged => {
                let answer = rpc.read(&overview_call(contract, at)).await?;
                let answer = answer.map_err(|failure| not_the_contract(contract, failure))?;
                overview(&answer).ok_or(PlatformError::NotTheContract(contract))
            }
            ContractKind::Plain => {
                let calls = [count_call(contract, at), view(contract, &call("num_policies()", &[]), at)];
                let mut numbers = rpc.read_all(&calls).await?.into_iter().map(|answer| number(contract, answer));
                let mut next = || numbers.next().unwrap_or(Err(PlatformError::NotTheContract(contract)));
                Ok(Overview { transactions: next()?, count: next()?, fingerprint: None })
            }
        }
    }

    /// Reads the policies from a position on.
    ///
    /// # Errors
    /// [`PlatformError::NotTheContract`], and those of every call.
    pub async fn policies(
        &self,
        rpc: &Rpc,
        contract: ChainAddress,
        (from, count): (u64, u64),
        at: At,
    ) -> Result<Vec<ChainPolicy>, PlatformError> {
        match self.kind(rpc, contract).await? {
            ContractKind::Paged => page(rpc, contract, (from, count), at).await,
            ContractKind::Plain => one_by_one(rpc, contract, (from, count), at).await,
        }
    }

    fn known(&self, contract: ChainAddress) -> Option<ContractKind> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).get(&contract).copied()
    }
}

/// Returns the parts of the list that one call each reads.
pub fn pages(from: u64, to: u64) -> impl Iterator<Item = (u64, u64)> {
    (from..to).step_by(usize::try_from(CHAIN_PAGE).unwrap_or(1)).map(move |start| (start, CHAIN_PAGE.min(to - start)))
}

/// Returns the text under an id, of a contract with pages.
///
/// # Errors
/// As every call.
pub async fn find(rpc: &Rpc, contract: ChainAddress, id: &str) -> Result<Option<String>, PlatformError> {
    let answer = rpc.value(&view(contract, &call("find(string)", &[Argument::Text(id)]), At::Latest)).await?;
    let bytes = quantity::bytes(&answer).unwrap_or_default();
    let text = Returned(&bytes).text(0).ok_or(PlatformError::NotTheContract(contract))?;
    // The owner is the zero address when there is no such policy.
    let is_there = Returned(&bytes).fingerprint(1).is_some_and(|owner| owner != Fingerprint([0; 32]));
    Ok(is_there.then_some(text))
}

fn overview_call(contract: ChainAddress, at: At) -> RpcCall {
    view(contract, &call("overview()", &[]), at)
}

pub(super) fn overview(answer: &Value) -> Option<Overview> {
    let bytes = quantity::bytes(answer)?;
    let returned = Returned(&bytes);
    Some(Overview {
        transactions: returned.number(0)?,
        count: returned.number(1)?,
        fingerprint: Some(returned.fingerprint(2)?),
    })
}

/// Reads one number; a contract that has no such function is another one.
///
/// # Errors
/// [`PlatformError::NotTheContract`], [`PlatformError::Rejected`].
pub fn number(contract: ChainAddress, answer: RpcAnswer) -> Result<u64, PlatformError> {
    let answer = answer.map_err(|failure| not_the_contract(contract, failure))?;
    let bytes = quantity::bytes(&answer).unwrap_or_default();
    Returned(&bytes).number(0).ok_or(PlatformError::NotTheContract(contract))
}

fn not_the_contract(contract: ChainAddress, failure: RpcFailure) -> PlatformError {
    if failure.refusal().is_some() { PlatformError::NotTheContract(contract) } else { failure.rejected(METHOD) }
}

/// Reads one page; where it is more than the provider computes in one call, it is read in two.
async fn page(
    rpc: &Rpc,
    contract: ChainAddress,
    (from, count): (u64, u64),
    at: At,
) -> Result<Vec<ChainPolicy>, PlatformError> {
    let data = call("page(uint256,uint256)", &[Argument::Number(from), Argument::Number(count)]);
    match rpc.read(&view(contract, &data, at)).await? {
        Ok(answer) => policies(&answer, count).ok_or_else(|| incomplete("a page is not complete")),
        Err(_) if count > 1 => {
            let half = count / 2;
            let mut read = Box::pin(page(rpc, contract, (from, half), at)).await?;
            read.extend(Box::pin(page(rpc, contract, (from + half, count - half), at)).await?);
            Ok(read)
        }
        Err(failure) => Err(failure.rejected(METHOD)),
    }
}

pub(super) fn policies(answer: &Value, count: u64) -> Option<Vec<ChainPolicy>> {
    let bytes = quantity::bytes(answer)?;
    let (ids, texts) = (Returned(&bytes).texts(0)?, Returned(&bytes).texts(1)?);
    let is_whole = ids.len() == texts.len() && ids.len() as u64 == count;
    is_whole.then(|| ids.into_iter().zip(texts).map(|(id, text)| ChainPolicy { id, text }).collect())
}

/// Reads policies with two calls for each, many of which are one batch.
async fn one_by_one(
    rpc: &Rpc,
    contract: ChainAddress,
    (from, count): (u64, u64),
    at: At,
) -> Result<Vec<ChainPolicy>, PlatformError> {
    let calls: Vec<RpcCall> = (from..from + count)
        .flat_map(|place| ["policy_ids(uint256)", "policies(uint256)"].map(|function| (function, place)))
        .map(|(function, place)| view(contract, &call(function, &[Argument::Number(place)]), at))
        .collect();
    let mut texts = rpc.read_all(&calls).await?.into_iter().map(|answer| {
        let answer = answer.map_err(|failure| failure.rejected(METHOD))?;
        let bytes = quantity::bytes(&answer).unwrap_or_default();
        Returned(&bytes).text(0).ok_or_else(|| incomplete("a policy is no text"))
    });
    let mut read = Vec::new();
    while let (Some(id), Some(text)) = (texts.next(), texts.next()) {
        read.push(ChainPolicy { id: id?, text: text? });
    }
    Ok(read)
}

fn incomplete(what: &str) -> PlatformError {
    PlatformError::Malformed { method: METHOD, what: what.to_owned() }
}
