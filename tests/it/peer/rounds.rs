//! A member that keeps asking for what it has is spared the file, and nobody else is.

use super::{master::Master, member::Member};
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

#[tokio::test]
async fn who_keeps_its_rhythm_is_spared_and_whoever_asks_out_of_turn_gets_the_file() {
    let master = Master::with(&[("MEMBER_REFRESH", "5 minutes")]).await;
    let mut member = Member::new(master.address).await;
    member.publish().await;
    member.poll().await;
    member.say_program("EdgeLake Version: 1.4.2604").await;
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (begin, mut files) = (Instant::now(), 0);
    loop {
        rounds.tick().await;
        if !gets_a_file(&mut member).await {
            break;
        }
        files += 1;
        assert!(begin.elapsed() < 12 * ROUND, "a machine that is busy breaks the rhythm, but not for ever");
    }
    assert!(files >= 3, "{files}: two times between rounds, and the version taken twice");
    // A person who synchronises by hand, and the round behind that.
    assert!(gets_a_file(&mut member).await && gets_a_file(&mut member).await);
    // Somebody who is no node of the network, at the same times.
    let mut script = Member::new(master.address).await;
    for _ in 0..2 {
        assert!(gets_a_file(&mut script).await);
    }
}
