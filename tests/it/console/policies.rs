//! The pages of policies: search, one policy, changes in two steps, export and import, and hostile policies.

use super::{ConsoleNode, csrf};
use crate::rest::client::Reply;
use anylog_master::{
    console::ConsoleSettings,
    ledger::{Author, Change, InsertedAs, OnDuplicate, PolicyCheck, PolicyInsert},
    policy::Policy,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Starts a node that everybody may change.
async fn writable() -> ConsoleNode {
    ConsoleNode::open(ConsoleSettings { write: true, ..ConsoleSettings::default() }).await
}

async fn publish_all(node: &ConsoleNode, policies: impl IntoIterator<Item = Value>) {
    let insert = |policy| PolicyInsert {
        policy: Policy::from_value(policy).unwrap(),
        host: "10.0.0.1".to_owned(),
        on_duplicate: OnDuplicate::Refuse,
        check: PolicyCheck::Nothing,
    };
    let inserts = policies.into_iter().map(insert).collect();
    node.node.ledger.write(Change::InsertAll { inserts, each: InsertedAs::Row }, Author::new("test")).await.unwrap();
}

fn device(number: usize) -> Value {
    json!({"device": {"name": format!("dev-{number}"), "company": "Acme", "id": format!("d{number}"),
        "date": format!("2026-01-01T00:00:00.{number:06}Z")}})
}

async fn part(node: &ConsoleNode, target: &str) -> Reply {
    node.send("GET", target, &[("HX-Request", "true")], "").await
}

/// Returns what a hidden field of a form holds.
fn hidden(page: &Reply, name: &str) -> String {
    let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let (_, behind) = page.body.split_once(&start).unwrap_or_else(|| panic!("{name} is in {}", page.body));
    let value = behind.split('"').next().unwrap();
    [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
        .into_iter()
        .fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[tokio::test]
async fn policies_are_searched_and_read_on() {
    let node = writable().await;
    publish_all(&node, (0..120).map(device)).await;
    publish_all(&node, [json!({"table": {"name": "rand", "dbms": "x", "id": "t1", "date": "2026-02-01"}})]).await;
    let page = node.get("/console/policies", "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<h1>Policies</h1>") && page.body.contains("type=device"));
    assert_eq!(page.body.matches("/console/policies/one?id=").count(), 50);
    let found = part(&node, "/console/policies?text=dev-11").await;
    assert!(!found.body.contains("<h1>"), "a part of the page: {}", found.body);
    assert_eq!(found.body.matches("/console/policies/one?id=").count(), 11, "dev-11 and dev-110 to dev-119");
    for (query, count) in [("text=RAND", 1), ("text=name%3Ddev-7", 1), ("type=table", 1), ("text=nothing", 0)] {
        let found = part(&node, &format!("/console/policies?{query}")).await;
        assert_eq!(found.body.matches("/console/policies/one?id=").count(), count, "{query}");
    }
    let (_, next) = page.body.split_once("hx-get=\"/console/policies?cursor=").expect("there are more");
    let next = format!("/console/policies?cursor={}", next.split('"').next().unwrap().replace("&amp;", "&"));
    let rows = part(&node, &next).await;
    assert_eq!((rows.status, rows.body.matches("<tr><td").count()), (200, 50), "{next}: {}", rows.body);
    assert!(rows.body.contains("id=d50\"") && !rows.body.contains("id=d49\"") && !rows.body.contains("<thead>"));
    let whole = node.get(next.trim_end_matches("&part=rows"), "").await;
    assert!(whole.body.contains("<h1>Policies</h1>"), "the link leads on without scripts");
    assert_eq!(node.get("/console/policies?cursor=x", "").await.status, 400);
}

#[tokio::test]
async fn one_policy_has_its_content_rules_and_relations() {
    let node = writable().await;
    publish_all(&node, [
        json!({"cluster": {"name": "c", "company": "A", "table": [{"dbms": "d", "name": "t"}], "id": "c1", "date": "2026-01-01"}}),
        json!({"table": {"name": "t", "dbms": "d", "create": "x", "id": "t1", "date": "2026-01-02"}}),
        json!({"operator": {"name": "o", "cluster": "c1", "id": "o1", "date": "2026-01-03"}}),
        json!({"note": {"about": "o1", "id": "n1", "date": "2026-01-04"}}),
    ])
    .await;
    let page = node.get("/console/policies/one?id=t1", "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for wanted in
        ["one?id=c1", "one?id=o1", "<svg", "✔ valid", "&#34;d&#34;", "No other policy of the type has the same"]
    {
        assert!(page.body.contains(wanted), "{wanted}: {}", page.body);
    }
    let operator = node.get("/console/policies/one?id=o1", "").await;
    assert!(operator.body.contains("would not take it again") && !operator.body.contains("one?id=n1"));
    let everywhere = node.get("/console/policies/relations?id=o1", "").await;
    assert!(everywhere.body.contains("one?id=n1"), "{}", everywhere.body);
    let all = node.get("/console/policies/relations-of-all", "").await;
    assert!(all.status == 200 && ["c1", "t1", "o1"].iter().all(|id| all.body.contains(&format!("one?id={id}"))));
    let raw = node.get("/console/policies/raw?id=n1", "").await;
    assert_eq!((raw.header("content-type"), raw.body.contains("\"about\": \"o1\"")), ("application/json", true));
    assert_eq!(node.get("/console/policies/one?id=nothing", "").await.status, 404);
    assert_eq!(node.get("/console/policies/one", "").await.status, 404);
    let short = node.get("/console/policies/a%2Fb%20c", "").await;
    assert_eq!((short.status, short.header("location")), (303, "/console/policies/one?id=a%2Fb%20c"));
}

#[tokio::test]
async fn a_policy_is_added_as_it_was_shown() {
    let node = writable().await;
    let token = csrf(&node.get("/console/policies/new", "").await);
    let wrong = node.post("/console/policies/new", "", &[("csrf", &token), ("text", "{\"a\": <b>")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    assert!(
        wrong.body.contains("{&#34;a&#34;: &#60;b&#62;</textarea>"),
        "what was typed is still there: {}",
        wrong.body
    );
    let cluster = r#"{"cluster": {"name": "c", "company": "A"}}"#;
    let shown = node.post("/console/policies/new", "", &[("csrf", &token), ("text", cluster)]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("Nothing is changed yet") && node.node.ledger.view().is_empty());
    assert!(shown.body.contains("+ status"), "what the rules fill in is shown: {}", shown.body);
    let fields = [("csrf", token.as_str()), ("carried", &hidden(&shown, "carried"))];
    let added = node.post("/console/policies/add", "", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let page = node.get(added.header("location"), "").await;
    assert!(page.status == 200 && page.body.contains("The policy was added."), "{}", page.body);
    let again = node.post("/console/policies/add", "", &fields).await;
    assert_eq!(again.status, 409, "{}", again.body);
    let bomb = [("csrf", token.as_str()), ("carried", "AAAA")];
    assert_eq!(node.post("/console/policies/add", "", &bomb).await.status, 400);
}

#[tokio::test]
async fn a_policy_is_replaced_only_while_it_is_what_was_seen() {
    let node = writable().await;
    publish_all(&node, [device(1)]).await;
    let form = node.get("/console/policies/edit?id=d1", "").await;
    let (token, seen) = (csrf(&form), hidden(&form, "seen"));
    let send = |text: &'static str| {
        let fields =
            [("csrf", token.clone()), ("id", "d1".to_owned()), ("seen", seen.clone()), ("text", text.to_owned())];
        let node = &node;
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            node.post("/console/policies/edit", "", &fields).await
        }
    };
    let shown = send(r#"{"device": {"name": "dev-1", "company": "Other"}}"#).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("- company: &#34;Acme&#34;") && shown.body.contains("+ company: &#34;Other&#34;"));
    let fields = [("csrf", token.as_str()), ("id", "d1"), ("seen", &seen), ("carried", &hidden(&shown, "carried"))];
    let done = node.post("/console/policies/replace", "", &fields).await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, "/console/policies/one?id=d1&done=replaced"),
        "{}",
        done.body
    );
    let late = node.post("/console/policies/replace", "", &fields).await;
    assert_eq!(late.status, 412, "somebody changed it meanwhile: {}", late.body);
    assert_eq!(send(r#"{"device": {"name": "late"}}"#).await.status, 412);
    let history = node.get("/console/policies/history?id=d1", "").await;
    assert!(
        history.body.contains("replace") && history.body.contains("rest:127.0.0.1") && history.body.contains("Acme")
    );
    let earlier = node.get("/console/policies/edit?id=d1&change=0", "").await;
    assert!(earlier.body.contains("Acme"), "{}", earlier.body);
}

#[tokio::test]
async fn a_drop_shows_who_names_the_policy_and_can_be_written_again() {
    let node = writable().await;
    publish_all(&node, [device(1), json!({"note": {"about": "d1", "id": "n1", "date": "2026-03-01"}})]).await;
    let shown = node.get("/console/policies/drop?id=d1", "").await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("one?id=n1") && node.node.ledger.view().by_id("d1").is_some());
    let fields = [("csrf", csrf(&shown)), ("id", "d1".to_owned()), ("seen", hidden(&shown, "seen"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let dropped = node.post("/console/policies/drop", "", &fields).await;
    assert_eq!(
        (dropped.status, dropped.header("location")),
        (303, "/console/policies/history?id=d1"),
        "{}",
        dropped.body
    );
    let history = node.get("/console/policies/history?id=d1", "").await;
    assert!(history.body.contains("not in the ledger any more") && history.body.contains("new?id=d1&amp;change=1"));
    let again = node.get("/console/policies/new?id=d1&change=1", "").await;
    assert!(again.body.contains("dev-1"), "{}", again.body);
    assert_eq!(node.get("/console/policies/drop?id=d1", "").await.status, 404);
}

#[tokio::test]
async fn what_is_exported_is_imported_by_a_plan() {
    let node = writable().await;
    publish_all(&node, (0..3).map(device)).await;
    let export = node.get("/console/policies/export?type=device", "").await;
    assert_eq!(export.body.lines().count(), 3, "{}", export.body);
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"policies-device.jsonl\"");
    let list = node.get("/console/policies/export?as=list&text=dev-1", "").await;
    assert_eq!(serde_json::from_str::<Value>(&list.body).unwrap().as_array().unwrap().len(), 1);
    let token = csrf(&node.get("/console/policies/import", "").await);
    let file = export
        .body
        .replace("dev-1", "dev-x")
        .replace("{\"device\":{\"name\":\"dev-2\"", "{\"device\":{\"name\":\"new\"");
    let file = file.replace("\"id\":\"d2\"", "\"id\":\"d9\"");
    let body = multipart(&[("csrf", &token), ("upload", &file), ("text", ""), ("prune", "device\r\n")]);
    let kind = [("Content-Type", "multipart/form-data; boundary=XyZ"), ("Origin", "http://node")];
    let plan = node.send("POST", "/console/policies/import", &kind, &body).await;
    assert_eq!(plan.status, 200, "{}", plan.body);
    assert!(plan.body.contains("1 to create, 1 to replace, 1 to drop, 1 unchanged"), "{}", plan.body);
    let names = ["plan", "prune", "carried"].map(|name| (name, hidden(&plan, name)));
    let fields: Vec<(&str, &str)> = std::iter::once(("csrf", token.as_str()))
        .chain(names.iter().map(|(name, value)| (*name, value.as_str())))
        .collect();
    let done = node.post("/console/policies/apply", "", &fields).await;
    assert_eq!((done.status, done.header("location")), (303, "/console/policies?applied=3"), "{}", done.body);
    let view = node.node.ledger.view();
    assert!(view.len() == 3 && view.by_id("d2").is_none() && view.by_id("d9").is_some());
    let late = node.post("/console/policies/apply", "", &fields).await;
    assert!(late.status >= 400 && late.body.contains("plan again"), "{}", late.body);
}

#[tokio::test]
async fn what_is_wrong_with_an_import_is_told_by_its_lines() {
    let node = writable().await;
    let token = csrf(&node.get("/console/policies/import", "").await);
    let send = |file: &'static str, text: &'static str| {
        let (node, body) = (&node, multipart(&[("csrf", &token), ("upload", file), ("text", text), ("prune", "")]));
        async move {
            let kind = [("Content-Type", "multipart/form-data; boundary=XyZ"), ("Origin", "http://node")];
            node.send("POST", "/console/policies/import", &kind, &body).await
        }
    };
    for (file, text, told) in [
        ("", "", "Choose a file"),
        ("{}", "{}", "leave one of them empty"),
        ("", "[]", "There is no policy"),
        ("{\"a\": {}}\n{\"b\": 1}", "", "Line 2: "),
        ("<b>", "", "Line 1: "),
    ] {
        let reply = send(file, text).await;
        assert!(reply.status == 422 && reply.body.contains(told), "{told}: {}", reply.body);
    }
    let plan = send("", "{\"operator\": {\"name\": \"o\"}}").await;
    assert!(
        plan.status == 200 && plan.body.contains("It cannot be carried out") && !plan.body.contains("name=\"carried\"")
    );
}

#[tokio::test]
async fn who_may_only_read_is_offered_nothing_else() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    publish_all(&node, [device(1)]).await;
    for path in ["/console/policies", "/console/policies/one?id=d1", "/console/policies/history?id=d1"] {
        let page = node.get(path, "").await;
        assert_eq!(page.status, 200);
        for offered in ["/edit?", "/drop?", "/new", "/import"] {
            assert!(!page.body.contains(&format!("/console/policies{offered}")), "{path}: {offered}");
        }
    }
    let token = csrf(&node.get("/console/policies", "").await);
    for path in ["new", "add", "edit", "replace", "drop", "import", "apply"] {
        let reply = node.post(&format!("/console/policies/{path}"), "", &[("csrf", &token), ("id", "d1")]).await;
        assert_eq!(reply.status, 403, "{path}: {}", reply.body);
    }
    assert_eq!(node.get("/console/policies/edit?id=d1", "").await.status, 403);
}

#[tokio::test]
async fn hostile_policies_stay_texts_and_pages_stay_small() {
    let node = writable().await;
    let script = "<script>alert(1)</script>\"'><img src=x>";
    let deep = (0..50).fold(json!(script), |inner, _| json!({script: [inner]}));
    let ids = ["../../x?y=1#z", "a b&c=d%2F", "ä東\u{202e}", script, "..", "'\"<>"];
    let odd = |(number, id): (usize, &str)| json!({script: {"name": script, "company": script, "deep": deep, "id": id, "date": format!("2026-01-0{}", number + 1)}});
    publish_all(&node, ids.iter().copied().enumerate().map(odd)).await;
    let long = "<b>\u{1}".repeat(15_000);
    publish_all(&node, [json!({"big": {"name": long, "list": vec![7; 20_000], "id": "big", "date": "2026-02-01"}})])
        .await;
    let list = node.get("/console/policies", "").await;
    let addresses =
        ids.map(|id| percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string());
    let pages = ["one", "relations", "history", "edit", "drop"];
    let mut seen = vec![list];
    for id in addresses.iter().map(String::as_str).chain(["big"]) {
        for page in pages {
            let reply = node.get(&format!("/console/policies/{page}?id={id}"), "").await;
            assert_eq!(reply.status, 200, "{page} {id}: {}", reply.body.chars().take(2000).collect::<String>());
            assert!(page == "edit" || reply.body.len() < 300_000, "{page} {id}: {} bytes", reply.body.len());
            seen.push(reply);
        }
    }
    for page in seen {
        for markup in ["<script>alert", "<img", "<b>\u{1}"] {
            assert!(!page.body.contains(markup), "{markup}");
        }
        assert_eq!(page.body.matches("<script ").count(), 2, "only the node's own scripts");
        assert_eq!(page.body.matches("<details").count(), page.body.matches("</details>").count());
    }
}

#[tokio::test]
async fn many_policies_are_searched_in_a_moment() {
    let node = writable().await;
    publish_all(&node, (0..10_000).map(device)).await;
    let targets = ["/console/policies", "/console/policies?text=no+such+text", "/console/policies?text=dev-9999"];
    for target in
        targets.into_iter().chain(["/console/policies?text=company%3DNobody", "/console/policies/relations?id=d1"])
    {
        let started = Instant::now();
        let page = node.get(target, "").await;
        assert_eq!(page.status, 200, "{target}");
        // A build without optimisation on a busy machine takes many times what a release build does.
        assert!(started.elapsed() < Duration::from_secs(4), "{target}: {:?}", started.elapsed());
    }
}

/// Writes a form with files.
fn multipart(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let file = if *name == "upload" { "; filename=\"p.jsonl\"\r\nContent-Type: application/json" } else { "" };
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--XyZ--\r\n"
}
