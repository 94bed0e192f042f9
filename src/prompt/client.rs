//! Asks a running node over REST, as any client of the network does (reference/rest 2 and 3).

use crate::{
    command::{self, CATALOG, Verbs},
    node::secret,
    reply::Code,
    runtime::{
        client_identity::ClientIdentity,
        http_client::{HttpClient, HttpError, authorities_of, public_authorities},
        limits::{CLIENT_CONNECT_TIME, CLIENT_REPLY, CLIENT_TIME},
    },
};
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, body::Bytes, header};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{
    borrow::Cow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::time::timeout;

/// Name under which the client asks; nodes know it as one of theirs.
const AGENT: &str = "AnyLog/1.23";

/// Header line with the result of the last `if` (docs/rest.md).
const CONDITION: &str = "condition";

/// What to do when the node does not know who asks.
const NEEDS_TOKEN: &str = "the node wants a token that may run this command: --token-file FILE, or REST_TOKEN in the environment; one with REST_TLS_CA wants a certificate: --cert FILE and --key FILE";

/// Error code of a command that came with the other method.
const WRONG_METHOD: u64 = 156;

/// Where the node is and how to prove who asks.
#[derive(Clone, Debug, Default)]
pub struct ClientTarget {
    /// `host:port` of the REST server, with `https://` in front when it speaks TLS.
    pub address: String,
    /// Token for commands that change something.
    pub token: Option<SecretString>,
    /// Authority that signed the server's certificate (PEM); needed for `https://`.
    pub authority: Option<PathBuf>,
    /// What the server is trusted by instead, where its certificate itself is at hand.
    pub tls: Option<Arc<ClientConfig>>,
    /// What the client shows to a server that asks for a certificate (`REST_TLS_CA`).
    pub identity: Option<ClientIdentity>,
}

/// What the header of a request says.
#[derive(Clone, Copy, Debug)]
struct RequestLine<'a> {
    command: &'a str,
    /// Other nodes that run the command.
    destination: Option<&'a str>,
    /// Characters of a line where a person reads the answer.
    columns: Option<usize>,
}

impl<'a> RequestLine<'a> {
    /// Names a command for the node itself, whose answer a program reads.
    const fn of(command: &'a str) -> Self {
        Self { command, destination: None, columns: None }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("no answer from {address}: {reason}; is the node running, and is this the address of its REST server?")]
    NoAnswer {
        /// The address that was asked.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The TLS side cannot be set up.
    #[error("cannot speak TLS with {address}: {reason}")]
    Tls {
        /// The address that was asked.
        address: String,
        /// What is missing.
        reason: String,
    },
    /// The node refused the command.
    #[error("{text}{}", .detail.as_ref().map(|d| format!("\n  {d}")).unwrap_or_default())]
    Refused {
        /// Code of reference/command-language 11; 0 when the node gave none.
        code: u64,
        /// Its text.
        text: String,
        /// What happened and what to do.
        detail: Option<String>,
    },
}

/// A client of one node.
#[derive(Clone, Debug)]
pub struct Client {
    target: ClientTarget,
    http: HttpClient,
    /// The URL that commands are sent to.
    url: String,
    /// Result of the last `if`, as the node told it: each request is a session of its own there, and the `do` and `else`
    /// of the next command depend on it.
    flag: Arc<AtomicBool>,
}

impl Client {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the target speaks TLS and its authority is not named or cannot be read, and when the certificate to be shown cannot.
    pub fn new(target: ClientTarget) -> Result<Self, ClientError> {
        let address = target.address.trim_end_matches('/');
        let host = address.strip_prefix("https://");
        let tls = match (host, &target.authority, &target.tls) {
            (_, _, Some(tls)) => Ok(Arc::clone(tls)),
            (None, _, _) => public_authorities().map(Arc::new),
            (Some(_), Some(path), _) => authorities_of(path).map(Arc::new),
            (Some(_), None, _) => {
                Err(HttpError::Tls("name the authority of its certificate with --ca FILE".to_owned()))
            }
        };
        let tls = tls.and_then(|tls| match &target.identity {
            Some(identity) => identity.shown_by(&tls).map(Arc::new).map_err(HttpError::Tls),
            None => Ok(tls),
        });
        let tls = tls.map_err(|error| ClientError::Tls {
            address: host.unwrap_or(address).to_owned(),
            reason: error.to_string(),
        })?;
        let url = if address.contains("://") { format!("{address}/") } else { format!("http://{address}/") };
        let http = HttpClient::new(tls, Some(CLIENT_CONNECT_TIME), CLIENT_REPLY);
        Ok(Self { target, http, url, flag: Arc::default() })
    }

    /// Runs a command on the node, or on the nodes that it is told to ask, and returns the text of the answer.
    ///
    /// # Errors
    /// When nobody answers or the node refuses the command.
    pub async fn run(&self, command: &str, destination: Option<&str>) -> Result<String, ClientError> {
        self.run_for(command, destination, None).await
    }

    /// As [`Client::run`]; tables of the answer fit to lines of so many characters.
    ///
    /// # Errors
    /// See [`Client::run`].
    pub async fn run_for(
        &self,
        command: &str,
        destination: Option<&str>,
        columns: Option<usize>,
    ) -> Result<String, ClientError> {
        let command = sendable(command);
        let line = RequestLine { command: &command, destination, columns };
        // The node may be of another version than this program, so the other method is tried as well.
        for method in methods(&command) {
            match self.send(method, line, Bytes::new()).await {
                Err(ClientError::Refused { code: WRONG_METHOD, .. }) => {}
                result => return result,
            }
        }
        Err(unknown(&command))
    }

    /// Runs a command that may be longer than a line of a header, as its values stand in it; it goes in the body.
    ///
    /// # Errors
    /// See [`Client::run`].
    pub async fn run_long(&self, command: String) -> Result<String, ClientError> {
        self.send(Method::POST, RequestLine::of("body"), command.into()).await
    }

    /// Runs a command and returns its answer as JSON; an answer that has no such form becomes a JSON text.
    ///
    /// # Errors
    /// See [`Client::run`].
    pub async fn json(&self, command: &str) -> Result<Value, ClientError> {
        if let Some(asked) = command::select(command).text_for_json()
            && let Ok(text) = self.run(&asked, None).await
            && let Ok(value) = serde_json::from_str(&text)
        {
            return Ok(value);
        }
        let text = self.run(command, None).await?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Runs a command that changes something, with variables of its own in the body, a line `name = value` for each, and returns
    /// the text of the answer.
    ///
    /// # Errors
    /// See [`Client::run`].
    pub async fn run_with(&self, command: &str, variables: String) -> Result<String, ClientError> {
        self.send(Method::POST, RequestLine::of(command), variables.into()).await
    }

    async fn send(&self, method: Method, line: RequestLine<'_>, body: Bytes) -> Result<String, ClientError> {
        let request = self.request(method, line, body)?;
        let response = timeout(CLIENT_TIME, self.http.send(request)).await;
        let response = response.map_err(|_| self.no_answer("it took too long".to_owned()))?;
        let response = response.map_err(|error| match error {
            HttpError::Tls(reason) => {
                let address = self.target.address.trim_start_matches("https://").trim_end_matches('/').to_owned();
                ClientError::Tls { address, reason }
            }
            HttpError::Connect(reason) | HttpError::Response(reason) => self.no_answer(reason),
        })?;
        if let Some(flag) = response.headers().get(CONDITION) {
            self.flag.store(flag == "true", Ordering::Relaxed);
        }
        if response.status().is_success() {
            return Ok(String::from_utf8_lossy(response.body()).into_owned());
        }
        Err(refusal(&response))
    }

    fn request(&self, method: Method, line: RequestLine<'_>, body: Bytes) -> Result<Request<Full<Bytes>>, ClientError> {
        let RequestLine { command, destination, columns } = line;
        let mut request = Request::builder().method(method).uri(&self.url);
        request = request.header(header::USER_AGENT, AGENT).header("command", command.as_bytes());
        request = request.header("console", "reply");
        if self.flag.load(Ordering::Relaxed) {
            request = request.header(CONDITION, "true");
        }
        if let Some(columns) = columns {
            request = request.header("columns", columns);
        }
        if let Some(nodes) = destination {
            request = request.header("destination", nodes);
        }
        if let Some(token) = &self.target.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        request.body(Full::new(body)).map_err(|error| ClientError::Refused {
            code: 0,
            text: "the command cannot be sent".to_owned(),
            detail: Some(format!("{error}: a command sent to a node is one line")),
        })
    }

    fn no_answer(&self, reason: String) -> ClientError {
        ClientError::NoAnswer { address: self.target.address.clone(), reason }
    }
}

/// Returns a command as requests can carry it: a reference alone is asked for by `get`.
fn sendable(command: &str) -> Cow<'_, str> {
    let word = command.trim();
    let is_reference = word.len() > 1 && word.starts_with(['!', '$']) && !word.contains(char::is_whitespace);
    if is_reference { format!("get {word}").into() } else { command.into() }
}

/// Describes a word that no method carries, which is no command.
fn unknown(command: &str) -> ClientError {
    let hint = CATALOG.nearest(command).map(|name| format!("did you mean '{name}'? ")).unwrap_or_default();
    let command = secret::masked(command.trim());
    let detail = Some(format!("unknown command '{command}': {hint}'help' lists all commands"));
    let Code(code) = Code::UNRECOGNIZED_COMMAND;
    ClientError::Refused { code: code.into(), text: Code::UNRECOGNIZED_COMMAND.text().to_owned(), detail }
}

/// Returns the method that carries a command, and the other one.
fn methods(command: &str) -> [Method; 2] {
    match command::select(command).traits().verbs {
        Verbs::Get | Verbs::Both | Verbs::None => [Method::GET, Method::POST],
        Verbs::Post => [Method::POST, Method::GET],
    }
}

/// Reads why the node refused a command, from the body and what stands beside it.
fn refusal(response: &Response<Bytes>) -> ClientError {
    let status = response.status();
    let text = String::from_utf8_lossy(response.body());
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let beside =
        response.headers().get("error-detail").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = body.get("err_code").and_then(Value::as_u64).unwrap_or_default();
    let said = field("err_text").or_else(|| field("Error"));
    let detail = field("local_msg").or_else(|| field("operaor_msg")).or(beside);
    let detail = detail.or_else(|| (status == StatusCode::UNAUTHORIZED).then(|| NEEDS_TOKEN.to_owned()));
    ClientError::Refused { code, text: said.unwrap_or_else(|| format!("HTTP {status}: {text}")), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_read_use_get() {
        for command in ["get status", "blockchain get *", "print a", "sql x select 1", "get !x", "get nosuch"] {
            assert_eq!(methods(command)[0], Method::GET, "{command}");
        }
        for command in ["blockchain insert where policy = !p", "a = get status", "run scheduler 1", "frobnicate x"] {
            assert_eq!(methods(command)[0], Method::POST, "{command}");
        }
    }

    #[test]
    fn refusal_says_what_the_node_said() {
        let body = r#"{"method": "get", "node": "127.0.0.1", "err_code": 141, "err_text": "Unrecognized Command", "local_msg": "did you mean"}"#;
        let response = Response::builder().status(StatusCode::BAD_REQUEST).body(Bytes::from_static(body.as_bytes()));
        assert_eq!(refusal(&response.unwrap()).to_string(), "Unrecognized Command\n  did you mean");
    }

    #[tokio::test]
    async fn missing_node_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let client = Client::new(ClientTarget { address: address.clone(), ..ClientTarget::default() }).unwrap();
        let error = client.run("get status", None).await.unwrap_err().to_string();
        assert!(error.contains(&address) && error.contains("is the node running"), "{error}");
    }
}
