//! The relay between the ledger of this master and a contract (reference/ledger 12.4).
//!
//! The table stays the truth for members. Every change that the writer commits while the relay is on has a row in the outbox, in
//! the same transaction; [`sender`] takes the rows in order: it signs, keeps the signed transaction in the row, sends it, and
//! looks what became of it. After a crash the kept bytes are sent again, which the chain takes once; a row is signed anew only when
//! somebody else used its number. [`settling`] watches mined rows until nobody expects the chain to be re-organised. What others
//! changed in the contract comes into the table by [`pull`]; [`merge`] decides which side counts. What is known is about one contract:
//! [`noted_contract`] begins anew with another, and [`contract_counts`] finds one that cannot be it. [`service`] is the loop, of one
//! master at a time, and [`watch`] looks after rounds that take long.

mod context;
mod contract_counts;
mod error;
mod merge;
mod mined;
mod noted_contract;
mod off;
mod pull;
mod reader;
mod refused;
mod sender;
mod service;
mod settling;
mod tally;
mod told;
mod turn_rule;
mod watch;

pub use service::RelayService;
