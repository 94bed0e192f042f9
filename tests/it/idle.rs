//! A thousand silent connections on each port disturb nobody.

use crate::{peer::member::Member, program::Program};
use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

const SILENT: usize = 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_connections_on_each_port_disturb_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::embedded(directory.path(), &[]);
    let open = |address| (0..SILENT).map(|_| TcpStream::connect(address).unwrap()).collect::<Vec<_>>();
    let _silent = (open(program.rest), open(program.tcp));
    let started = Instant::now();
    assert!(program.get("get status").contains("running"));
    let mut member = Member::new(program.tcp).await;
    let answer = member.ask("get status").await;
    assert!(String::from_utf8_lossy(&answer.data).contains("running"));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
