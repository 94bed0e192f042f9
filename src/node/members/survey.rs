//! How far the members are behind the ledger, one by one and all together.

use super::{
    member::{Member, MemberFailure, MemberState},
    version::{Lag, LedgerVersion},
};
use crate::{
    ledger::View,
    node::{Node, NodePolicy},
    runtime::{clock, limits},
};
use jiff::Timestamp;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// All members together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberSurvey {
    /// How many members there are in each state, in the order of [`MemberState::ALL`].
    pub counts: [usize; MemberState::ALL.len()],
    /// Those that stopped asking, and when they asked last.
    pub silent: Vec<(String, Timestamp)>,
    /// Those that several deliveries in a row did not reach, with the last reason.
    pub unreachable: Vec<(String, String)>,
    /// Those whose own policy the ledger refused, with the reason.
    pub refused: Vec<(String, String)>,
    /// The longest time for which one that asks has lacked something.
    pub longest_lag: Duration,
}

impl MemberSurvey {
    /// Returns how many members are in a state.
    #[must_use]
    pub fn count(&self, state: MemberState) -> usize {
        MemberState::ALL.iter().zip(self.counts).find(|(one, _)| **one == state).map_or(0, |(_, count)| count)
    }

    /// Returns how many members there are.
    #[must_use]
    pub fn all(&self) -> usize {
        self.counts.iter().sum()
    }

    fn add(&mut self, member: &Member, state: MemberState, lag: Option<Duration>) {
        if let Some((_, count)) = MemberState::ALL.iter().zip(&mut self.counts).find(|(one, _)| **one == state) {
            *count += 1;
        }
        if state == MemberState::Silent {
            self.silent.push((member.address.to_string(), member.last_seen));
        } else if member.failures >= limits::MEMBER_FAILURES {
            self.unreachable.extend(member.last_error.as_ref().map(|error| reason(member, error)));
        }
        self.longest_lag = self.longest_lag.max(lag.filter(|_| state != MemberState::Silent).unwrap_or_default());
    }
}

fn reason(member: &Member, failure: &MemberFailure) -> (String, String) {
    (member.address.to_string(), failure.reason.clone())
}

impl Node {
    /// Returns the version of the ledger that members would hold now.
    #[must_use]
    pub fn ledger_version(&self) -> LedgerVersion {
        let (generation, export) = (self.ledger.view().generation(), self.ledger.built_export());
        LedgerVersion { generation, md5: export.map(|export| export.md5.clone()) }
    }

    /// Returns how far a member is behind a version; nothing when it is not, or when it is not known what it holds.
    #[must_use]
    pub fn member_lag(&self, member: &Member, current: &LedgerVersion) -> Option<Lag> {
        let held = member.held.as_ref().filter(|held| !current.is_held_as(held))?;
        let since = self.ledger.lacking_since(held.generation)?;
        Some(Lag { changes: current.generation.saturating_sub(held.generation), since })
    }

    /// Returns the policy of the node that a member is, by the address that it announces.
    #[must_use]
    pub fn policy_of_member(&self, view: &View, member: &Member) -> Option<Arc<NodePolicy>> {
        let port = u16::try_from(member.address.port).ok()?;
        self.peer_access.nodes().policy_at(view, &member.address.host, port)
    }

    /// Looks at all members.
    #[must_use]
    pub fn survey_members(&self) -> MemberSurvey {
        let (current, now, time) = (self.ledger_version(), Instant::now(), clock::now());
        let view = self.ledger.view();
        // Whoever has a policy at the address of a refused one is in the network: an operator saw to it, or it is another one.
        let is_in = |member: &Member| self.policy_of_member(&view, member).is_some();
        let mut survey = self.members.look(|members| {
            members.fold(MemberSurvey::default(), |mut survey, member| {
                let lag = self.member_lag(member, &current).map(|lag| lag.time(time));
                survey.add(member, member.state(now, &current), lag);
                let refused = member.refused_policy.as_ref().filter(|_| !is_in(member));
                survey.refused.extend(refused.map(|refused| reason(member, refused)));
                survey
            })
        });
        survey.silent.sort_unstable();
        survey.unreachable.sort_unstable();
        survey.refused.sort_unstable();
        survey
    }
}
