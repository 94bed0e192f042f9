//! Chains behind a master: what implements the port [`crate::node::platforms::Platform`].

mod evm;
mod relay;

pub use evm::EvmMaker;
#[cfg(fuzzing)]
pub use evm::fuzzed;
pub use relay::RelayService;
