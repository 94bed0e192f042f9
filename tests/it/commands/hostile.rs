//! Lines that are made to bring the node down: each is answered with an error, and the node goes on.

use super::{case::read, node::TestNode};
use anylog_master::{
    command::{self, CATALOG},
    runtime::limits,
    script::NoVariables,
};
use proptest::{prelude::*, sample::select};

/// Types a line and returns the code of its error, if it has one.
async fn code(node: &mut TestNode, line: &str) -> Option<u16> {
    node.typed(line).await.1.err().map(|error| error.code.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_inside_each_other_have_an_end() {
    let mut node = TestNode::start(&read("if")).await;
    assert_eq!(code(&mut node, &("if 1 == 1 then ".repeat(15) + "x = 5")).await, None);
    assert_eq!(node.node.dictionary.get("x").as_deref(), Some("5"));
    for part in ["if 1 == 1 then ", "do ", "do if 1 == 1 then "] {
        assert_eq!(code(&mut node, &(part.repeat(20_000) + "x = 6")).await, Some(2), "{part}");
    }
    assert_eq!(code(&mut node, "if 1 == 2 then x = 6").await, None);
    assert_eq!(code(&mut node, &("else ".repeat(20_000) + "x = 6")).await, Some(2));
    assert_eq!(node.node.dictionary.get("x").as_deref(), Some("5"));
    assert_eq!(code(&mut node, "else x = 7").await, None);
    assert_eq!(node.node.dictionary.get("x").as_deref(), Some("7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_expressions_and_conditions_are_refused() {
    let mut node = TestNode::start(&read("if")).await;
    for line in ["x = python 1".to_owned() + &"+1".repeat(100_000), "x = python ".to_owned() + &"!w[".repeat(100_000)] {
        assert!(code(&mut node, &line).await.is_some());
    }
    assert_eq!(
        code(&mut node, &("x = python ".to_owned() + &"!w[".repeat(100) + "0" + &"]".repeat(100))).await,
        Some(3)
    );
    assert_eq!(code(&mut node, &("if ".to_owned() + &"a == or ".repeat(100_000) + "b")).await, Some(181));
    assert_eq!(
        code(&mut node, &("if ".to_owned() + &"(".repeat(100_000) + "b" + &")".repeat(100_000))).await,
        Some(181)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn long_paths_and_lists_of_keys_are_refused() {
    let mut node = TestNode::start(&read("if")).await;
    assert_eq!(code(&mut node, &format!("process {}", "/".repeat(100_000))).await, Some(112));
    assert_eq!(code(&mut node, &format!("get error log where keys = {}", "a ".repeat(100_000))).await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_megabyte_cost_no_more_than_others() {
    let mut node = TestNode::start(&read("if")).await;
    node.node.dictionary.set("db_passwd", "hunter2-secret");
    // Each of them took minutes: brackets were looked at up to the end of the line, values were compared with all before
    // them, and a secret was looked for once for each word that names it.
    let values = (0..100_000).map(|number| format!("v{number}, ")).collect::<String>();
    let pairs = (0..100_000).map(|number| format!("a{number} = 0 and ")).collect::<String>();
    for (line, expected) in [
        (format!("exit tcp {}", r#"{"}'"{{x'"#.repeat(110_000)), 2),
        (format!("run blockchain sync where dest = ({values}v0)"), 2),
        (format!("create policy test where {pairs}a0 = 0"), 2),
        (format!("if {}", "!db_passwd ".repeat(100_000)), 181),
    ] {
        assert_eq!(code(&mut node, &line).await, Some(expected), "{}", line.get(..40).unwrap_or_default());
    }
}

/// Runs a test where its commands have the stack that they have in the program.
fn on_node_thread(test: impl Future<Output = ()> + Send + 'static) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.thread_stack_size(limits::THREAD_STACK).enable_all().build().unwrap();
    runtime.block_on(async { tokio::spawn(test).await.unwrap() });
}

#[test]
fn scripts_that_run_themselves_have_an_end() {
    on_node_thread(nested_scripts());
}

#[test]
fn tasks_and_destinations_that_run_themselves_have_an_end() {
    on_node_thread(nested_tasks());
}

async fn nested_scripts() {
    let mut node = TestNode::start(&read("if")).await;
    for (line, name, depth) in [("process", "a.al", "32"), ("if 1 == 1 then process", "b.al", "17")] {
        let file = node.home.path().join(name).display().to_string();
        std::fs::write(&file, format!("on error ignore\nx = incr !x\n{line} {file}\n")).unwrap();
        node.node.dictionary.set("x", "0");
        assert_eq!(code(&mut node, &format!("process {file}")).await, None);
        assert_eq!(node.node.dictionary.get("x").as_deref(), Some(depth), "{line}");
    }
}

async fn nested_tasks() {
    let mut node = TestNode::start(&read("if")).await;
    let run = "task run where scheduler = 1 and name = a";
    assert_eq!(code(&mut node, &format!("schedule time = 1 day and name = a task {run}")).await, None);
    assert!(node.typed(run).await.1.unwrap_err().to_string().contains("commands inside each other"));
    let run = "run client (!x) get status";
    node.node.dictionary.set("x", format!("blockchain = {run}"));
    assert!(node.typed(run).await.1.unwrap_err().to_string().contains("commands inside each other"));
    // What was refused leaves no depth behind.
    assert_eq!(code(&mut node, &("if 1 == 1 then ".repeat(15) + "y = 5")).await, None);
}

/// A line that may be a command: words of the catalog, values, signs and anything else in any order.
fn line() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = CATALOG.entries().map(|entry| entry.words).collect();
    let examples: Vec<&'static str> = CATALOG.entries().flat_map(|entry| entry.help.examples.iter().copied()).collect();
    let signs = [
        "where",
        "and",
        "=",
        "bring",
        "(",
        ")",
        "[*]",
        "!x",
        "$HOME",
        "{\"a\": 1}",
        "\"",
        "'",
        "as of",
        "+",
        "<",
        "-1",
    ];
    let piece = prop_oneof![
        3 => select(signs.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => select(names.clone()).prop_map(str::to_owned),
    ];
    let begin = prop_oneof![select(names), select(examples)];
    (begin, proptest::collection::vec(piece, 0..8)).prop_map(|(begin, rest)| format!("{begin} {}", rest.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Whatever stands behind the name of a command: its parser answers.
    #[test]
    fn every_parser_takes_every_line(line in line()) {
        let _ = command::parse(&line, &NoVariables);
    }
}
