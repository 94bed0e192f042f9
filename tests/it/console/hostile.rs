//! What stands in policies is shown as it is and never becomes markup.

use super::ConsoleNode;
use anylog_master::{
    console::ConsoleSettings,
    ledger::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
    policy::Policy,
};
use serde_json::json;

/// Texts that would be markup, scripts, directives of templates, or would turn what stands beside them around.
const TEXTS: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></svg><svg onload=alert(1)>",
    "{{ csrf }}{% include \"x\" %}",
    "javascript:alert(1)",
    "\u{202e}gnp.exe\u{2066}",
    "\u{1b}[2J",
    "hx-get=/console/sign-out data-hx-trigger=load",
];

async fn publish(node: &ConsoleNode, text: &str, number: usize) {
    let short: String = text.chars().take(64).collect();
    let policy = json!({"operator": {
        "name": text, "company": short, "ip": format!("10.0.0.{number}"), "port": 32148,
        "cluster": short, "date": "2026-01-01T00:00:00.000000Z", "id": format!("hostile{number}"),
    }});
    let policy = Policy::from_value(policy).unwrap();
    let (host, check) = (short.clone(), PolicyCheck::Nothing);
    let insert = PolicyInsert { policy, host, check, on_duplicate: OnDuplicate::Refuse };
    node.node.ledger.write(Change::Insert(insert), Author::new(short)).await.unwrap();
}

#[tokio::test]
async fn hostile_policies_are_texts() {
    let node = ConsoleNode::open(ConsoleSettings::default()).await;
    for (number, text) in (1..).zip(TEXTS) {
        publish(&node, text, number).await;
    }
    publish(&node, &"<b>".repeat(60_000), 100).await;
    for path in
        ["/console", "/console/network", "/console/activity", "/console/network?find=%3Cscript%3Ealert(1)%3C/script%3E"]
    {
        let page = node.get(path, "").await;
        assert_eq!(page.status, 200, "{path}: {}", page.body.len());
        for markup in ["<script>alert", "<img", "onerror=alert(1)>", "<svg onload", "' onmouseover='", "<b><b>"] {
            assert!(!page.body.contains(markup), "{path}: {markup}");
        }
        assert!(!page.body.contains("href=\"javascript:"), "{path}");
        assert!(page.body.len() < 100 * 1024, "{path}: what is long is shortened, {}", page.body.len());
        let own = page.body.matches("<script ").count();
        assert!(own == 2, "{path}: only the node's own scripts, {own}");
    }
}
