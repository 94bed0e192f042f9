//! Asks a running node over REST, as any client of the network does (reference/rest 2 and 3).

use crate::{
    command::CATALOG,
    reply::Code,
    runtime::limits::{CLIENT_CONNECT_TIME, CLIENT_REPLY, CLIENT_TIME},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{borrow::Cow, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// Name under which the client asks; nodes know it as one of theirs.
const AGENT: &str = "AnyLog/1.23";

/// What to do when the node does not know who asks.
const NEEDS_TOKEN: &str = "the node wants a token that may run this command: --token-file FILE";

/// Error code of a command that came with the other method.
const WRONG_METHOD: u64 = 156;

/// Where the node is and how to prove who asks.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// `host:port` of the REST server, with `https://` in front when it speaks TLS.
    pub address: String,
    /// Token for commands that change something.
    pub token: Option<SecretString>,
    /// Authority that signed the server's certificate (PEM); needed for `https://`.
    pub authority: Option<PathBuf>,
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

/// What came back.
struct Answer {
    status: StatusCode,
    /// What happened and what to do, when the body has no place for it.
    detail: Option<String>,
    text: String,
}

/// A client of one node.
#[derive(Clone, Debug)]
pub struct Client {
    target: Target,
}

impl Client {
    /// Creates a client; nothing is sent yet.
    #[must_use]
    pub const fn new(target: Target) -> Self {
        Self { target }
    }

    /// Runs a command on the node, or on the nodes that it is told to ask, and returns the text of the answer.
    ///
    /// # Errors
    /// When nobody answers or the node refuses the command.
    pub async fn run(&self, command: &str, destination: Option<&str>) -> Result<String, ClientError> {
        let command = carried(command);
        let methods = if reads(&command) { ["GET", "POST"] } else { ["POST", "GET"] };
        for method in methods {
            match self.send(method, &command, destination).await {
                Err(ClientError::Refused { code: WRONG_METHOD, .. }) => {}
                result => return result,
            }
        }
        Err(unknown(&command))
    }

    /// Runs a command and returns its answer as JSON; an answer that has no such form becomes a JSON text.
    ///
    /// # Errors
    /// See [`Client::run`].
    pub async fn json(&self, command: &str) -> Result<Value, ClientError> {
        if let Some(asked) = with_json_format(command)
            && let Ok(text) = self.run(&asked, None).await
            && let Ok(value) = serde_json::from_str(&text)
        {
            return Ok(value);
        }
        let text = self.run(command, None).await?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn send(&self, method: &str, command: &str, destination: Option<&str>) -> Result<String, ClientError> {
        let answer = timeout(CLIENT_TIME, self.exchange(method, command, destination)).await;
        let answer = answer.map_err(|_| self.silent(&"it took too long"))??;
        if answer.status.is_success() { Ok(answer.text) } else { Err(refusal(&answer)) }
    }

    async fn exchange(&self, method: &str, command: &str, destination: Option<&str>) -> Result<Answer, ClientError> {
        let address = self.target.address.trim_end_matches('/');
        if let Some(host) = address.strip_prefix("https://") {
            let stream = self.tls(host).await?;
            return self.over(stream, self.request(host, method, command, destination)?).await;
        }
        let host = address.strip_prefix("http://").unwrap_or(address);
        let stream = self.connect(host).await?;
        self.over(stream, self.request(host, method, command, destination)?).await
    }

    async fn connect(&self, host: &str) -> Result<TcpStream, ClientError> {
        let stream = timeout(CLIENT_CONNECT_TIME, TcpStream::connect(host)).await;
        stream.map_err(|_| self.silent(&"nobody took the connection"))?.map_err(|error| self.silent(&error))
    }

    async fn tls(&self, host: &str) -> Result<impl AsyncRead + AsyncWrite + Unpin + use<>, ClientError> {
        let wrong = |reason: String| ClientError::Tls { address: host.to_owned(), reason };
        let Some(path) = &self.target.authority else {
            return Err(wrong("name the authority of its certificate with --ca FILE".to_owned()));
        };
        let mut roots = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|e| wrong(format!("{}: {e}", path.display())))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|e| wrong(format!("{}: {e}", path.display())))?;
            roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().map_err(|e| wrong(e.to_string()))?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
        let name = ServerName::try_from(name).map_err(|e| wrong(e.to_string()))?;
        let stream = self.connect(host).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|e| wrong(e.to_string()))
    }

    fn request(
        &self,
        host: &str,
        method: &str,
        command: &str,
        destination: Option<&str>,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::builder().method(method).uri("/").header(header::HOST, host);
        request = request.header(header::USER_AGENT, AGENT).header("command", command.as_bytes());
        request = request.header("console", "reply");
        if let Some(nodes) = destination {
            request = request.header("destination", nodes);
        }
        if let Some(token) = &self.target.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        request.body(Full::default()).map_err(|error| ClientError::Refused {
            code: 0,
            text: "the command cannot be sent".to_owned(),
            detail: Some(format!("{error}: a command sent to a node is one line")),
        })
    }

    async fn over<S>(&self, stream: S, request: Request<Full<Bytes>>) -> Result<Answer, ClientError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| self.silent(&e))?;
        let answer = async move {
            let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
            let status = response.status();
            let detail =
                response.headers().get("error-detail").map(|d| String::from_utf8_lossy(d.as_bytes()).into_owned());
            let body = Limited::new(response.into_body(), CLIENT_REPLY).collect().await;
            let bytes = body.map_err(|e| e.to_string())?.to_bytes();
            Ok::<_, String>(Answer { status, detail, text: String::from_utf8_lossy(&bytes).into_owned() })
        };
        let (answer, _ended) = tokio::join!(answer, connection);
        answer.map_err(|reason| self.silent(&reason))
    }

    fn silent(&self, reason: &dyn std::fmt::Display) -> ClientError {
        ClientError::NoAnswer { address: self.target.address.clone(), reason: reason.to_string() }
    }
}

/// Returns a command as requests carry it: a reference alone is asked for by `get`.
fn carried(command: &str) -> Cow<'_, str> {
    let word = command.trim();
    let is_reference = word.len() > 1 && word.starts_with(['!', '$']) && !word.contains(char::is_whitespace);
    if is_reference { format!("get {word}").into() } else { command.into() }
}

/// Describes a word that no method carries, which is no command.
fn unknown(command: &str) -> ClientError {
    let hint = CATALOG.nearest(command).map(|name| format!("did you mean '{name}'? ")).unwrap_or_default();
    let detail = Some(format!("unknown command '{}': {hint}'help' lists all commands", command.trim()));
    let Code(code) = Code::UNRECOGNIZED_COMMAND;
    ClientError::Refused { code: code.into(), text: Code::UNRECOGNIZED_COMMAND.text().to_owned(), detail }
}

/// Tells whether a command only reads, so that GET carries it.
fn reads(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().take(2).collect();
    match words.as_slice() {
        [first, ..] if ["get", "help", "test", "print", "wait", "sql", "query"].contains(first) => true,
        ["blockchain", second] => ["get", "read"].contains(second),
        _ => false,
    }
}

/// Returns a `get` command with `format = json`, unless it names a format itself or has none.
fn with_json_format(command: &str) -> Option<String> {
    let command = command.trim();
    if !command.starts_with("get ") || command.contains("format") || command.starts_with("get !") {
        return None;
    }
    let keyword = if command.split_whitespace().any(|word| word == "where") { "and" } else { "where" };
    Some(format!("{command} {keyword} format = json"))
}

fn refusal(answer: &Answer) -> ClientError {
    let Answer { status, detail, text } = answer;
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let field = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = body.get("err_code").and_then(Value::as_u64).unwrap_or_default();
    let said = field("err_text").or_else(|| field("Error"));
    let detail = field("local_msg").or_else(|| field("operaor_msg")).or_else(|| detail.clone());
    let detail = detail.or_else(|| (*status == StatusCode::UNAUTHORIZED).then(|| NEEDS_TOKEN.to_owned()));
    ClientError::Refused { code, text: said.unwrap_or_else(|| format!("HTTP {status}: {text}")), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_commands_use_get() {
        assert!(reads("get status"));
        assert!(reads("blockchain get *"));
        assert!(!reads("blockchain insert where policy = !p"));
        assert!(!reads("a = get status"));
        assert!(!reads("run scheduler 1"));
    }

    #[test]
    fn format_is_added_to_get() {
        assert_eq!(with_json_format("get status").as_deref(), Some("get status where format = json"));
        assert_eq!(
            with_json_format("get error log where keys = a").as_deref(),
            Some("get error log where keys = a and format = json")
        );
        assert_eq!(with_json_format("get status where format = table"), None);
        assert_eq!(with_json_format("get !x"), None);
        assert_eq!(with_json_format("blockchain get *"), None);
    }

    #[test]
    fn refusal_says_what_the_node_said() {
        let body = r#"{"method": "get", "node": "127.0.0.1", "err_code": 141, "err_text": "Unrecognized Command", "local_msg": "did you mean"}"#;
        let answer = Answer { status: StatusCode::BAD_REQUEST, detail: None, text: body.to_owned() };
        assert_eq!(refusal(&answer).to_string(), "Unrecognized Command\n  did you mean");
    }

    #[tokio::test]
    async fn missing_node_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let client = Client::new(Target { address: address.clone(), ..Target::default() });
        let error = client.run("get status", None).await.unwrap_err().to_string();
        assert!(error.contains(&address) && error.contains("is the node running"), "{error}");
    }
}
