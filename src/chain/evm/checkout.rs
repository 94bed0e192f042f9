//! Reads the list of a contract, and no more of it than changed.

use super::{
    block::{PricedBlock, head, is_in_chain},
    calls::{self, At},
    contract::{ContractKind, Contracts, Overview, count_call, number, pages},
    rpc::Rpc,
};
use crate::{
    node::platforms::{ChainAddress, ChainBlock, ChainList, ChainPolicy, Checkout, PlatformError},
    runtime::limits::{CHAIN_CHECKOUTS, CHAIN_READS, CHAIN_YOUNG},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{sync::Arc, time::Instant};

/// Bytes of memory that a list may take: twice the texts that the default of `LEDGER_QUOTA` gives a ledger.
const MOST_BYTES: u64 = 2 << 30;

/// Reads the list, or finds that it is the known one.
///
/// # Errors
/// [`PlatformError::NotTheContract`], [`PlatformError::Unsteady`], and those of every call.
pub async fn checkout(
    rpc: &Rpc,
    contracts: &Contracts,
    contract: ChainAddress,
    known: Option<&ChainList>,
) -> Result<Checkout, PlatformError> {
    if let Some(known) = known
        && is_unchanged(rpc, contracts, contract, known).await?
    {
        return Ok(Checkout::Unchanged);
    }
    for _ in 0..CHAIN_CHECKOUTS {
        let block = head(rpc).await?;
        let overview = checked(contracts.overview(rpc, contract, At::Block(block.number)).await?)?;
        let start = match known {
            Some(known) if only_grew(known, overview) && is_in_chain(rpc, known.block).await? => &known.policies[..],
            _ => &[],
        };
        let policies = read(rpc, contracts, contract, start, (overview, block)).await?;
        // What was read in several calls is of one block when the block under this number is still the same.
        if is_in_chain(rpc, block).await? {
            return Ok(Checkout::Changed(ChainList {
                transaction_count: overview.transactions,
                block,
                fingerprint: overview.fingerprint,
                policies: Arc::new(policies),
                read_at: Instant::now(),
            }));
        }
    }
    Err(PlatformError::Unsteady)
}

/// Tells whether nothing changed: one call. A contract without a hash over its changes can have as many of them in another branch of
/// the chain, so while the list is young the call is a batch that looks at its block as well.
async fn is_unchanged(
    rpc: &Rpc,
    contracts: &Contracts,
    contract: ChainAddress,
    known: &ChainList,
) -> Result<bool, PlatformError> {
    if contracts.kind(rpc, contract).await? == ContractKind::Paged {
        let overview = contracts.overview(rpc, contract, At::Latest).await?;
        return Ok(overview.fingerprint == known.fingerprint && overview.transactions == known.transaction_count);
    }
    let mut wanted = vec![count_call(contract, At::Latest)];
    if known.read_at.elapsed() < CHAIN_YOUNG {
        wanted.push(calls::block(At::Block(known.block.number)));
    }
    let mut answers = rpc.read_all(&wanted).await?.into_iter();
    let count = answers.next().ok_or(PlatformError::NotTheContract(contract))?;
    let stays = match answers.next() {
        None => true,
        Some(block) => {
            let block = block.map_err(|failure| failure.rejected("eth_getBlockByNumber"))?;
            PricedBlock::read(&block)?.is_some_and(|found| found.block == known.block)
        }
    };
    Ok(stays && number(contract, count)? == known.transaction_count)
}

/// Tells whether there were only inserts since, which go to the end: each change that is none leaves the list shorter than the
/// number of changes says.
fn only_grew(known: &ChainList, now: Overview) -> bool {
    let changes = now.transactions.checked_sub(known.transaction_count);
    changes.is_some() && changes == now.count.checked_sub(known.policies.len() as u64)
}

/// Refuses a contract that says it has more policies than it made changes: each took one to come.
fn checked(overview: Overview) -> Result<Overview, PlatformError> {
    if overview.count > overview.transactions { Err(impossible("more policies than changes")) } else { Ok(overview) }
}

fn impossible(what: &str) -> PlatformError {
    PlatformError::Malformed { method: "eth_call", what: format!("the contract has {what}") }
}

/// Reads what stands behind the known beginning, several parts at a time.
async fn read(
    rpc: &Rpc,
    contracts: &Contracts,
    contract: ChainAddress,
    start: &[ChainPolicy],
    (overview, block): (Overview, ChainBlock),
) -> Result<Vec<ChainPolicy>, PlatformError> {
    let parts = pages(start.len() as u64, overview.count)
        .map(|part| contracts.policies(rpc, contract, part, At::Block(block.number)));
    let mut parts = stream::iter(parts).buffered(CHAIN_READS);
    // How long the list is, and so how much memory it takes, is what the provider says.
    let too_long = || impossible("more policies than any ledger");
    let (mut list, mut left) = (start.to_vec(), without(MOST_BYTES, start).ok_or_else(too_long)?);
    while let Some(part) = parts.try_next().await? {
        left = without(left, &part).ok_or_else(too_long)?;
        list.extend(part);
    }
    Ok(list)
}

/// Returns what is left of so many bytes of memory when policies have taken theirs; nothing when they need more.
fn without(left: u64, policies: &[ChainPolicy]) -> Option<u64> {
    let size = |policy: &ChainPolicy| std::mem::size_of::<ChainPolicy>() + policy.id.len() + policy.text.len();
    left.checked_sub(policies.iter().map(size).sum::<usize>() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::platforms::Fingerprint;

    fn list(transaction_count: u64, policies: usize) -> ChainList {
        let policy = ChainPolicy { id: String::new(), text: String::new() };
        ChainList {
            transaction_count,
            block: ChainBlock { number: 1, hash: Fingerprint([0; 32]) },
            fingerprint: None,
            policies: Arc::new(vec![policy; policies]),
            read_at: Instant::now(),
        }
    }

    #[test]
    fn inserts_alone_leave_the_beginning_as_it_is() {
        let now = |transactions, count| Overview { transactions, count, fingerprint: None };
        assert!(only_grew(&list(5, 3), now(7, 5)));
        assert!(only_grew(&list(0, 0), now(2, 2)));
        assert!(!only_grew(&list(5, 3), now(7, 4)), "an update");
        assert!(!only_grew(&list(5, 3), now(7, 3)), "an insert and a delete");
        assert!(!only_grew(&list(5, 3), now(4, 2)), "another branch of the chain");
    }

    #[test]
    fn a_list_takes_no_more_memory_than_it_may() {
        let overview = |transactions, count| Overview { transactions, count, fingerprint: None };
        assert!(checked(overview(3, 3)).is_ok());
        assert!(matches!(checked(overview(3, u64::MAX)), Err(PlatformError::Malformed { .. })));
        let policy = ChainPolicy { id: "a".to_owned(), text: "b".repeat(9) };
        let each = std::mem::size_of::<ChainPolicy>() as u64 + 10;
        assert_eq!(without(2 * each + 1, &[policy.clone(), policy.clone()]), Some(1));
        assert_eq!(without(2 * each - 1, &[policy.clone(), policy]), None);
    }
}
