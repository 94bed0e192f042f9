//! Why a member does not join: what the node says by itself, and what it says when it is asked.

mod doctor;
mod recognised;
mod start;
