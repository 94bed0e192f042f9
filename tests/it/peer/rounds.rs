//! A member that keeps asking for what it has is spared the file, and nobody else is.

use super::{master::Master, member::Member};
use anylog_block::{Header, Outgoing};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Time between two rounds of the member, hardly more than the least that counts as one.
const ROUND: Duration = Duration::from_millis(9_200);
/// Time in which a file that is sent has come.
const COMES: Duration = Duration::from_secs(3);

async fn gets_a_file(member: &mut Member) -> bool {
    member.poll().await;
    member.next_within(COMES).await.is_some()
}

/// Says what nodes say when they could not write a file.
async fn say_unwritten(member: &Member) {
    let told = "echo 'File write' operation failed: </srv/x.master_id_1.new>";
    let mut raw = Vec::new();
    Outgoing::new(Header { error: 12, info: 4, ..member.header(0) }, told).encode(&mut raw).unwrap();
    member.raw(&raw).await;
}

#[tokio::test]
async fn who_keeps_its_rhythm_is_spared_and_whoever_asks_out_of_turn_gets_the_file() {
    let master = Master::with(&[("MEMBER_REFRESH", "5 minutes")]).await;
    let (mut member, mut failing) = (Member::new(master.address).await, Member::new(master.address).await);
    for one in [&member, &failing] {
        one.publish().await;
    }
    for one in [&member, &failing] {
        one.poll().await;
    }
    let program = "EdgeLake Version: 1.4.2604";
    tokio::join!(member.say_program(program), failing.say_program(program));
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (begin, mut files) = (Instant::now(), 0);
    loop {
        rounds.tick().await;
        if tokio::join!(gets_a_file(&mut member), gets_a_file(&mut failing)) == (false, false) {
            break;
        }
        files += 1;
        assert!(begin.elapsed() < 12 * ROUND, "a machine that is busy breaks the rhythm, but not for ever");
    }
    assert!(files >= 3, "{files}: two times between rounds, and the version taken twice");
    // A person who synchronises by hand, and the round behind that.
    assert!(gets_a_file(&mut member).await && gets_a_file(&mut member).await);
    // One that could not write what it took, in its next round.
    say_unwritten(&failing).await;
    rounds.tick().await;
    assert!(gets_a_file(&mut failing).await);
    // Somebody who is no node of the network, at the same times.
    let mut script = Member::new(master.address).await;
    for _ in 0..2 {
        assert!(gets_a_file(&mut script).await);
    }
}
