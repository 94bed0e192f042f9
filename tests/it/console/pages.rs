//! What the tests of several views do with a node: open pages, send forms as htmx does, add many policies at once.

use super::{ConsoleNode, csrf};
use crate::rest::client::Reply;
use anylog_master::{
    console::ConsoleSettings,
    ledger::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
    policy::Policy,
};
use futures_util::future::try_join_all;
use serde_json::Value;

impl ConsoleNode {
    /// Starts a node that everybody may read, and change if the console lets them.
    pub(super) async fn everybodys(write: bool) -> Self {
        Self::open(ConsoleSettings { write, ..ConsoleSettings::default() }).await
    }

    /// Asks for a page that has to be there.
    pub(super) async fn page(&self, target: &str) -> String {
        let reply = self.get(target, "").await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        reply.body
    }

    /// Returns the token that changes carry.
    pub(super) async fn csrf(&self) -> String {
        csrf(&self.get("/console", "").await)
    }

    /// Sends a form as htmx does.
    pub(super) async fn part(&self, target: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.csrf().await;
        let lines = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Origin", "http://node"),
            ("HX-Request", "true"),
            ("X-CSRF-Token", token.as_str()),
        ];
        self.send("POST", target, &lines, &super::form(fields)).await
    }

    /// Adds policies; each gets an id of its own.
    pub(super) async fn add(&self, policies: impl IntoIterator<Item = Value>) {
        let writes = (1..).zip(policies).map(|(number, mut policy)| {
            let body = policy.as_object_mut().and_then(|map| map.values_mut().next()).unwrap();
            body["id"] = format!("id{number}").into();
            body["date"] = "2026-01-01T00:00:00.000000Z".into();
            let (policy, check) = (Policy::from_value(policy).unwrap(), PolicyCheck::Nothing);
            let insert = PolicyInsert { policy, host: "test".into(), check, on_duplicate: OnDuplicate::Refuse };
            self.node.ledger.write(Change::Insert(insert), Author::new("test".to_owned()))
        });
        try_join_all(writes).await.unwrap();
    }
}
