//! What happened to the policies: the lines of the history, and the deletions among them that are remembered.

pub mod action;
pub mod collected;
pub mod mark;
pub mod past_change;
pub mod place;
pub mod row;
pub mod tombstones;
