//! The recorded cases of contract platforms, on a chain in memory and, where it is installed, on anvil over REST.

use super::{KEY, Place, Relayed};
use crate::{
    program::Program,
    support::{
        anvil::{Anvil, KEYS},
        chain::DoubleChain,
    },
};
use anylog_master::{
    command,
    config::Config,
    node::{Node, Origin, Output, Role, Session, work_directories},
    render,
    runtime::shutdown::Shutdown,
};
use serde_json::Value;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// Cases in which this node differs, and why.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "relay-09",
    "the balance is that of another chain, and the account that of another key; the form is compared below",
)];

fn cases() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/ledger/relay_platform.json");
    let text = std::fs::read_to_string(path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["cases"].as_array().unwrap().clone()
}

/// What the recording has masked, on this chain.
struct Mask<'a> {
    provider: &'a str,
    key: &'a str,
    account: &'a str,
    chain_id: u64,
}

/// Account and id of the recorded chain.
const ACCOUNT: &str = "0xc824da01F79297eA4aD022436b2C3d3a867627fB";
const CHAIN: &str = "131277322940537";

impl Mask<'_> {
    fn command(&self, case: &Value) -> String {
        let text = case["command"].as_str().unwrap();
        let text = text.replace("http://<provider>", self.provider).replace("<private key>", self.key);
        text.replace(ACCOUNT, self.account).replace(CHAIN, &self.chain_id.to_string())
    }

    fn body(&self, text: &str) -> String {
        // Columns are as wide as what stands in them.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" |", "|");
        words(&text.replace("http://<provider>", self.provider))
    }
}

fn assigned(case: &Value) -> Option<&str> {
    case["body"].as_str().and_then(|body| body.strip_prefix("<v=")?.strip_suffix('>'))
}

/// Returns what differs from the recorded reply.
fn difference(case: &Value, mask: &Mask<'_>, status: u16, code: Option<u64>, body: &str) -> Option<String> {
    let (id, reply) = (case["id"].as_str().unwrap(), &case["reply"]);
    if EXCEPTIONS.iter().any(|(name, _)| *name == id) {
        return None;
    }
    if reply["http_status"].as_u64() != Some(status.into()) || reply["err_code"].as_u64() != code {
        return Some(format!("{id}: {status} {code:?} {body:?}, recorded {reply}"));
    }
    let recorded = reply["body"].as_str().unwrap_or_default();
    let is_contract = id == "relay-07" && body.starts_with("0x") && body.len() == 42;
    let separators = |text: &str| text.replace('-', "");
    let same = separators(&mask.body(body)) == separators(&mask.body(recorded));
    (code.is_none() && !is_contract && !same).then(|| format!("{id}: {body:?}, recorded {recorded:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_cases_on_a_chain_in_memory() {
    let chain = DoubleChain::default();
    let (output, home): (Arc<dyn Output>, _) = (Arc::new(crate::support::silent::Silent), tempfile::tempdir().unwrap());
    let node = anylog_master::boot::node_with(
        Config::default(),
        Arc::clone(&output),
        Shutdown::new(),
        Arc::new(chain.clone()),
    )
    .unwrap();
    work_directories::locate(&node.dictionary, &home.path().to_string_lossy());
    let mut session = Session::local(Origin::Prompt, output, "rest");
    for text in [
        "create work directories",
        "connect dbms blockchain where type = sqlite and memory = true",
        "create table ledger where dbms = blockchain",
    ] {
        command::run(&node, &mut session, text).await.unwrap();
    }
    session.origin = Origin::Rest { caller: IpAddr::V4(Ipv4Addr::LOCALHOST), user: None, is_foreign: false };
    session.role = Role::Admin;
    let account = account_of(&node, KEY);
    let mask = Mask { provider: "http://double", key: KEY, account: &account, chain_id: 31_337 };
    let mut wrong = Vec::new();
    for case in cases() {
        if let Some(text) = assigned(&case) {
            node.dictionary.set("v", text);
        }
        let text = mask.command(&case);
        let outcome = command::run(&node, &mut session.clone(), &text).await;
        let (status, code, body) = match &outcome {
            Ok(reply) => (200, None, render::text(reply)),
            Err(error) => (400, Some(error.code.0.into()), error.to_string()),
        };
        wrong.extend(difference(&case, &mask, status, code, &body));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    super::until("what was pushed is relayed", || chain.policies().iter().any(|(id, _)| id == "rl-1")).await;
    let texts: Vec<String> = chain.policies().into_iter().map(|(_, text)| text).collect();
    for text in [
        r#"{"device": {"name": "d2", "id": "f91994217ef7fa14cd7bc2994e70ac0f", "date": "2026-01-01T00:00:00.000000Z"}}"#,
        r#"{"device": {"name": "viarelay", "id": "rl-1", "date": "2026-01-01T00:00:00.000000Z"}}"#,
        r#"{"device": {"name": "ins", "id": "in-1", "date": "2026-01-01T00:00:00.000000Z", "ledger": "global"}}"#,
    ] {
        assert!(texts.iter().any(|there| there == text), "{text} in {texts:?}");
    }
    let file = home.path().join("EdgeLake/blockchain/co.json");
    let copied = std::fs::read_to_string(&file).or_else(|_| {
        std::fs::read_to_string(std::path::Path::new(&node.dictionary.get("blockchain_dir").unwrap()).join("co.json"))
    });
    assert_eq!(copied.unwrap().lines().count(), 2);
    node.shutdown.begin();
    node.shutdown.drain().await;
}

fn account_of(node: &Node, key: &str) -> String {
    let key = anylog_master::node::platforms::PrivateKey::parse(key).unwrap();
    node.platforms.maker().account_of(&key).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_cases_over_rest_on_a_chain_of_its_own() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let (chain, place) = (DoubleChain::default(), Place::sqlite());
    let account = {
        let helper = Relayed::start(&place, &chain).await;
        let account = account_of(&helper.node, KEYS[0]);
        helper.stop().await;
        account
    };
    let home = tempfile::tempdir().unwrap();
    let url = anvil.url();
    let path = home.path().to_owned();
    let failures = tokio::task::spawn_blocking(move || {
        let program = Program::embedded(&path, &[("NODE_NAME", "relay")]);
        let mask = Mask { provider: &url, key: KEYS[0], account: &account, chain_id: 31_337 };
        let mut wrong = Vec::new();
        for case in cases() {
            if let Some(text) = assigned(&case) {
                assert_eq!(program.ask("POST", &format!("set v = \"{}\"", text.replace('"', "'"))).0, 200);
            }
            let text = mask.command(&case);
            let method = if text.starts_with("get ") { "GET" } else { "POST" };
            let (status, body) = program.ask(method, &text);
            let code = serde_json::from_str::<Value>(&body).ok().and_then(|value| value["err_code"].as_u64());
            wrong.extend(difference(&case, &mask, status, code.filter(|_| status != 200), &body));
        }
        let pages = ["get dictionary", "get event log", "get error log", "get env var", "get platforms"];
        for page in pages {
            let (_, body) = program.ask("GET", page);
            assert!(!body.contains(KEYS[0].trim_start_matches("0x")), "{page}");
        }
        wrong
    })
    .await
    .unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
