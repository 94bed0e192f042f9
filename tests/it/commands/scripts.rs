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
async fn a_secret_that_was_typed_into_a_script_is_not_shown() {
    let mut node = TestNode::start(&read("if")).await;
    let file = node.home.path().join("secret.al");
    let key = "4c".repeat(32);
    let lines = format!("set debug on\nx = a and password = hunter2\nfoo password = hunter2 and b = {key}\n");
    std::fs::write(&file, lines).unwrap();
    let (printed, outcome) = node.typed(&format!("process {}", file.display())).await;
    outcome.unwrap_err();
    for told in ["x = a and password = ******** --> Success", "foo password = ******** and b = ******** --> "] {
        assert!(printed.contains(told), "{printed}");
    }
    assert!(!printed.contains("hunter2") && !printed.contains(&key), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_an_open_quote_or_parenthesis_is_an_error_as_any_other() {
    let mut node = TestNode::start(&read("if")).await;
    let file = node.home.path().join("open.al");
    let process = format!("process {}", file.display());
    std::fs::write(&file, "on error ignore\ny = \"a\ny = (a\nx = after\n").unwrap();
    let (printed, outcome) = node.typed(&process).await;
    outcome.unwrap();
    assert_eq!(node.node.dictionary.get("x").as_deref(), Some("after"));
    assert_eq!(printed.matches("Error Command Structure").count(), 2, "{printed}");
    for first in ["x = before", "on error goto e", "on error end script"] {
        std::fs::write(&file, format!("{first}\ny = (a\n:e:\nx = after\n")).unwrap();
        node.node.dictionary.remove("x");
        let (printed, outcome) = node.typed(&process).await;
        assert_eq!(outcome.map_err(|error| error.code.0), Err(2), "{first}: {printed}");
        assert_ne!(node.node.dictionary.get("x").as_deref(), Some("after"), "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_a_script_does_not_name_are_refused() {
    let mut node = TestNode::start(&read("if")).await;
    let file = node.home.path().join("values.al");
    for (script, code) in [("x = !a\n", Some(55)), ("variables (a)\nx = !a\n", None)] {
        std::fs::write(&file, script).unwrap();
        let outcome = node.typed(&format!("process {} 5", file.display())).await.1;
        assert_eq!(outcome.err().map(|error| error.code.0), code, "{script}");
    }
    assert_eq!(node.node.dictionary.get("x").as_deref(), Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_may_begin_as_what_prompts_do() {
    let mut node = TestNode::start(&read("if")).await;
    node.node.dictionary.set("mode", "before");
    for value in ["watch", "watch get status"] {
        node.typed(&format!("mode = {value}")).await.1.unwrap();
        assert_eq!(node.node.dictionary.get("mode").as_deref(), Some(value));
    }
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
