//! What the policies that members publish tell about them: their clock, and their company.

use super::trouble::JoinTrouble;
use crate::{
    node::{NODE_TYPES, Node},
    policy::Policy,
    runtime::clock,
};
use jiff::Timestamp;
use std::net::IpAddr;

/// Characters of a name that are kept.
const NAME: usize = 100;

impl Node {
    /// Looks at a policy that a member sends, as it sent it: whether its date is one of a clock that is right, and whether a
    /// node describes itself as one of another company.
    pub fn look_at_published(&self, sender: IpAddr, announced: &str, policy: &Policy) {
        if let Some(date) = policy.date().and_then(|date| date.parse::<Timestamp>().ok())
            && let Some(seconds) = self.joining.clocks.judge((sender, announced.to_owned()), date, clock::now())
        {
            let known_by = format!("the policies that {announced} publishes have dates of another time ({date:.0})");
            self.note_trouble(sender, JoinTrouble::Clock { seconds, known_by });
        }
        let own = &self.config.identity.company_name;
        if let Some(company) = policy.text("company").filter(|company| !is_same(company, own))
            && NODE_TYPES.contains(&policy.kind())
        {
            let (name, company) = (shortened(policy.text("name").unwrap_or(announced)), shortened(company));
            let own = own.clone();
            self.note_trouble(sender, JoinTrouble::OtherCompany { name, company, own });
        }
    }
}

/// Returns the beginning of a name that somebody else chose.
fn shortened(name: &str) -> String {
    name.chars().take(NAME).collect()
}

/// Compares names of companies as queries do: capitals do not count.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
