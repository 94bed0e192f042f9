//! Policies that are kept as texts, and read as far as a query needs it, give the answers that read ones give.

use anylog_policy::{Candidate, Candidates, Known, ListedPolicy, Policies, Policy, PolicyRef, UnreadPolicy};
use anylog_query::{Budget, Error, Exhausted, Limits, Output, Own, Query};
use anylog_script::{NoVariables, words};
use proptest::prelude::*;
use std::sync::Arc;

/// Policies that are kept as texts.
struct Texts(Vec<(String, Arc<str>)>);

impl Texts {
    fn unread(&self) -> impl Iterator<Item = UnreadPolicy<'_>> {
        self.0.iter().map(|(kind, text)| UnreadPolicy { kind, text, ledger: None })
    }
}

impl Known for Texts {
    fn all(&self) -> Policies<'_> {
        Box::new(self.unread().filter_map(|policy| policy.whole()).map(PolicyRef::from))
    }

    fn candidates<'a>(&'a self, kind: Option<&str>) -> Candidates<'a> {
        let kind = kind.map(str::to_owned);
        let wanted = move |policy: &UnreadPolicy<'_>| kind.as_deref().is_none_or(|kind| kind == policy.kind);
        Box::new(self.unread().filter(wanted).map(Candidate::Unread))
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\"[ab*]{0,2}\"",
        "-?[1-9][0-9]?",
        "[0-9][.][0-9]",
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("[{\"a\": \"b\"}, {\"a\": 1}]".to_owned()),
        Just("{\"a\": \"b\", \"n\": 2}".to_owned()),
        Just("[\"a\", \"b\"]".to_owned()),
    ]
}

/// A policy whose id is a small number, so that parents, overlays and look-ups meet others.
fn policy(number: usize) -> impl Strategy<Value = (String, String)> {
    let attributes = proptest::collection::vec(("name|ip|port|a|n", value()), 0..5);
    let parent = proptest::option::of("[0-4]");
    ("x|y|cluster|anmp", attributes, parent, proptest::option::of("[0-4]")).prop_map(
        move |(kind, attributes, parent, over)| {
            let mut body: Vec<String> = attributes.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            body.extend(parent.map(|id| format!("\"parent\": \"{id}\"")));
            if kind == "anmp" {
                body.extend(over.map(|id| format!("\"{id}\": {{\"name\": \"over\", \"a\": 7}}")));
            }
            body.push(format!("\"id\": \"{number}\", \"date\": \"2026-01-01T00:00:0{number}Z\""));
            let text = format!("{{\"{kind}\": {{{}}}}}", body.join(", "));
            (kind, text)
        },
    )
}

fn query() -> impl Strategy<Value = String> {
    let types = "x|y|[*]|[(]x,y[)]|[(]x,x[)]|root policies|root policies exclude y|none";
    let pair =
        "(name|ip|a|n|id|parent) = (a|b|[*]|1|over|0|3)|a with \\[\"a\", \"b\"\\]|a\\[a\\] = b|\\[a\\]\\[a\\] = 1";
    let condition =
        "\\[(name|a|n)\\]|\\[n\\] > 1.int|not \\[a\\]\\[0\\]\\[a\\] = b|\\[port\\] < 5.int or \\[name\\] = over";
    let filter = prop_oneof![
        Just(String::new()),
        pair.prop_map(|p| format!(" where {p}")),
        condition.prop_map(|c| format!(" where {c}"))
    ];
    let joins = prop_oneof![
        6 => Just(String::new()),
        1 => Just(" join (blockchain get y where n = [x][n])".to_owned()),
        1 => Just(" merge (blockchain get * where parent = [*][id])".to_owned()),
    ];
    let bring = "| bring( \\[[*]\\]\\[name\\])( ,)?( \\[x\\]\\[a\\]\\[a\\])?| bring.json \\[\\]\\[n\\] \\[[*]\\]| bring.table( \\[[*]\\]\\[name\\] \\[[*]\\]\\[n\\])?| bring.count| bring.json.count| bring.ip_port| bring.children| bring.children.table \\[[*]\\]\\[id\\]| bring.unique \\[[*]\\]\\[a\\]| bring.first| bring.recent.count| bring.min \\[[*]\\]\\[n\\]| bring \\[x\\]| bring.null.json \\[[*]\\]\\[port\\]| bring.list";
    (types, filter, joins, bring).prop_map(|(types, filter, joins, bring)| format!("{types}{filter}{joins}{bring}"))
}

/// Returns an answer with everything that can be seen of it, the order of attributes included.
fn shown(answer: Result<Output, Error>) -> String {
    match answer {
        Ok(Output::Policies(list)) => format!("{:?}", list.iter().filter_map(ListedPolicy::value).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// Two policies, and one that lies over the first.
fn some() -> Texts {
    let texts = [
        ("x", r#"{"x": {"name": "a", "id": "1"}}"#),
        ("x", r#"{"x": {"name": "b", "id": "2"}}"#),
        ("anmp", r#"{"anmp": {"1": {"name": "over"}, "id": "3", "date": "2026-01-01T00:00:00Z"}}"#),
    ];
    Texts(texts.into_iter().map(|(kind, text)| (kind.to_owned(), text.into())).collect())
}

fn parsed(query: &str) -> Result<Query, Error> {
    Query::parse(&words(query)?, &NoVariables)
}

#[test]
fn a_list_shares_the_texts_that_nothing_lies_over() {
    let texts = some();
    let (budget, own) = (Budget::unlimited(), Own::default());
    // The place of the text that an entry of a list shares; nothing for a value.
    let place = |listed: &ListedPolicy| match listed {
        ListedPolicy::Text { text, .. } => texts.0.iter().position(|(_, own)| Arc::ptr_eq(own, text)),
        ListedPolicy::Value(_) => None,
    };
    let places = |answer: Result<Output, Error>| match answer.unwrap() {
        Output::Policies(list) => list.iter().map(place).collect::<Vec<_>>(),
        other => panic!("no list: {other:?}"),
    };
    assert_eq!(places(parsed("*").unwrap().read(&texts, &own, &budget)), [Some(0), Some(1), Some(2)]);
    assert_eq!(places(parsed("(x,x)").unwrap().read(&texts, &own, &budget)), [Some(0), Some(0), Some(1), Some(1)]);
    assert_eq!(places(parsed("x where [name] == b").unwrap().read(&texts, &own, &budget)), [Some(1)]);
    assert_eq!(places(parsed("*").unwrap().run(&texts, &own, &budget)), [None, Some(1), Some(2)]);
    assert_eq!(places(parsed("x where [name] == over").unwrap().run(&texts, &own, &budget)), [None::<usize>]);
}

#[test]
fn a_list_is_charged_with_the_bytes_of_its_texts() {
    let text = format!("{{\"x\": {{\"a\": \"{}\"}}}}", "b".repeat(1000));
    let texts = Texts(vec![("x".to_owned(), text.into()); 10]);
    let read = |limits| parsed("x").unwrap().read(&texts, &Own::default(), &Budget::new(limits, &|| None));
    assert!(read(Limits { bytes: 20_000, ..Limits::NONE }).is_ok());
    assert_eq!(read(Limits { bytes: 5000, ..Limits::NONE }), Err(Error::Exhausted(Exhausted::Bytes(5000))));
    assert_eq!(read(Limits { steps: 200, ..Limits::NONE }), Err(Error::Exhausted(Exhausted::Steps(200))));
    assert_eq!(read(Limits { rows: 9, ..Limits::NONE }), Err(Error::Exhausted(Exhausted::Rows(9))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn texts_answer_like_policies(
        policies in (0..6_usize).prop_flat_map(|count| (0..count).map(policy).collect::<Vec<_>>()),
        query in query(),
    ) {
        let read: Vec<Policy> = policies.iter().map(|(_, text)| Policy::parse(text).unwrap()).collect();
        let texts = Texts(policies.into_iter().map(|(kind, text)| (kind, text.into())).collect());
        if let Ok(parsed) = parsed(&query) {
            let (budget, own) = (Budget::unlimited(), Own::default());
            let answers = |known: &dyn Known| [parsed.run(known, &own, &budget), parsed.read(known, &own, &budget)];
            prop_assert_eq!(answers(&texts).map(shown), answers(&read).map(shown), "{}", query);
        }
    }
}
