//! What each check looks at. None of them asks anybody: what the rooms know already is read.

use super::{
    disk_look::DiskState,
    report::{CheckName, CheckStatus},
};
use crate::{
    node::{LEDGER_DBMS, Listening, Node, SyncStatus, members::MemberState},
    runtime::{clock, limits},
};
use std::time::Duration;

/// A status with its sentence.
type Finding = (CheckStatus, String);

/// Members that a sentence names.
const NAMED: usize = 5;

fn pass(detail: impl Into<String>) -> Finding {
    (CheckStatus::Pass, detail.into())
}

fn degraded(detail: impl Into<String>) -> Finding {
    (CheckStatus::Degraded, detail.into())
}

/// Names the first of some members, each with what is to be said of it; nothing when there are none.
fn named<T>(members: &[(String, T)], about: impl Fn(&T) -> String) -> Option<String> {
    let names: Vec<String> =
        members.iter().take(NAMED).map(|(address, what)| format!("{address} {}", about(what))).collect();
    let more = members.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| names.join(", ") + &more)
}

impl Node {
    /// Looks at one thing; nothing where it does not apply.
    pub(super) fn look(&self, name: CheckName) -> Option<Finding> {
        Some(match name {
            CheckName::Shutdown => self.shutdown_check(),
            CheckName::Boot => self.boot_check(),
            CheckName::Database => self.database_check(),
            CheckName::Writer => self.writer_check(),
            CheckName::TcpListener => self.listener_check("TCP", self.services.peers.status()),
            CheckName::RestListener => self.listener_check("REST", self.services.rest.status()),
            CheckName::Ledger => self.ledger_check(),
            CheckName::Sync => self.sync_check(),
            CheckName::Relay => return self.relay_check(),
            CheckName::Members => self.members_check(),
            CheckName::Disk => self.disk_check(),
            CheckName::Certificate => return self.certificate_check(),
            CheckName::Backup => return self.backup_check(),
        })
    }

    /// What is not there: while the boot runs it may still come.
    fn missing(&self, detail: impl Into<String>) -> Finding {
        let status = if self.readiness.has_booted() { CheckStatus::Fail } else { CheckStatus::Starting };
        (status, detail.into())
    }

    fn shutdown_check(&self) -> Finding {
        if self.readiness.is_leaving() || self.shutdown.token().is_cancelled() {
            return (CheckStatus::Fail, "the node is stopping".to_owned());
        }
        pass("the node runs")
    }

    fn boot_check(&self) -> Finding {
        if self.readiness.has_booted() {
            return pass("every step is done");
        }
        let running = self.boot.steps().into_iter().rev().find(|step| step.outcome.is_none());
        let step = running.map(|step| format!(": step '{}' runs", step.name)).unwrap_or_default();
        (CheckStatus::Starting, format!("the boot has not finished{step}"))
    }

    fn database_check(&self) -> Finding {
        if !self.ledger.is_attached() {
            return self.missing("the ledger is not loaded");
        }
        if let Some(reason) = self.ledger.silence() {
            return self.readonly(format!("the database of the ledger does not answer: {reason}"));
        }
        if !self.ledger.takes_changes() {
            let reason = self.ledger.refusal().map(|reason| format!(": {reason}")).unwrap_or_default();
            return self.readonly(format!("the database of the ledger takes no changes{reason}"));
        }
        if !self.ledger.has_table() {
            return degraded("the ledger table does not exist; use 'create table ledger where dbms = blockchain'");
        }
        let engine = self.databases.get(LEDGER_DBMS).map_or("the database", |database| database.engine().name());
        pass(format!("{engine} answers and takes changes"))
    }

    /// The ledger can be read and not changed: the operator says whether such a node is to be given work.
    fn readonly(&self, detail: String) -> Finding {
        if self.config.startup.ready_when_readonly {
            return degraded(detail + "; reading goes on from memory");
        }
        (CheckStatus::Fail, detail)
    }

    fn writer_check(&self) -> Finding {
        if self.ledger.has_ended() && !self.shutdown.token().is_cancelled() {
            return (CheckStatus::Fail, "the writer of the ledger has ended: restart the node".to_owned());
        }
        match self.ledger.waiting() {
            (waiting, most) if waiting > most / 2 => {
                degraded(format!("{waiting} changes wait for the database, at most {most} may"))
            }
            (0, _) => pass("no change waits"),
            (waiting, _) => pass(format!("{waiting} changes wait")),
        }
    }

    fn listener_check(&self, server: &str, listening: Option<Listening>) -> Finding {
        match listening {
            None => self.missing(format!("the {server} server does not listen")),
            Some(listening) => {
                pass(format!("listens on {}, {} connections are open", listening.bound, listening.connections))
            }
        }
    }

    fn ledger_check(&self) -> Finding {
        let concerns = self.ledger_concerns();
        if concerns.is_empty() {
            pass(format!("{} policies", self.ledger.view().len()))
        } else {
            degraded(concerns.join("; "))
        }
    }

    fn sync_check(&self) -> Finding {
        let Some(status) = self.services.synchronizer.status() else {
            return if self.readiness.has_booted() {
                degraded("the synchroniser does not run; use 'run blockchain sync where source = master'")
            } else {
                pass("the synchroniser does not run yet")
            };
        };
        let age = status.since_success.map(|age| format!("the last good round was {} s ago", age.as_secs()));
        let age = age.unwrap_or_else(|| "no round was good yet".to_owned());
        if is_late(&status) {
            degraded(format!("{age}, {} rounds failed: see 'get error log'", status.errors))
        } else {
            pass(age)
        }
    }

    /// A relay whose platform is away holds nobody up: members go on, and the changes wait.
    fn relay_check(&self) -> Option<Finding> {
        let status = self.services.relay.status().filter(|status| status.is_on)?;
        let platform = status.options.platform;
        let waiting = status.outbox.waiting;
        if let Some(trouble) = &status.trouble {
            let since = trouble.since;
            let text = &trouble.text;
            return Some(degraded(format!("{waiting} changes wait for {platform} since {since:.0}: {text}")));
        }
        let age = status.outbox.oldest.as_deref().and_then(|time| time.parse().ok());
        let age = age.map(|since: jiff::Timestamp| clock::now().duration_since(since));
        let late = age.and_then(|age| Duration::try_from(age).ok()).filter(|age| *age > limits::RELAY_LATE);
        Some(match late {
            Some(age) => degraded(format!(
                "{waiting} changes wait for {platform}, the oldest for {} s: see 'get relay where format = json'",
                age.as_secs()
            )),
            None => pass(format!("{waiting} changes wait for {platform}")),
        })
    }

    fn members_check(&self) -> Finding {
        let survey = self.survey_members();
        let (all, silent) = (survey.all(), survey.count(MemberState::Silent));
        let minutes = limits::MEMBER_SILENT.as_secs() / 60;
        let quiet = named(&survey.silent, |last| format!("since {last:.0}")).map(|names| {
            format!("{silent} of {all} members have not asked for the ledger for {minutes} minutes: {names}")
        });
        let lost = named(&survey.unreachable, |reason| format!("({reason})"))
            .map(|names| format!("what members are sent does not arrive: {names}"));
        let refused = named(&survey.refused, |reason| format!("({reason})"))
            .map(|names| format!("the ledger refused the policies of nodes, which stay out: {names}"));
        let concerns: Vec<String> = [quiet, lost, refused].into_iter().flatten().collect();
        if concerns.is_empty() {
            return pass(format!("{all} members ask for the ledger"));
        }
        degraded(concerns.join("; "))
    }

    fn disk_check(&self) -> Finding {
        match self.health.disk() {
            DiskState::Unknown => pass("the disk was not looked at yet"),
            DiskState::Silent(since) => degraded(format!(
                "the disk that holds ANYLOG_PATH has not answered since {since:.0}: look at it, or at the server that shares it"
            )),
            DiskState::Refuses(reason) => {
                degraded(format!("the disk that holds ANYLOG_PATH refuses to say how much room it has: {reason}"))
            }
            DiskState::Answers(space) if space.free < limits::DISK_LOW => degraded(format!(
                "the disk that holds ANYLOG_PATH has {} MB left: free space, or the local copy cannot be written",
                space.free >> 20
            )),
            DiskState::Answers(space) => {
                pass(format!("the disk that holds ANYLOG_PATH has {} MB left", space.free >> 20))
            }
        }
    }

    fn certificate_check(&self) -> Option<Finding> {
        let until = self.services.rest.certificate_until()?;
        let left = until.duration_since(clock::now());
        let days = left.as_hours() / 24;
        Some(match Duration::try_from(left) {
            Err(_) => degraded(format!("the certificate of the REST server ended at {until:.0}: clients refuse it")),
            Ok(left) if left < limits::CERTIFICATE_SOON => {
                degraded(format!("the certificate of the REST server ends in {days} days, at {until:.0}"))
            }
            Ok(_) => pass(format!("the certificate of the REST server is valid until {until:.0}")),
        })
    }

    /// Backups of the schedule that fail hold nobody up, and an operator has to know.
    fn backup_check(&self) -> Option<Finding> {
        let status = self.services.backups.status()?;
        let last =
            status.last.map_or_else(|| "there is none yet".to_owned(), |last| format!("the last is of {last:.0}"));
        if let Some(trouble) = &status.trouble {
            return Some(degraded(format!("no backup is written: {trouble}; {last}")));
        }
        let late = Duration::try_from(clock::now().duration_since(status.due)).unwrap_or_default();
        if late > limits::BACKUP_LATE {
            return Some(degraded(format!("a backup was due at {:.0} and is not written; {last}", status.due)));
        }
        Some(pass(format!("{last}; the next backup is due at {:.0}", status.due)))
    }
}

/// Tells whether the last round failed, or the last good one is older than the next ones should have been.
fn is_late(status: &SyncStatus) -> bool {
    let patience = status.options.every.saturating_mul(3).max(limits::SYNC_LATE);
    status.is_failing || status.since_success.unwrap_or(status.since_start) > patience
}
