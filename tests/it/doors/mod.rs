//! Who may do what at the doors of the node, and how much of it: attacks that must fail, and what they must not touch.

mod admission;
mod queries;
mod return_addresses;
