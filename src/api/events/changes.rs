//! What changed at the node since somebody looked: members, boot, health.

use super::event::{ApiEvent, Topic};
use crate::{
    api::node_state::health_document,
    node::{
        Node,
        health::{CheckName, CheckStatus},
        members::{LedgerVersion, MemberState},
    },
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Instant};

/// Members that one event names.
const NAMED: usize = 100;

/// What was seen last.
#[derive(Debug, Default)]
pub struct SeenState {
    members: Option<BTreeMap<String, MemberState>>,
    boot: Option<(usize, Option<String>, bool)>,
    health: Option<Vec<(CheckName, CheckStatus)>>,
}

impl SeenState {
    /// Looks at the node and returns the events of what is not as it was.
    pub fn look(&mut self, node: &Node) -> Vec<ApiEvent> {
        [self.members(node), self.boot(node), self.health(node)].into_iter().flatten().collect()
    }

    fn members(&mut self, node: &Node) -> Option<ApiEvent> {
        let (current, now): (LedgerVersion, _) = (node.ledger_version(), Instant::now());
        let states: BTreeMap<String, MemberState> = node
            .members
            .look(|members| members.map(|member| (member.address.to_string(), member.state(now, &current))).collect());
        let before = self.members.replace(states);
        let states = self.members.as_ref()?;
        if before.as_ref() == Some(states) {
            return None;
        }
        let before = before.unwrap_or_default();
        let came = states.iter().filter(|(address, state)| before.get(*address) != Some(*state));
        let came = came.map(|(address, state)| json!({"address": address, "state": state.as_str()}));
        let left = before.keys().filter(|address| !states.contains_key(*address));
        let left = left.map(|address| json!({"address": address, "state": null}));
        let changed: Vec<Value> = came.chain(left).take(NAMED).collect();
        let count = |state: MemberState| states.values().filter(|own| **own == state).count();
        let counts: Map<String, Value> =
            MemberState::ALL.into_iter().map(|state| (state.as_str().to_owned(), count(state).into())).collect();
        let event = json!({"members": states.len(), "states": counts, "changed": changed});
        Some(ApiEvent::of_state(Topic::Members, &event))
    }

    fn boot(&mut self, node: &Node) -> Option<ApiEvent> {
        let steps = node.boot.steps();
        let last = steps.last();
        let now = (steps.len(), last.and_then(|step| step.outcome.clone()), node.readiness.has_booted());
        if self.boot.as_ref() == Some(&now) {
            return None;
        }
        let event = json!({
            "steps": now.0,
            "step": last.map(|step| step.name),
            "outcome": now.1,
            "finished": now.2,
        });
        self.boot = Some(now);
        Some(ApiEvent::of_state(Topic::Boot, &event))
    }

    fn health(&mut self, node: &Node) -> Option<ApiEvent> {
        let report = node.health_report();
        let now: Vec<_> = report.checks.iter().map(|check| (check.name, check.status)).collect();
        if self.health.as_ref() == Some(&now) {
            return None;
        }
        self.health = Some(now);
        Some(ApiEvent::of_state(Topic::Health, &health_document(&report)))
    }
}
