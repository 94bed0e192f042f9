//! A chain of its own for one test, gone when dropped.

use super::port;
use anylog_master::runtime::http_client::{HttpClient, public_authorities};
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};
use std::{
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Keys of the first two accounts of every such chain, which have 10,000 Ether each.
pub const KEYS: [&str; 2] = [
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
];
/// Its id.
pub const CHAIN_ID: u64 = 31_337;

/// A running chain.
pub struct Anvil {
    process: Child,
    /// Port on 127.0.0.1.
    pub port: u16,
}

impl Anvil {
    /// Starts a chain with further options; nothing where anvil is not installed (`scripts/test-chain` does it).
    pub fn start(options: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            super::skipped("anvil is not there; run scripts/test-chain, or say where it is in ANVIL");
            return None;
        };
        let port = port::free();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--silent", "--port", &port.to_string()]).args(options);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let (anvil, begin) = (Self { process, port }, Instant::now());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20), "anvil does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(anvil)
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes a call and returns its result.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        call(&self.url(), method, params).await
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes a call of a provider and returns its result.
pub async fn call(url: &str, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let request = Request::post(url).header("content-type", "application/json").body(Full::new(body.into())).unwrap();
    let client = HttpClient::new(public_authorities().unwrap(), None, 64 * 1024 * 1024);
    let response = client.send(request).await.unwrap();
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].clone()
}

/// Returns where anvil is.
fn program() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("ANVIL") {
        return Some(path.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    let packages = std::fs::read_dir(cache.join("anylog-master/anvil-1.7.1/node_modules/@foundry-rs")).ok()?;
    packages.filter_map(|package| Some(package.ok()?.path().join("bin/anvil"))).find(|path| path.is_file())
}
