//! The client of chains with the machine of Ethereum: JSON-RPC over HTTP and HTTPS, and the contract of reference/ledger 12.1.

mod abi;
mod answer_watch;
mod artefact;
mod block;
mod calls;
mod checkout;
mod client;
mod contract;
mod failure;
mod fee;
#[cfg(fuzzing)]
pub mod fuzzed;
mod keystore;
mod maker;
mod nonces;
mod outcome;
mod quantity;
mod rpc;
mod sending;
mod signature;
mod signing;
mod unsigned;

pub use maker::EvmMaker;
