//! Everything that is looked at when somebody asks why a node does not join, in one list.

use super::{
    configured::{configured_checks, disk_check, name_checks},
    trouble::JoinTrouble,
};
use crate::{
    node::{
        Listening, Node,
        health::{CheckName, CheckStatus},
    },
    reply::{Checklist, ChecklistItem},
};

impl Node {
    /// Looks at everything that a member needs of this node, and at the members. It takes as long as other nodes take to
    /// answer, at most a few seconds.
    pub async fn join_checklist(&self) -> Checklist {
        self.look_at_the_disk().await;
        let (names, advertised, reachable, ledger_address, database, nodes) = tokio::join!(
            name_checks(&self.config),
            self.advertised_check(),
            self.reachable_check(),
            self.ledger_address_check(),
            self.database_checks(),
            self.node_checks(),
        );
        let mut items = configured_checks(&self.config);
        items.push(listener_check("TCP port", "run tcp server where …", self.services.peers.status()));
        items.push(listener_check("REST port", "run rest server where …", self.services.rest.status()));
        items.extend([advertised, reachable]);
        items.extend(names);
        items.push(ledger_address);
        items.extend(database);
        items.push(disk_check(&self.config.paths.anylog_path, self.health.space_or_reason()));
        items.push(self.asking_check());
        items.extend(nodes);
        items.extend(self.trouble_checks());
        Checklist { items }
    }

    /// Tells which members ask for the ledger, and which of them stopped.
    fn asking_check(&self) -> ChecklistItem {
        let (name, tried) = ("members", "their requests for the ledger since the start were looked at");
        let report = self.health_report().only(CheckName::Members);
        let Some(check) = report.checks.into_iter().next() else {
            return ChecklistItem::not_known(name, tried, "nothing is known of them", "look again in a minute");
        };
        let has_any = self.members.look(|members| members.next().is_some());
        match check.status {
            CheckStatus::Pass if has_any => ChecklistItem::good(name, tried, check.detail),
            CheckStatus::Pass if self.has_kept_out() => ChecklistItem::not_known(
                name,
                tried,
                "whoever asked for the ledger was kept out",
                "see 'sender …' for each of them and what lets it in",
            ),
            CheckStatus::Pass => ChecklistItem::not_known(
                name,
                tried,
                "none has asked for the ledger yet",
                format!("write LEDGER_CONN={} at a member and start it", self.join_address()),
            ),
            CheckStatus::Degraded | CheckStatus::Starting | CheckStatus::Fail => ChecklistItem::wrong(
                name,
                tried,
                check.detail,
                "look whether they run, and at their get synchronizer; drop the policy of a node that is gone",
            ),
        }
    }

    /// Tells whether somebody who asked lately was not let in.
    fn has_kept_out(&self) -> bool {
        self.joining.troubles.recent().iter().any(|noted| matches!(noted.trouble, JoinTrouble::Closed { .. }))
    }

    /// Lists what was recognised lately of members that do not join.
    fn trouble_checks(&self) -> Vec<ChecklistItem> {
        let (name, tried) = ("senders", "what came to the ports in the last minutes was looked at");
        let recent = self.joining.troubles.recent();
        if recent.is_empty() {
            return vec![ChecklistItem::good(name, tried, "nothing wrong came to the ports lately")];
        }
        let items = recent.into_iter().map(|noted| {
            let times = if noted.times == 1 { "once".to_owned() } else { format!("{} times", noted.times) };
            let found = format!("{} ({times}, last at {:.0})", noted.trouble, noted.last);
            let (name, remedy) = (format!("sender {}", noted.sender), noted.trouble.remedy());
            match noted.trouble.is_wrong() {
                true => ChecklistItem::wrong(name, tried, found, remedy),
                false => ChecklistItem::not_known(name, tried, found, remedy),
            }
        });
        items.collect()
    }
}

fn listener_check(name: &str, start: &str, listening: Option<Listening>) -> ChecklistItem {
    let tried = "the server was asked";
    match listening {
        Some(listening) => ChecklistItem::good(name, tried, format!("listens on {}", listening.bound)),
        None => {
            let remedy = format!("{start}; get boot and get error log tell why it does not run");
            ChecklistItem::wrong(name, tried, "nobody listens", remedy)
        }
    }
}
