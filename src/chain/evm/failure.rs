//! What a provider says when it does not do a call.

use super::{abi::Returned, quantity};
use crate::node::platforms::{Amount, PlatformError, Refusal};
use serde_json::Value;

/// The error of an answer of JSON-RPC. Its texts are not standardised, and each program has its own.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcFailure {
    /// The provider's number.
    code: i64,
    /// The provider's text.
    message: String,
    /// What a contract returned in place of its answer.
    data: Option<Vec<u8>>,
}

/// Number of an error that a contract made.
const REVERTED: i64 = 3;
/// Number of "too many calls".
const TOO_MANY: i64 = -32005;
/// First bytes of `Error(string)`, in which contracts put their reasons.
const REASON: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
/// What stands before a contract's reason in the texts of all programs.
const REVERT_WORDS: &str = "execution reverted";
/// Bytes that are kept of a text of a provider or a contract.
const SHOWN: usize = 300;
/// Gas that every chain has in a block: an allowance below it is what an account can pay for, not what a block takes.
const LEAST_BLOCK: u64 = 1_000_000;

impl RpcFailure {
    /// Reads the error of an answer.
    pub fn read(error: &Value) -> Self {
        let data = error.get("data").map(|data| data.get("data").unwrap_or(data));
        Self {
            code: error.get("code").and_then(Value::as_i64).unwrap_or_default(),
            message: error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            data: data.and_then(quantity::bytes),
        }
    }

    /// Returns the contract's reason when it was the contract that refused.
    pub fn refusal(&self) -> Option<Refusal> {
        let of_data = self.data.as_deref().and_then(|data| Returned(data.strip_prefix(&REASON)?).text(0));
        if let Some(reason) = of_data {
            return Some(Refusal::from_reason(&shown(&reason)));
        }
        match self.message.split_once(REVERT_WORDS) {
            Some((_, reason)) => Some(Refusal::from_reason(&shown(reason.trim_start_matches(':')))),
            None if self.code == REVERTED || self.says(&["revert"]) => Some(Refusal::Silent),
            None => None,
        }
    }

    /// Tells whether the same call may be answered later.
    pub fn is_busy(&self) -> bool {
        self.code == TOO_MANY || self.says(&["rate limit", "too many requests", "timeout", "timed out"])
    }

    /// Tells whether the provider has the transaction already.
    pub fn is_known(&self) -> bool {
        self.says(&["already known", "known transaction", "already imported", "alreadyknown"])
    }

    /// Tells whether another transaction has the nonce.
    pub fn is_nonce_taken(&self) -> bool {
        self.says(&["nonce too low", "nonce is too low", "replacement transaction underpriced", "oldnonce"])
    }

    /// Tells whether the fee of the transaction is below what the chain asks now.
    pub fn is_fee_low(&self) -> bool {
        self.says(&["less than block base fee", "transaction underpriced", "fee too low", "feetoolow"])
    }

    /// Tells whether the account cannot pay.
    pub fn is_balance_low(&self) -> bool {
        self.says(&["insufficient funds"])
    }

    /// Tells whether the transaction needs more gas, or has more bytes, than the chain takes of any. A text that may mean an account
    /// without coins, or a contract that refuses, is none of these: who is told that a change is too large undoes it.
    pub fn is_too_large(&self) -> bool {
        let allowance = number_behind(&self.message.to_lowercase(), "allowance");
        let is_other = allowance.is_some_and(|gas| gas < LEAST_BLOCK) || self.says(&["always failing"]);
        !is_other
            && self.says(&[
                "gas required exceeds allowance",
                "block gas limit",
                "gas limit too high",
                ") is greater than the cap (",
                "intrinsic gas too high",
                "out of gas",
                "oversized data",
                "maxtxsizeexceeded",
            ])
    }

    /// Returns what the account has and what the transaction may cost, when the first is less and the provider says both.
    pub fn balance_and_cost(&self) -> Option<(Amount, Amount)> {
        if !self.is_balance_low() {
            return None;
        }
        let message = self.message.to_lowercase();
        let after = |words: &[&str]| {
            let rest = words.iter().find_map(|word| message.split_once(word).map(|(_, rest)| rest.trim_start()))?;
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end)?.parse().ok().map(Amount)
        };
        Some((after(&["have ", "balance "])?, after(&["want ", "tx cost "])?))
    }

    /// Makes the error of a call that no other one fits.
    pub fn rejected(self, method: &'static str) -> PlatformError {
        PlatformError::Rejected { method, code: self.code, message: shown(&self.message) }
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| message.contains(word))
    }
}

/// Returns what is kept of a text that somebody else wrote: its beginning, on one line, as every database and terminal takes it.
fn shown(text: &str) -> String {
    text.get(..text.floor_char_boundary(SHOWN)).unwrap_or_default().replace(char::is_control, " ")
}

/// Returns the number that stands behind a word, whatever signs are between them.
fn number_behind(text: &str, word: &str) -> Option<u64> {
    let (_, rest) = text.split_once(word)?;
    let rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(code: i64, message: &str) -> RpcFailure {
        RpcFailure::read(&json!({ "code": code, "message": message }))
    }

    #[test]
    fn reason_of_the_contract_is_read_from_data_or_text() {
        let data = format!("0x08c379a0{:064x}{:064x}{:0<64}", 32, 24, hex::encode("Policy ID does not exist"));
        let of_data = RpcFailure::read(&json!({ "code": 3, "message": "execution reverted", "data": data }));
        assert_eq!(of_data.refusal(), Some(Refusal::Missing));
        let recorded = failure(-32000, "TransactionFailed: execution reverted: Policy with policy id already exists");
        assert_eq!(recorded.refusal(), Some(Refusal::Exists));
        assert_eq!(failure(3, "execution reverted").refusal(), Some(Refusal::Silent));
        assert_eq!(failure(-32000, "header not found").refusal(), None);
    }

    #[test]
    fn texts_of_others_are_short_and_have_no_control_characters() {
        let reason = format!("paused\0\u{1b}[2J\n{}", "ü".repeat(5_000));
        let length = 32 * reason.len().div_ceil(32) * 2;
        let data = format!("0x08c379a0{:064x}{:064x}{:0<length$}", 32, reason.len(), hex::encode(&reason));
        let of_data = RpcFailure::read(&json!({ "code": 3, "message": "execution reverted", "data": data }));
        for failure in [of_data, failure(3, &format!("execution reverted: {reason}"))] {
            let Some(Refusal::Other(kept)) = failure.refusal() else { panic!("{failure:?}") };
            assert!(
                kept.starts_with("paused  [2J ü") && kept.len() <= SHOWN && !kept.contains(char::is_control),
                "{kept}"
            );
        }
        let rejected = failure(-32000, &reason).rejected("eth_call").to_string();
        assert!(rejected.contains("paused  [2J ü") && rejected.len() < 2 * SHOWN, "{rejected}");
        let known = failure(3, "execution reverted: Policy ID does not exist\0");
        assert_eq!(known.refusal(), Some(Refusal::Missing));
    }

    #[test]
    fn balance_and_cost_are_read_from_the_known_texts() {
        let of = |text| failure(-32000, text).balance_and_cost();
        let expected = Some((Amount(5), Amount(70)));
        assert_eq!(of("insufficient funds for gas * price + value: address 0x1a have 5 want 70"), expected);
        assert_eq!(of("insufficient funds for gas * price + value: balance 5, tx cost 70, overshot 65"), expected);
        assert_eq!(of("Insufficient funds for gas * price + value"), None);
        assert_eq!(of("nonce too low"), None);
    }

    #[test]
    fn kinds_are_told_apart() {
        assert!(failure(-32003, "nonce too low: next nonce 5, tx nonce 3").is_nonce_taken());
        assert!(failure(-32000, "already known").is_known());
        assert!(failure(-32005, "daily limit").is_busy());
        assert!(failure(-32003, "max fee per gas less than block base fee").is_fee_low());
        assert!(failure(-32000, "replacement transaction underpriced").is_nonce_taken());
    }

    #[test]
    fn what_no_block_takes_is_told_from_an_empty_account_and_from_a_refusal() {
        for text in [
            "gas required exceeds allowance (30000000)",
            "Out of gas: gas required exceeds allowance: 30000000",
            "exceeds block gas limit",
            "transaction gas limit too high (cap: 16777216, tx: 20000000)",
            "transaction gas limit (20000000) is greater than the cap (16777216)",
            "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit",
            "oversized data: transaction size 139265, limit 131072",
        ] {
            assert!(failure(-32000, text).is_too_large(), "{text}");
        }
        for text in [
            "gas required exceeds allowance (0)",
            "gas required exceeds allowance (21000)",
            "gas required exceeds allowance (30000000) or always failing transaction",
            "insufficient funds for gas * price + value",
            "execution timeout",
        ] {
            assert!(!failure(-32000, text).is_too_large(), "{text}");
        }
    }
}
