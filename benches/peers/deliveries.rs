//! Single policies by 64 clients while the local copy, the export and the deliveries to 100 members run.

use crate::{
    contest::{Count, Load, Plan, contest, rounds, warm_up},
    load::{Client, Peer},
    member,
    node::{Door, Ours, Store},
    raw,
    report::{COLUMNS, Report, row},
    soak::ledger_files::LedgerFiles,
    writes,
};
use async_trait::async_trait;
use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

const MEMBERS: u16 = 100;
const CLIENTS: usize = 64;
/// Time between two requests of a member, so that each asks while the node is measured.
const ROUND: Duration = Duration::from_secs(10);

/// Measures both stores. The node with members has no turns with others: what it postpones would run beside them, and members do not
/// stand still. The node without members and the store are measured before, when nobody asks for anything.
pub async fn run(report: &mut Report, plan: Plan) {
    for store in [Store::Sqlite, Store::Postgres] {
        report.section(&format!("Durable inserts, {}, {CLIENTS} clients, beside {MEMBERS} members", store.name()));
        let others: Vec<Box<dyn Peer>> = vec![Box::new(Ours::start(store, Door::Rest)), raw::start(store).await];
        let without = contest(&others, CLIENTS, Load::Closed, plan).await;
        drop(others);
        let node = Ours::start(store, Door::Rest);
        let crowd = Crowd::start(node.tcp()).await;
        let peers: Vec<Box<dyn Peer>> = vec![Box::new(Beside(node))];
        let mut all = warm_up(&peers, CLIENTS, plan).await;
        let before = crowd.files.whole.load(Ordering::Relaxed);
        rounds(&peers, &mut all, CLIENTS, Load::Closed, plan).await;
        let files = crowd.files.whole.load(Ordering::Relaxed) - before;
        all.extend(without);
        report.table(&COLUMNS, &all.iter().map(|measured| row(measured, None)).collect::<Vec<_>>());
        report.note(&format!("{files} files were delivered during the rounds of the node with members."));
        writes::times(report, &format!("{}, {}", all[0].name, store.name()), &all[0], all.last());
        let count = Count::of(&*peers[0], &all[0].acknowledged).await;
        assert_eq!(count.lost, 0, "policies were lost that had been acknowledged");
    }
}

/// A node with members.
struct Beside(Ours);

#[async_trait]
impl Peer for Beside {
    fn name(&self) -> String {
        format!("{}, with members", self.0.name())
    }

    async fn client(&self) -> Box<dyn Client> {
        self.0.client().await
    }

    async fn held(&self) -> HashSet<u64> {
        self.0.held().await
    }
}

/// Members that ask now and then, and take what they are sent.
struct Crowd {
    tasks: Vec<JoinHandle<()>>,
    files: Arc<LedgerFiles>,
}

impl Crowd {
    async fn start(master: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let (port, files) = (listener.local_addr().unwrap().port(), Arc::new(LedgerFiles::default()));
        let mut tasks = vec![tokio::spawn(accept(listener, Arc::clone(&files)))];
        tasks.extend((0..MEMBERS).map(|number| tokio::spawn(ask(master, number, port))));
        Self { tasks, files }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Asks for the ledger in every round.
async fn ask(master: SocketAddr, number: u16, port: u16) {
    loop {
        // A node that has too much to do may leave a member waiting, which then asks again.
        let _ = member::send(master, member::host(number), port, member::POLL).await;
        tokio::time::sleep(ROUND).await;
    }
}

async fn accept(listener: TcpListener, files: Arc<LedgerFiles>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let files = Arc::clone(&files);
        tokio::spawn(async move { files.take(stream).await });
    }
}
