//! Chains behind a master: what implements the port [`crate::node::platforms::Platform`].

mod evm;

pub use evm::EvmMaker;
