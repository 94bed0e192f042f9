//! Takes note of what keeps a member from joining, and tells it in the log: once, and not each time it tries again.

use super::trouble::JoinTrouble;
use crate::node::Node;
use std::net::IpAddr;

impl Node {
    /// Takes note of a trouble of whoever sent something; the log tells it when it is new, and again after a while.
    pub fn note_trouble(&self, sender: IpAddr, trouble: JoinTrouble) {
        let Some(noted) = self.joining.troubles.note(sender, trouble) else { return };
        let (trouble, times, remedy) = (&noted.trouble, noted.times, noted.trouble.remedy());
        if trouble.is_wrong() {
            tracing::warn!(peer.addr = %noted.sender, times, "{trouble}; {remedy}");
        } else {
            tracing::info!(peer.addr = %noted.sender, times, "{trouble}; {remedy}");
        }
    }
}
