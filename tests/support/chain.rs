//! A chain in memory: the contract of policies, blocks, and the troubles that chains and providers have. It stands in for the
//! platforms of a node that runs in the test.

use anylog_master::{
    chain::EvmMaker,
    node::platforms::{
        Amount, ChainAccount, ChainAddress, ChainBlock, ChainChange, ChainList, ChainOptions, ChainPolicy, Checkout,
        Deployed, Fingerprint, Mined, NewAccount, Platform, PlatformError, PlatformMaker, PrivateKey, Provider,
        Refusal, SignedTransaction, TransactionOutcome,
    },
};
use async_trait::async_trait;
use indexmap::IndexMap;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The contract's address; every contract that is deployed has it.
pub const CONTRACT: ChainAddress = ChainAddress([0xc0; 20]);
/// Address of another contract, which is empty until somebody names it.
pub const OTHER_CONTRACT: ChainAddress = ChainAddress([0xd0; 20]);

/// The chain; clones are the same one.
#[derive(Clone, Default)]
pub struct DoubleChain(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    blocks: Vec<Vec<Entry>>,
    waiting: Vec<Entry>,
    contracts: HashMap<ChainAddress, Contract>,
    /// Changes with every re-organisation, so that the blocks have other hashes.
    branches: HashMap<u64, u64>,
    reorganisations: u64,
    is_away: bool,
    loses_answers: bool,
    is_held: bool,
    refused: HashMap<String, Refusal>,
    refused_late: HashMap<String, Refusal>,
    not_signed: HashMap<String, PlatformError>,
    not_taken: HashMap<String, PlatformError>,
    not_read: Option<PlatformError>,
    /// The block as of which reads are answered, by a machine that runs behind the others.
    behind: Option<u64>,
    is_plain: bool,
    calls: Vec<&'static str>,
    sent: Vec<Fingerprint>,
}

/// A transaction in a block or before it.
#[derive(Clone)]
struct Entry {
    transaction: SignedTransaction,
    contract: ChainAddress,
    change: Option<ChainChange>,
    refusal: Option<Refusal>,
}

#[derive(Clone, Default)]
struct Contract {
    policies: IndexMap<String, String>,
    transaction_count: u64,
    digest: [u8; 32],
}

impl Contract {
    fn make(&mut self, change: &ChainChange) -> Result<(), Refusal> {
        match change {
            ChainChange::Insert { id, .. } if self.policies.contains_key(id) => return Err(Refusal::Exists),
            ChainChange::Update { id, .. } | ChainChange::Delete { id } if !self.policies.contains_key(id) => {
                return Err(Refusal::Missing);
            }
            ChainChange::Insert { id, text } | ChainChange::Update { id, text } => {
                self.policies.insert(id.clone(), text.clone());
            }
            ChainChange::Delete { id } => {
                self.policies.swap_remove(id);
            }
        }
        self.transaction_count += 1;
        self.digest = Keccak256::digest([&self.digest[..], format!("{change:?}").as_bytes()].concat()).into();
        Ok(())
    }
}

impl State {
    fn mine(&mut self) {
        let mut block = std::mem::take(&mut self.waiting);
        block.sort_by_key(|entry| (entry.transaction.account, entry.transaction.nonce));
        for entry in &mut block {
            let late = entry.change.as_ref().and_then(|change| self.refused_late.get(change.id()).cloned());
            let made = match (&entry.change, late) {
                (_, Some(refusal)) => Err(refusal),
                (Some(change), None) => self.contracts.entry(entry.contract).or_default().make(change),
                (None, None) => Ok(()),
            };
            entry.refusal = made.err();
        }
        self.blocks.push(block);
    }

    /// Makes a change as another account does, in a block of its own.
    fn make_by_others(&mut self, contract: ChainAddress, change: &ChainChange) {
        let account = ChainAddress([0x0b; 20]);
        let transaction = signed(account, self.next_nonce(account), contract, Some(change));
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting.push(Entry { transaction, contract, change: Some(change.clone()), refusal: None });
        self.mine();
        self.waiting = waiting;
    }

    fn contract(&self, address: ChainAddress) -> Contract {
        self.contracts.get(&address).cloned().unwrap_or_default()
    }

    /// Returns what reads see of a contract, and the block as of which they do.
    fn read(&self, address: ChainAddress) -> (Contract, ChainBlock) {
        let Some(newest) = self.behind else { return (self.contract(address), self.block(self.head())) };
        let mut contract = Contract::default();
        let made = self.entries().filter(|(number, entry)| *number <= newest && entry.refusal.is_none());
        for change in made.filter(|(_, entry)| entry.contract == address).filter_map(|(_, entry)| entry.change.as_ref())
        {
            let _ = contract.make(change);
        }
        (contract, self.block(newest))
    }

    fn head(&self) -> u64 {
        self.blocks.len() as u64
    }

    fn block(&self, number: u64) -> ChainBlock {
        let branch = self.branches.get(&number).copied().unwrap_or_default();
        let hash = Keccak256::digest([number.to_be_bytes(), branch.to_be_bytes()].concat());
        ChainBlock { number, hash: Fingerprint(hash.into()) }
    }

    fn entries(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (1..).zip(&self.blocks).flat_map(|(number, block)| block.iter().map(move |entry| (number, entry)))
    }

    fn nonce(&self, account: ChainAddress) -> u64 {
        self.entries().filter(|(_, entry)| entry.transaction.account == account).count() as u64
    }

    fn next_nonce(&self, account: ChainAddress) -> u64 {
        let waiting = self.waiting.iter().filter(|entry| entry.transaction.account == account).count() as u64;
        self.nonce(account) + waiting
    }

    fn take(&mut self, transaction: &SignedTransaction) -> Result<(), PlatformError> {
        let known = |entry: &Entry| entry.transaction.hash == transaction.hash;
        if self.waiting.iter().any(known) || self.entries().any(|(_, entry)| known(entry)) {
            return Ok(());
        }
        let (account, nonce) = (transaction.account, transaction.nonce);
        let is_waiting = |entry: &Entry| (entry.transaction.account, entry.transaction.nonce) == (account, nonce);
        if nonce < self.nonce(account) || self.waiting.iter().any(is_waiting) {
            return Err(PlatformError::NonceTaken { account, nonce });
        }
        let (contract, change) = order_of(&transaction.raw);
        self.waiting.push(Entry { transaction: transaction.clone(), contract, change, refusal: None });
        if !self.is_held {
            self.mine();
        }
        Ok(())
    }
}

impl DoubleChain {
    /// Lets the provider be away, or come back.
    pub fn away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Lets the provider take what is sent and not answer, or answer again.
    pub fn loses_answers(&self, loses: bool) {
        self.state().loses_answers = loses;
    }

    /// Lets transactions wait until [`DoubleChain::mine`], or go into a block at once, as at first.
    pub fn holds(&self, is_held: bool) {
        self.state().is_held = is_held;
    }

    /// Makes a block of what waits, also of nothing.
    pub fn mine(&self) {
        self.state().mine();
    }

    /// Lets the contract refuse changes of a policy, which shows before they are signed.
    pub fn refuse(&self, id: &str, refusal: Refusal) {
        self.state().refused.insert(id.to_owned(), refusal);
    }

    /// The same, but it shows in the block alone.
    pub fn refuse_late(&self, id: &str, refusal: Refusal) {
        self.state().refused_late.insert(id.to_owned(), refusal);
    }

    /// Lets the provider answer with an error when changes of a policy are to be signed.
    pub fn fail_to_sign(&self, id: &str, error: PlatformError) {
        self.state().not_signed.insert(id.to_owned(), error);
    }

    /// The same when they are sent: it takes no transaction of the policy.
    pub fn fail_to_take(&self, id: &str, error: PlatformError) {
        self.state().not_taken.insert(id.to_owned(), error);
    }

    /// Lets the provider take the changes of all policies again.
    pub fn take_all(&self) {
        let mut state = self.state();
        state.not_signed.clear();
        state.not_taken.clear();
    }

    /// Lets the provider answer with an error when the list of a contract is read, or with the list again.
    pub fn fail_to_read(&self, error: Option<PlatformError>) {
        self.state().not_read = error;
    }

    /// Lets the contracts be read as of so many blocks ago, as by a machine of the provider that runs behind the others, or as of the
    /// newest block.
    pub fn run_behind(&self, blocks: u64) {
        let mut state = self.state();
        let newest = state.head().saturating_sub(blocks);
        state.behind = (blocks > 0).then_some(newest);
    }

    /// Lets the contracts be those of other nodes, without pages and without a hash over their changes.
    pub fn without_pages(&self) {
        self.state().is_plain = true;
    }

    /// Makes a block of what waits, with other hashes: of transactions with the same numbers and changes that were signed before.
    pub fn mine_earlier(&self) {
        let mut state = self.state();
        for entry in &mut state.waiting {
            let earlier = [&entry.transaction.raw[..], &b"earlier"[..]].concat();
            entry.transaction.hash = Fingerprint(Keccak256::digest(earlier).into());
        }
        state.mine();
    }

    /// Begins the chain anew: no block is there, and the contracts at the same addresses are empty.
    pub fn begin_anew(&self) {
        let mut state = self.state();
        state.blocks.clear();
        state.waiting.clear();
        state.contracts.clear();
    }

    /// Replaces the last blocks by empty ones with other hashes; their transactions wait again when they are kept, and are unknown
    /// otherwise.
    pub fn reorg(&self, blocks: usize, keeps: bool) {
        let mut state = self.state();
        let start = state.blocks.len().saturating_sub(blocks);
        let lost: Vec<Entry> = state.blocks.drain(start..).flatten().collect();
        if keeps {
            state.waiting.extend(lost);
        }
        let kept: Vec<(ChainAddress, ChainChange)> = state
            .entries()
            .filter(|(_, entry)| entry.refusal.is_none())
            .filter_map(|(_, entry)| Some((entry.contract, entry.change.clone()?)))
            .collect();
        state.contracts.clear();
        for (contract, change) in kept {
            let _ = state.contracts.entry(contract).or_default().make(&change);
        }
        state.reorganisations += 1;
        let branch = state.reorganisations;
        for number in start + 1..=start + blocks {
            state.branches.insert(number as u64, branch);
            state.blocks.push(Vec::new());
        }
    }

    /// Makes a change as another account does, in a block of its own.
    pub fn change_by_others(&self, change: &ChainChange) {
        self.change_in(CONTRACT, change);
    }

    /// The same in a contract of their choice.
    pub fn change_in(&self, contract: ChainAddress, change: &ChainChange) {
        self.state().make_by_others(contract, change);
    }

    /// Makes several changes as another account does, and lets nobody look at the contract in between.
    pub fn change_at_once(&self, changes: &[ChainChange]) {
        let mut state = self.state();
        for change in changes {
            state.make_by_others(CONTRACT, change);
        }
    }

    /// Uses the next nonce of an account for something else, as its owner does with another program.
    pub fn use_nonce(&self, account: ChainAddress) {
        let mut state = self.state();
        let transaction = signed(account, state.nonce(account), CONTRACT, None);
        let waiting = std::mem::take(&mut state.waiting);
        state.waiting.push(Entry { transaction, contract: CONTRACT, change: None, refusal: None });
        state.mine();
        state.waiting = waiting;
    }

    /// Returns what the contract holds, in its order.
    pub fn policies(&self) -> Vec<(String, String)> {
        self.policies_of(CONTRACT)
    }

    /// Returns what a contract holds, in its order.
    pub fn policies_of(&self, contract: ChainAddress) -> Vec<(String, String)> {
        self.state().contract(contract).policies.into_iter().collect()
    }

    /// Returns the number of changes that the contract made.
    pub fn transaction_count(&self) -> u64 {
        self.state().contract(CONTRACT).transaction_count
    }

    /// Returns and forgets the names of the methods that were called.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    /// Returns the hashes that were sent, each as often as it was.
    pub fn sent(&self) -> Vec<Fingerprint> {
        self.state().sent.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn called(&self, method: &'static str) -> Result<MutexGuard<'_, State>, PlatformError> {
        let mut state = self.state();
        state.calls.push(method);
        if state.is_away { Err(away()) } else { Ok(state) }
    }
}

fn away() -> PlatformError {
    PlatformError::Unavailable { provider: "http://double".to_owned(), reason: "Connection refused".to_owned() }
}

fn signed(
    account: ChainAddress,
    nonce: u64,
    contract: ChainAddress,
    change: Option<&ChainChange>,
) -> SignedTransaction {
    let change = match change {
        None => Value::Null,
        Some(ChainChange::Insert { id, text }) => json!(["insert", id, text]),
        Some(ChainChange::Update { id, text }) => json!(["update", id, text]),
        Some(ChainChange::Delete { id }) => json!(["delete", id]),
    };
    let raw = json!([account.to_string(), nonce, change, contract.to_string()]).to_string().into_bytes();
    SignedTransaction { hash: Fingerprint(Keccak256::digest(&raw).into()), raw, nonce, account }
}

/// Reads the contract of a transaction, and what it changes there.
fn order_of(raw: &[u8]) -> (ChainAddress, Option<ChainChange>) {
    let raw: Value = serde_json::from_slice(raw).unwrap();
    let text = |at: usize| raw[2][at].as_str().unwrap_or_default().to_owned();
    let change = match text(0).as_str() {
        "insert" => Some(ChainChange::Insert { id: text(1), text: text(2) }),
        "update" => Some(ChainChange::Update { id: text(1), text: text(2) }),
        "delete" => Some(ChainChange::Delete { id: text(1) }),
        _ => None,
    };
    (raw[3].as_str().unwrap().parse().unwrap(), change)
}

impl PlatformMaker for DoubleChain {
    fn client(&self, _provider: &Provider, _options: ChainOptions) -> Result<Arc<dyn Platform>, PlatformError> {
        Ok(Arc::new(self.clone()))
    }

    fn new_account(&self) -> Result<NewAccount, PlatformError> {
        EvmMaker.new_account()
    }

    fn account_of(&self, key: &PrivateKey) -> Result<ChainAddress, PlatformError> {
        EvmMaker.account_of(key)
    }

    fn open_keystore(&self, text: &str, password: &SecretString) -> Result<PrivateKey, PlatformError> {
        EvmMaker.open_keystore(text, password)
    }
}

#[async_trait]
impl Platform for DoubleChain {
    async fn client_version(&self) -> Result<String, PlatformError> {
        self.called("client_version").map(|_| "double".to_owned())
    }

    async fn chain_id(&self) -> Result<u64, PlatformError> {
        self.called("chain_id").map(|_| 31_337)
    }

    async fn head(&self) -> Result<ChainBlock, PlatformError> {
        let state = self.called("head")?;
        Ok(state.block(state.head()))
    }

    async fn balance(&self, _account: ChainAddress) -> Result<Amount, PlatformError> {
        self.called("balance").map(|_| Amount(10_000_000_000_000_000_000_000))
    }

    async fn nonce_of(&self, account: ChainAddress) -> Result<u64, PlatformError> {
        self.called("nonce_of").map(|state| state.nonce(account))
    }

    async fn transaction_count(&self, contract: ChainAddress) -> Result<u64, PlatformError> {
        self.called("transaction_count").map(|state| state.contract(contract).transaction_count)
    }

    async fn checkout(&self, contract: ChainAddress, known: Option<&ChainList>) -> Result<Checkout, PlatformError> {
        let state = self.called("checkout")?;
        if let Some(error) = &state.not_read {
            return Err(error.clone());
        }
        let (contract, block) = state.read(contract);
        let fingerprint = (!state.is_plain).then_some(Fingerprint(contract.digest));
        let is_same = |known: &ChainList| {
            known.fingerprint == fingerprint && known.transaction_count == contract.transaction_count
        };
        if known.is_some_and(is_same) {
            return Ok(Checkout::Unchanged);
        }
        let policies = contract.policies.into_iter().map(|(id, text)| ChainPolicy { id, text }).collect();
        Ok(Checkout::Changed(ChainList {
            transaction_count: contract.transaction_count,
            block,
            fingerprint,
            policies: Arc::new(policies),
            read_at: Instant::now(),
        }))
    }

    async fn find(&self, contract: ChainAddress, id: &str) -> Result<Option<String>, PlatformError> {
        self.called("find").map(|state| state.read(contract).0.policies.get(id).cloned())
    }

    async fn sign(
        &self,
        account: &ChainAccount,
        address: ChainAddress,
        change: &ChainChange,
    ) -> Result<SignedTransaction, PlatformError> {
        let state = self.called("sign")?;
        if let Some(error) = state.not_signed.get(change.id()) {
            return Err(error.clone());
        }
        let refused = |refusal| PlatformError::Refused { change: change.to_string(), refusal };
        if let Some(refusal) = state.refused.get(change.id()) {
            return Err(refused(refusal.clone()));
        }
        let mut contract = state.contract(address);
        let there = state.waiting.iter().filter(|entry| entry.contract == address);
        for waiting in there.filter_map(|entry| entry.change.as_ref()) {
            let _ = contract.make(waiting);
        }
        contract.make(change).map_err(refused)?;
        Ok(signed(account.address, state.next_nonce(account.address), address, Some(change)))
    }

    async fn sign_again(
        &self,
        account: &ChainAccount,
        contract: ChainAddress,
        change: &ChainChange,
        waiting: &SignedTransaction,
    ) -> Result<SignedTransaction, PlatformError> {
        self.called("sign_again").map(|_| signed(account.address, waiting.nonce, contract, Some(change)))
    }

    async fn sign_contract(&self, account: &ChainAccount) -> Result<Deployed, PlatformError> {
        let state = self.called("sign_contract")?;
        let transaction = signed(account.address, state.next_nonce(account.address), CONTRACT, None);
        Ok(Deployed { contract: CONTRACT, transaction })
    }

    async fn send(&self, transaction: &SignedTransaction) -> Result<(), PlatformError> {
        let mut state = self.called("send")?;
        state.sent.push(transaction.hash);
        let id = order_of(&transaction.raw).1.map(|change| change.id().to_owned());
        if let Some(error) = id.and_then(|id| state.not_taken.get(&id).cloned()) {
            return Err(error);
        }
        let taken = state.take(transaction);
        if state.loses_answers { Err(away()) } else { taken }
    }

    async fn outcome(&self, hash: &Fingerprint) -> Result<TransactionOutcome, PlatformError> {
        let state = self.called("outcome")?;
        if state.waiting.iter().any(|entry| entry.transaction.hash == *hash) {
            return Ok(TransactionOutcome::Pending);
        }
        let found = state.entries().find(|(_, entry)| entry.transaction.hash == *hash);
        Ok(found.map_or(TransactionOutcome::Unknown, |(number, entry)| {
            let mined = Mined { block: state.block(number), confirmations: state.head() - number + 1 };
            match entry.refusal.clone() {
                None => TransactionOutcome::Mined(mined),
                Some(refusal) => TransactionOutcome::Reverted { mined, refusal },
            }
        }))
    }
}
