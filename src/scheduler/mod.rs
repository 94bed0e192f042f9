//! Schedulers 0 to 10: commands that run again and again (reference/command-language 13).

mod schedulers;
mod task;

pub use schedulers::Schedulers;
