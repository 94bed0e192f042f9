//! What scripts tell the people at the node.

use super::{case::read, node::TestNode};
use anylog_master::node::events::Log;

#[tokio::test(flavor = "multi_thread")]
async fn every_line_that_fails_is_told_once() {
    let mut node = TestNode::start(&read("if")).await;
    let (inner, outer) = (node.home.path().join("inner.al"), node.home.path().join("outer.al"));
    std::fs::write(&inner, "on error ignore\nfoo\nprint a\nbar\nif 1 == 1 then foo\n").unwrap();
    std::fs::write(&outer, format!("on error ignore\nprocess {}\nfoo\nget foo\n", inner.display())).unwrap();
    let (printed, outcome) = node.typed(&format!("process {}", outer.display())).await;
    outcome.unwrap();
    // Three lines of the inner script and one of the outer one; the error of a command inside a line is told once.
    assert_eq!(printed.matches("Unrecognized Command").count(), 4, "{printed}");
    assert_eq!(printed.matches("Error Command Structure").count(), 1, "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_the_brace_of_a_branch_runs() {
    let mut node = TestNode::start(&read("if")).await;
    let file = node.home.path().join("branch.al");
    let branch = "if (flag is true) {\nx = a\n} y = b\nif (flag is true) {\nz = a\n} else z = b\n";
    std::fs::write(&file, branch).unwrap();
    for (flag, x, z) in [("true", Some("a"), "a"), ("false", None, "b")] {
        let dictionary = &node.node.dictionary;
        ["x", "y", "z"].into_iter().for_each(|key| dictionary.remove(key));
        dictionary.set("flag", flag);
        node.typed(&format!("process {}", file.display())).await.1.unwrap();
        let value = |key: &str| node.node.dictionary.get(key);
        assert_eq!((value("x").as_deref(), value("y").as_deref()), (x, Some("b")), "{flag}");
        assert_eq!(value("z").as_deref(), Some(z), "{flag}");
    }
    let told = node.node.events.records(Log::Error, &["braces".to_owned()]);
    assert!(told.iter().any(|record| record.text.contains("line 6: 'else' behind")), "{told:?}");
}
