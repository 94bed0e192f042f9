//! A command is added by one file of its family and one line of the family's entries: what the file says is all that edges,
//! scripts and help need.

use crate::support::silent::Silent;
use anylog_master::{
    boot,
    command::{Catalog, Command, Entry, Exchange, FAMILIES, FIRST_WORDS, Help, Line, Parsed, Verbs, parsed},
    config::Config,
    node::{Node, Origin, Session},
    reply::{Code, Error, Reply},
    runtime::shutdown::Shutdown,
};
use async_trait::async_trait;
use std::sync::Arc;

/// `get tide HARBOUR`.
#[derive(Debug)]
struct Tide {
    harbour: String,
}

#[async_trait]
impl Command for Tide {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        Ok(Reply::Text(format!("high water at {}", self.harbour)))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [harbour] => parsed(Tide { harbour: harbour.text.clone() }),
        _ => Err(Error::with(Code::STRUCTURE, "write: get tide HARBOUR")),
    }
}

const ENTRIES: &[Entry] = &[Entry::read(
    "get tide",
    parse,
    Help { usage: "get tide [harbour]", text: "Tells the tide.", examples: &["get tide Dover"], index: &["sea"] },
)];

/// Returns a node whose catalog has one family more, and a caller at its prompt.
fn node() -> (&'static Catalog, Arc<Node>, Session) {
    let families = [FAMILIES.concat(), vec![ENTRIES]].concat();
    let catalog: &'static Catalog = Box::leak(Box::new(Catalog::new(&families, FIRST_WORDS)));
    let mut node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    Arc::get_mut(&mut node).expect("nobody else holds a new node").commands = Box::new(catalog);
    (catalog, node, Session::local(Origin::Prompt, Arc::new(Silent), "test"))
}

#[tokio::test]
async fn it_runs_from_a_line_an_assignment_and_a_condition() {
    let (catalog, node, mut session) = node();
    for text in ["get tide Dover", "if 1 == 1 then get tide Dover"] {
        let reply = catalog.select(text).run(&node, &mut session).await.unwrap();
        assert_eq!(reply, Reply::Text("high water at Dover".to_owned()), "{text}");
    }
    catalog.select("tide = get tide Dover").run(&node, &mut session).await.unwrap();
    assert_eq!(node.dictionary.get("tide").as_deref(), Some("high water at Dover"));
    let error = catalog.select("get tide").run(&node, &mut session).await.unwrap_err();
    assert_eq!(error.code, Code::STRUCTURE);
}

#[tokio::test]
async fn edges_and_help_read_its_entry() {
    let (catalog, node, mut session) = node();
    let selection = catalog.select("get tide Dover");
    let traits = selection.traits();
    assert_eq!(selection.entry().map(|entry| entry.words), Some("get tide"));
    assert_eq!((traits.verbs, traits.answers, traits.exchange), (Verbs::Get, true, Exchange::Query));
    let page = catalog.select("help get tide").run(&node, &mut session).await.unwrap();
    assert!(anylog_master::render::text(&page).contains("Tells the tide."), "{page:?}");
    assert_eq!(catalog.nearest("get tid Dover"), Some("get tide"));
}
