//! A console that nobody looks at.

use anylog_master::{
    node::Output,
    reply::{Notice, Reply},
};

/// Shows nothing to nobody.
pub struct Silent;

impl Output for Silent {
    fn show(&self, _reply: &Reply) {}
    fn notice(&self, _notice: &Notice) {}
}
