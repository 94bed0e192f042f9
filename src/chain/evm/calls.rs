//! The calls of JSON-RPC that the client makes.

use super::quantity;
use crate::node::platforms::{ChainAddress, Fingerprint};
use serde_json::{Value, json};

/// Where a read looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The newest block.
    Latest,
    /// The newest block with the transactions that wait.
    Pending,
    /// A block.
    Block(u64),
}

impl At {
    fn value(self) -> Value {
        match self {
            Self::Latest => "latest".into(),
            Self::Pending => "pending".into(),
            Self::Block(number) => quantity::of(number).into(),
        }
    }
}

/// One call: a method and its parameters.
#[derive(Clone, Debug)]
pub struct RpcCall {
    /// Name of the method.
    pub method: &'static str,
    /// Its parameters.
    pub params: Value,
}

const fn call(method: &'static str, params: Value) -> RpcCall {
    RpcCall { method, params }
}

/// Name and version of the provider's program.
pub fn client_version() -> RpcCall {
    call("web3_clientVersion", json!([]))
}

/// The id of the chain.
pub fn chain_id() -> RpcCall {
    call("eth_chainId", json!([]))
}

/// A block without its transactions.
pub fn block(at: At) -> RpcCall {
    call("eth_getBlockByNumber", json!([at.value(), false]))
}

/// What an account has.
pub fn balance(account: ChainAddress) -> RpcCall {
    call("eth_getBalance", json!([account.to_string(), "latest"]))
}

/// Transactions of an account: its next nonce.
pub fn nonce(account: ChainAddress, at: At) -> RpcCall {
    call("eth_getTransactionCount", json!([account.to_string(), at.value()]))
}

/// A function of a contract that changes nothing.
pub fn view(contract: ChainAddress, data: &[u8], at: At) -> RpcCall {
    call("eth_call", json!([{ "to": contract.to_string(), "data": quantity::of_bytes(data) }, at.value()]))
}

/// A transaction again, as of a block, without any effect.
pub fn replay(transaction: &Value, at: At) -> RpcCall {
    let part = |name: &str| transaction.get(name).cloned().unwrap_or_default();
    call(
        "eth_call",
        json!([{ "from": part("from"), "to": part("to"), "gas": part("gas"), "data": part("input") }, at.value()]),
    )
}

/// The gas that a transaction will need; without a contract it creates one.
pub fn estimate(from: ChainAddress, to: Option<ChainAddress>, data: &[u8], at: At) -> RpcCall {
    let mut transaction = json!({ "from": from.to_string(), "data": quantity::of_bytes(data) });
    if let (Some(to), Some(parts)) = (to, transaction.as_object_mut()) {
        parts.insert("to".to_owned(), to.to_string().into());
    }
    call("eth_estimateGas", json!([transaction, at.value()]))
}

/// The price of gas on a chain without a base fee.
pub fn gas_price() -> RpcCall {
    call("eth_gasPrice", json!([]))
}

/// What is paid beside the base fee.
pub fn priority_fee() -> RpcCall {
    call("eth_maxPriorityFeePerGas", json!([]))
}

/// Sends a signed transaction.
pub fn send(raw: &[u8]) -> RpcCall {
    call("eth_sendRawTransaction", json!([quantity::of_bytes(raw)]))
}

/// What a transaction did, when it is in a block.
pub fn receipt(hash: &Fingerprint) -> RpcCall {
    call("eth_getTransactionReceipt", json!([hash.to_string()]))
}

/// A transaction that the provider knows.
pub fn transaction(hash: &Fingerprint) -> RpcCall {
    call("eth_getTransactionByHash", json!([hash.to_string()]))
}
