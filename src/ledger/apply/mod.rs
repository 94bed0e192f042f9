//! Policies as code: what it takes to make the ledger what somebody wrote down.
//!
//! [`matching`] finds the policy of the ledger that is meant, [`difference`] says what differs attribute by attribute, and
//! [`plan`] puts the steps together; [`written`] reads the texts that hold the policies. All of it is pure: a view and the desired policies go in, a plan comes out. Whether what
//! the plan was made from still holds is looked at again by the writer.

pub mod completed;
pub mod difference;
pub mod matching;
pub mod plan;
pub mod written;
