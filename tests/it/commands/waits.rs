//! What a wait leaves in a variable.

use super::{case::read, node::TestNode};
use anylog_master::reply::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_in_vain_is_told_in_its_variable() {
    let mut node = TestNode::start(&read("get")).await;
    node.typed("merged = wait 0 for sync").await.1.unwrap();
    assert_eq!(node.node.dictionary.get("merged").as_deref(), Some("False"));
    // A node that stops waits no longer.
    node.node.shutdown.begin();
    let outcome = node.typed("there = blockchain wait where id = never").await.1;
    assert_eq!(outcome.map_err(|error| error.code), Err(Code::NOT_IN_LOCAL_FILE));
    assert_eq!(node.node.dictionary.get("there").as_deref(), Some("false"));
}
