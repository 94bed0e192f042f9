//! The members' book: which nodes ask this master for the ledger, what each of them was sent, and what went wrong.
//!
//! The address that a member announces names it. What it holds is known only from deliveries of this run: a member that was
//! restarted, or this node, begins anew.

mod book;
mod book_file;
mod keeper;
mod kept;
mod member;
mod members;
mod survey;
mod version;

pub use keeper::keep;
pub use member::{Compression, Delivered, LedgerRequest, Member, MemberFailure, MemberState};
pub use members::{DeliveryTotals, Members};
pub use survey::MemberSurvey;
pub use version::{HeldVersion, Lag, LedgerVersion};
