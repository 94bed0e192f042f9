//! The `anylog-master` program: see [`anylog_master::cli`].

fn main() {}
