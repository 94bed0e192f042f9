//! A way to the database that can be closed, and led elsewhere.

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicUsize, Ordering},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Passes bytes between the node and the database until it is told to swallow them, with the connections open.
pub struct Passage {
    /// Port on 127.0.0.1.
    pub port: u16,
    to: Arc<AtomicU16>,
    opened: Arc<AtomicUsize>,
    dead: watch::Sender<bool>,
    broken: watch::Sender<()>,
}

impl Passage {
    /// Opens a way to a port.
    pub async fn open(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, opened) = (Arc::new(AtomicU16::new(to)), Arc::new(AtomicUsize::new(0)));
        let (dead, broken) = (watch::Sender::new(false), watch::Sender::new(()));
        let (events, breaks) = (dead.subscribe(), broken.subscribe());
        let (target, count) = (Arc::clone(&to), Arc::clone(&opened));
        tokio::spawn(async move {
            let mut kept = Vec::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (mut dead, mut broken, to) = (events.clone(), breaks.clone(), target.load(Ordering::SeqCst));
                broken.mark_unchanged();
                kept.push(tokio::spawn(async move {
                    if *dead.borrow_and_update() {
                        std::future::pending::<()>().await;
                    }
                    let mut far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                    tokio::select! {
                        biased;
                        _ = dead.changed() => std::future::pending().await,
                        _ = broken.changed() => {}
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                    }
                }));
            }
        });
        Self { port, to, opened, dead, broken }
    }

    /// Makes every connection a black hole, those of now for ever, new ones until [`Passage::pass`].
    pub fn swallow(&self) {
        self.dead.send_replace(true);
    }

    /// Lets new connections through.
    pub fn pass(&self) {
        self.dead.send_replace(false);
    }

    /// Makes the connections of now black holes, as a firewall does that has forgotten them.
    pub fn forget(&self) {
        self.dead.send_replace(false);
    }

    /// Closes the connections of now, at both ends; new ones are let through.
    pub fn break_off(&self) {
        self.broken.send_replace(());
    }

    /// Leads new connections to another port.
    pub fn lead_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }

    /// Returns how many connections were made so far.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }
}
