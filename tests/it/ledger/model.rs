//! The ledger against a model of ten lines: random inserts, replacements, drops, restarts and outages, on SQLite with one master and
//! on PostgreSQL with two, each with a local copy of its own. What happens at the same time has to look as if it had happened one
//! after the other, in any order.
//!
//! After each step the rows of the table, read without any master, have to be what some order of the operations makes of those that
//! were there before. An operation whose answer was that the database is away may have happened or not, and no other answer is left
//! open; while the database is there nobody gets that one. Then every master has to show these rows without having read the table
//! anew: on SQLite at once, on PostgreSQL as soon as it has heard of what the other one did. At the end of a case each master reads
//! the table anew, shows the same as before, and exports the same bytes as before and as the others.
//!
//! An outage is a server of PostgreSQL that is killed among the operations, and for SQLite another program that writes into the file
//! for longer than the node waits. Nothing here ends a master without its leave (`crash` does), and the local copies stay empty
//! (`faults::every_nth` has stories with them).
//!
//! The seed of a failure is kept in `tests/proptest-regressions` and runs again first. `PROPTEST_CASES` sets how many cases there are.

use super::{Node, Place};
use anylog_master::{
    ledger::{Author, Change, Error, OnDuplicate, PolicyCheck, PolicyInsert},
    policy::Policy,
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

/// Longest time until a master has its database again, or has heard of what another one did.
const PATIENCE: Duration = Duration::from_secs(20);
/// Ids that a case uses: few, so that operations meet.
const IDS: u8 = 5;
/// What somebody asks for while the database is away: nobody can know what comes of it, because no other operation has its id.
const AWAY: (usize, Operation) = (0, Operation::Insert(IDS, 0));
/// Reads the ids and texts of the table.
const ROWS: &str = "SELECT policy_id, policy FROM ledger";

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Insert(u8, u8),
    Replace(u8, u8),
    /// Both, or the first alone when the second is not there.
    Drop(u8, u8),
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Duplicate,
    Missing,
    /// The database went away: it may have happened or not.
    Unknown,
}

/// The ledger as everybody understands it: values by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Model(BTreeMap<u8, u8>);

impl Model {
    fn make(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::Insert(id, _) if self.0.contains_key(&id) => return Outcome::Duplicate,
            Operation::Replace(id, _) if !self.0.contains_key(&id) => return Outcome::Missing,
            Operation::Insert(id, value) | Operation::Replace(id, value) => {
                self.0.insert(id, value);
            }
            Operation::Drop(first, second) => {
                if self.0.remove(&first).is_none() || self.0.remove(&second).is_none() {
                    return Outcome::Missing;
                }
            }
        }
        Outcome::Done
    }

    /// Collects what the ledger may be after operations in any order that explains what came of them.
    fn after(&self, operations: &[(Operation, Outcome)], found: &mut HashSet<Self>) {
        if operations.is_empty() {
            found.insert(self.clone());
        }
        for place in 0..operations.len() {
            let mut rest = operations.to_vec();
            let (operation, outcome) = rest.remove(place);
            let mut next = self.clone();
            let made = next.make(operation);
            if outcome == Outcome::Unknown {
                self.after(&rest, found);
            }
            if outcome == Outcome::Unknown || outcome == made {
                next.after(&rest, found);
            }
        }
    }
}

/// One step of a case; numbers choose the master.
#[derive(Clone, Debug)]
enum Step {
    /// Operations at the same time.
    Together(Vec<(usize, Operation)>),
    /// The same, while the database goes away and comes back.
    Crash(Vec<(usize, Operation)>),
    /// A master ends and starts again.
    Restart(usize),
}

fn operation() -> impl Strategy<Value = Operation> {
    let id = || 0..IDS;
    prop_oneof![
        3 => (id(), any::<u8>()).prop_map(|(id, value)| Operation::Insert(id, value)),
        2 => (id(), any::<u8>()).prop_map(|(id, value)| Operation::Replace(id, value)),
        2 => (id(), id()).prop_map(|(first, second)| Operation::Drop(first, second)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let operations = || prop::collection::vec((0..2_usize, operation()), 1..5);
    prop_oneof![
        20 => operations().prop_map(Step::Together),
        1 => operations().prop_map(Step::Crash),
        1 => (0..2_usize).prop_map(Step::Restart),
    ]
}

/// Where a case runs.
struct Bench {
    place: Place,
    masters: Vec<Node>,
}

impl Bench {
    async fn start(place: Place) -> Self {
        let count = if matches!(place, Place::Postgres(..)) { 2 } else { 1 };
        let mut masters = Vec::new();
        for number in 0..count {
            masters.push(Self::master(&place, number).await);
        }
        Self { place, masters }
    }

    /// Starts a master of a number, which has its local copy where no other master has one.
    async fn master(place: &Place, number: usize) -> Node {
        let node = Node::alone();
        node.ledger.open_file(place.directory().join(format!("blockchain-{number}.json"))).await.unwrap();
        node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        node
    }

    async fn make(&self, master: usize, operation: Operation) -> Outcome {
        let (host, check) = ("10.0.0.1".to_owned(), PolicyCheck::Structure);
        let change = match operation {
            Operation::Insert(id, value) => {
                let (policy, on_duplicate) = (policy(id, value), OnDuplicate::Refuse);
                Change::Insert(PolicyInsert { policy, host, on_duplicate, check })
            }
            Operation::Replace(id, value) => {
                Change::Replace { id: id.to_string(), policy: policy(id, value), host, check }
            }
            Operation::Drop(first, second) => Change::Drop { ids: vec![first.to_string(), second.to_string()] },
        };
        let master = &self.masters[master % self.masters.len()];
        match master.ledger.write(change, Author::new("model")).await {
            Ok(_) => Outcome::Done,
            Err(Error::Duplicate { .. }) => Outcome::Duplicate,
            Err(Error::Missing(_)) => Outcome::Missing,
            Err(Error::Unavailable(_)) => Outcome::Unknown,
            Err(other) => panic!("{operation:?}: {other}"),
        }
    }

    async fn together(&self, operations: &[(usize, Operation)]) -> Vec<(Operation, Outcome)> {
        let all = operations
            .iter()
            .map(|(master, operation)| async move { (*operation, self.make(*master, *operation).await) });
        futures_util::future::join_all(all).await
    }

    /// Does a step and returns what came of its operations.
    async fn step(&mut self, step: &Step) -> Vec<(Operation, Outcome)> {
        match (step, &self.place) {
            (Step::Together(operations), _) => {
                let done = self.together(operations).await;
                let is_known = |(_, outcome): &(Operation, Outcome)| *outcome != Outcome::Unknown;
                assert!(done.iter().all(is_known), "the database is there: {done:?}");
                done
            }
            (Step::Crash(operations), Place::Postgres(server, _)) => {
                let crash = async { tokio::task::block_in_place(|| server.stop()) };
                let (mut done, ()) = tokio::join!(self.together(operations), crash);
                let away = self.together(&[AWAY]).await;
                assert_eq!(away[0].1, Outcome::Unknown, "the database is away");
                done.extend(away);
                tokio::task::block_in_place(|| server.run_start(""));
                for master in &self.masters {
                    is_back(master).await;
                }
                done
            }
            (Step::Crash(operations), Place::Sqlite(_)) => {
                let other = self.file();
                other.execute_batch("BEGIN IMMEDIATE").unwrap();
                let done = self.together(&[operations.as_slice(), &[AWAY]].concat()).await;
                other.execute_batch("ROLLBACK").unwrap();
                assert_eq!(done.last().unwrap().1, Outcome::Unknown, "the database is away");
                done
            }
            (Step::Restart(master), _) => {
                let master = master % self.masters.len();
                self.masters.remove(master).stop().await;
                self.masters.insert(master, Self::master(&self.place, master).await);
                Vec::new()
            }
        }
    }

    /// Opens the file of SQLite beside its master.
    fn file(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.place.directory().join("blockchain.dbms")).unwrap()
    }

    /// Returns what the table holds, without asking a master.
    fn table(&self) -> Model {
        if let Place::Postgres(server, _) = &self.place {
            let rows = tokio::task::block_in_place(|| server.ask("blockchain", ROWS));
            let row = |row: &str| row.split_once('|').map(|(id, text)| value(id, text)).unwrap();
            return Model(rows.lines().map(row).collect());
        }
        let file = self.file();
        let mut statement = file.prepare(ROWS).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        Model(rows.map(Result::unwrap).map(|(id, text)| value(&id, &text)).collect())
    }

    /// Sees that every master shows what the table holds, and has not read the table anew for that.
    async fn show(&self, table: &Model) -> Result<(), TestCaseError> {
        let begin = Instant::now();
        for (number, master) in self.masters.iter().enumerate() {
            while shown(master) != *table {
                let may_hear = self.masters.len() > 1 && begin.elapsed() < PATIENCE;
                prop_assert!(may_hear, "master {number} shows {:?}, the table holds {table:?}", shown(master));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(())
    }
}

/// Returns what a master shows.
fn shown(master: &Node) -> Model {
    Model(master.ledger.view().iter().map(|entry| value(&entry.id, &entry.text)).collect())
}

/// Waits until a master has its database again.
async fn is_back(master: &Node) {
    let begin = Instant::now();
    while let Err(error) = master.ledger.catch_up().await {
        assert!(begin.elapsed() < PATIENCE, "the database does not come back: {error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn policy(id: u8, value: u8) -> Policy {
    let text = format!(
        r#"{{"device": {{"name": "d{id}", "value": {value}, "id": "{id}", "date": "2026-01-01T00:00:00.000000Z"}}}}"#
    );
    Policy::parse(&text).unwrap()
}

fn value(id: &str, text: &str) -> (u8, u8) {
    let text: serde_json::Value = serde_json::from_str(text).unwrap();
    (id.parse().unwrap(), u8::try_from(text["device"]["value"].as_u64().unwrap()).unwrap())
}

/// Runs a case; the error says at which step the ledger was something that nothing explains.
async fn run(place: Place, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut bench, mut model) = (Bench::start(place).await, Model::default());
    for step in steps {
        let (done, table) = (bench.step(step).await, bench.table());
        let mut possible = HashSet::new();
        model.after(&done, &mut possible);
        prop_assert!(possible.contains(&table), "{step:?}: {done:?} made {table:?} of {model:?}");
        bench.show(&table).await?;
        model = table;
    }
    let mut exports = Vec::new();
    for master in bench.masters {
        exports.push(master.exported().await);
        master.ledger.reload().await.unwrap();
        prop_assert_eq!(&shown(&master), &model, "the table was read anew");
        exports.push(master.exported().await);
        master.stop().await;
    }
    prop_assert!(exports.iter().all(|export| *export == exports[0]), "the masters export different ledgers");
    Ok(())
}

fn on(place: Place, steps: &[Step]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(place, steps))
}

/// Returns how many cases there are: as many as the environment says, or so many.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(24), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_is_the_model(steps in prop::collection::vec(step(), 1..30)) {
        on(Place::sqlite(), &steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(6), max_shrink_iters: 50, ..ProptestConfig::default() })]

    #[test]
    fn two_masters_on_postgres_are_the_model(steps in prop::collection::vec(step(), 1..30)) {
        on(Place::postgres(), &steps)?;
    }
}

/// A case with two outages: random ones may have none.
fn with_outages() -> [Step; 6] {
    use Operation::{Drop, Insert, Replace};
    [
        Step::Together(vec![(0, Insert(0, 1)), (1, Insert(1, 1)), (0, Insert(0, 2))]),
        Step::Crash(vec![(1, Replace(0, 3)), (0, Drop(1, 2)), (1, Insert(2, 4))]),
        Step::Together(vec![(1, Insert(3, 1)), (0, Replace(0, 5))]),
        Step::Restart(1),
        Step::Crash(vec![(0, Insert(4, 1)), (1, Drop(3, 0))]),
        Step::Together(vec![(1, Drop(0, 3)), (0, Insert(1, 6))]),
    ]
}

#[test]
fn outages_of_sqlite_are_explained() {
    on(Place::sqlite(), &with_outages()).unwrap();
}

#[test]
fn outages_of_postgres_are_explained_on_two_masters() {
    on(Place::postgres(), &with_outages()).unwrap();
}

#[test]
fn what_nothing_explains_is_found() {
    let mut possible = HashSet::new();
    let both = [(Operation::Insert(1, 1), Outcome::Done), (Operation::Insert(1, 2), Outcome::Done)];
    Model::default().after(&both, &mut possible);
    assert!(possible.is_empty(), "one of two inserts of an id is a duplicate");
    let lost = [(Operation::Insert(1, 1), Outcome::Done), (Operation::Drop(1, 1), Outcome::Unknown)];
    Model::default().after(&lost, &mut possible);
    assert_eq!(possible, HashSet::from([Model::default(), Model(BTreeMap::from([(1, 1)]))]));
}
