//! What the ledger has afterwards, compared with what it acknowledged: the policies that are there, and a line of the history for every
//! change there ever was.

use super::{
    files,
    kind::Work,
    worker::{Tally, Worker},
};
use crate::{
    http::{self, Connection},
    node::Node,
};
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::collections::{HashMap, HashSet};

/// Counts the lines of the history of the policies that workers wrote.
const LINES: &str = "SELECT what, count(*) FROM policy_history WHERE policy_type = 'device' GROUP BY what";

/// What was counted.
#[derive(Debug)]
pub struct Counted {
    tally: Tally,
    held: usize,
    missing: usize,
    more: usize,
    lines: HashMap<String, i64>,
}

impl Counted {
    /// Counts all that a node has.
    pub async fn of(node: &Node, workers: Vec<Worker>) -> Self {
        let (mut tally, mut wanted) = (Tally::default(), HashSet::new());
        for worker in workers {
            let (did, window) = worker.end();
            tally.add(&did);
            wanted.extend(window.all().map(|held| held.state().trim_matches('"').to_owned()));
        }
        let mut connection = Connection::open(node.rest()).await.unwrap();
        let question = http::command("GET", "blockchain get device bring [device][state] separator = ,");
        let answer = connection.ask(&question).await.unwrap();
        let held: HashSet<String> = String::from_utf8_lossy(answer).trim().split(',').map(str::to_owned).collect();
        let (missing, more) = (wanted.difference(&held).count(), held.difference(&wanted).count());
        let lines = lines(node).await.into_iter().collect();
        Self { tally, held: held.len(), missing, more, lines }
    }

    /// Tells whether everything is there, and nothing else.
    pub fn is_whole(&self) -> bool {
        let is_told =
            |work: Work| self.wanted(work).is_none_or(|(least, most)| (least..=most).contains(&self.told(work)));
        self.missing == 0 && self.more == 0 && self.tally.wrong == 0 && Work::ALL.into_iter().all(is_told)
    }

    /// Says what was counted.
    pub fn shown(&self) -> String {
        let lines: Vec<String> = Work::ALL
            .into_iter()
            .filter_map(|work| {
                let (acknowledged, most) = self.wanted(work)?;
                let unanswered = most - acknowledged;
                Some(format!("{} of {acknowledged} {}s (and {unanswered} unanswered)", self.told(work), work.name()))
            })
            .collect();
        let Self { held, missing, more, tally, .. } = self;
        format!(
            "Counted afterwards: {held} policies are there, {missing} are missing, {more} are there that were dropped; {} look-ups showed \
             another policy than the acknowledged one. The history has {}.",
            tally.wrong,
            lines.join(", ")
        )
    }

    /// The least and the most lines of a work that the history may have.
    fn wanted(&self, work: Work) -> Option<(u64, u64)> {
        work.in_history()?;
        let acknowledged = self.tally.acknowledged[work as usize];
        Some((acknowledged, acknowledged + self.tally.unanswered[work as usize]))
    }

    /// The lines of a work that it has.
    fn told(&self, work: Work) -> u64 {
        let lines = work.in_history().and_then(|what| self.lines.get(what)).copied().unwrap_or_default();
        u64::try_from(lines).unwrap()
    }
}

async fn lines(node: &Node) -> Vec<(String, i64)> {
    match node.server() {
        Some(server) => {
            let url = format!("postgres://admin:elpw@127.0.0.1:{}/blockchain", server.port);
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::query_as(LINES).fetch_all(&mut connection).await.unwrap()
        }
        None => {
            let options = SqliteConnectOptions::new().filename(files::sqlite(node)).read_only(true);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query_as(LINES).fetch_all(&mut connection).await.unwrap()
        }
    }
}
