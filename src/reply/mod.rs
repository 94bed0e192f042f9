//! What a command answers: data that every edge renders in its own way, or an error with its code.

mod answers;
mod checklist;
mod code;
mod error;
mod help;
mod lines;
mod notice;
mod policy_plan;
#[expect(clippy::module_inception, reason = "the file is named after its one public noun")]
mod reply;
mod rows;
mod table;
mod thousands;

pub use answers::{PeerAnswer, PeerContent};
pub use checklist::{Checklist, ChecklistItem, ItemState};
pub use code::Code;
pub use error::{Cause, Error, ErrorKind};
pub use help::{HelpAnswer, HelpPage, Links};
pub use lines::{Breaks, Lines, Pairs, PairsLayout};
pub use notice::{Notice, TracedLine};
pub use policy_plan::{PlanMistake, PlannedAction, PlannedAttribute, PlannedPolicy, PolicyPlan};
pub use reply::{Control, CopyKind, LedgerCopy, OnError, Reply, WrittenJson};
pub use rows::{RowLayout, Rows};
pub use table::{Gap, Table};
pub use thousands::thousands;
