//! `config from policy where …`: servers and a script out of one policy (reference/command-language 14).

use crate::{
    command::{
        engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        language::script_runner::shown,
    },
    node::{Configuration, Node, ServerOptions, Session, SessionScope, report},
    policy::{Policy, PolicyRef},
    query::Query,
    reply::{Code, Error, Notice, Reply},
    runtime::limits,
    script::{Resolved, Word, resolve},
};
use anylog_values::{Host, ListenAddress};
use async_trait::async_trait;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// The query that selects the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigPolicy {
    query: Query,
}

/// Threads of the TCP server when the policy does not say.
const TCP_THREADS: u32 = 6;
/// Threads of the REST server when the policy does not say.
const REST_THREADS: u32 = 8;
/// Seconds of a REST request when the policy does not say.
const REST_TIMEOUT: u64 = 20;

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "config from policy",
    min_words: 7,
    assigns: false,
    access: Access::ChangeNode,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "config from policy where [conditions]",
        text: "Starts the TCP and REST servers as the one policy that fits says, then runs its script.",
        examples: &["config from policy where id = !config_id", "config from policy where name = my-configs"],
        index: &["configuration", "metadata"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let arguments = line.arguments();
    if !arguments.first().is_some_and(|word| word.is("where")) {
        return Err(Error::with(Code::STRUCTURE, "Missing where condition in 'config from policy' command"));
    }
    let words: Vec<Word> = std::iter::once(Word::plain("*")).chain(arguments.iter().cloned()).collect();
    parsed(ConfigPolicy { query: Query::parse(&words, line.scope)? })
}

#[async_trait]
impl Command for ConfigPolicy {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let policy = self.find(node, session).await?;
        let id = policy.id().ok_or_else(|| Error::with(Code::MISSING_ID, "the policy has no id"))?;
        if session.depth >= limits::SCRIPT_DEPTH {
            let detail = format!("policy {id} configures itself, {} scripts inside each other", session.depth);
            return Err(Error::with(Code::PROCESS_FAILURE, detail));
        }
        let result = match ServerAttributes::new(&policy, node, session).start(node, session, &id).await {
            Ok(()) => run_script(&policy, node, session, &id).await,
            Err(error) => Err(error),
        };
        let (code, message) = match &result {
            Ok(_) => (0, String::new()),
            Err(error) => (error.code.0, error.code.text().to_owned()),
        };
        let name = policy.text("name").unwrap_or_default().to_owned();
        node.settings.configured(Configuration { id, name, code, message });
        result
    }
}

impl ConfigPolicy {
    async fn find(&self, node: &Node, session: &Session) -> Result<Policy, Error> {
        let (view, query) = (node.ledger.view(), self.query.clone());
        let found = node.queries.answer(session, move |budget| {
            let found = query.policies(&*view, budget)?;
            // Whether there is a second one is all that has to be known of the others.
            Ok(found.into_iter().take(2).map(PolicyRef::into_owned).collect::<Vec<_>>())
        });
        match <[Policy; 1]>::try_from(found.await?) {
            Ok([policy]) => Ok(policy),
            Err(none) if none.is_empty() => {
                Err(Error::with(Code::POLICY_NOT_AVAILABLE, "no policy fits what stands behind 'where'"))
            }
            Err(_) => {
                Err(Error::with(Code::NON_UNIQUE_POLICY, "several policies fit what stands behind 'where', one has to"))
            }
        }
    }
}

/// The attributes of a policy that describe servers, with their references resolved.
struct ServerAttributes<'a> {
    policy: &'a Policy,
    values: Vec<(&'static str, String)>,
}

/// The attributes that are read.
const ATTRIBUTES: [&str; 12] = [
    "ip",
    "port",
    "local_ip",
    "local_port",
    "tcp_bind",
    "tcp_threads",
    "rest_ip",
    "rest_port",
    "rest_bind",
    "rest_threads",
    "rest_timeout",
    "broker_port",
];

impl<'a> ServerAttributes<'a> {
    fn new(policy: &'a Policy, node: &Node, session: &Session) -> Self {
        let scope = SessionScope::new(node, session);
        let value = |key: &'static str| match policy.get(key)? {
            Value::String(text) => Some((key, resolve(text, &scope).into_text())),
            Value::Null => None,
            other => Some((key, Resolved::Text(other.to_string()).into_text())),
        };
        Self { policy, values: ATTRIBUTES.into_iter().filter_map(value).collect() }
    }

    fn text(&self, key: &str) -> &str {
        self.values.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value.as_str())
    }

    /// Returns whether a server is bound to its address, when the policy says so.
    fn bind(&self, key: &str) -> Option<bool> {
        self.policy.get(key)?;
        Some(self.text(key).eq_ignore_ascii_case("true"))
    }

    fn port(&self, key: &str, name: &str) -> Result<u16, Error> {
        let text = self.text(key);
        let detail =
            || format!("The {name} value {text} is not an int between 0 and 65535: correct '{key}' of the policy");
        text.trim().parse().map_err(|_| Error::with(Code::PORT_VALUE, detail()))
    }

    fn number(&self, key: &str, default: u32) -> u32 {
        self.text(key).trim().parse().map_or(default, |number: u32| number.max(1))
    }

    async fn start(&self, node: &Arc<Node>, session: &Session, id: &str) -> Result<(), Error> {
        if let Some(options) = self.tcp()? {
            let running = node.services.peers.status().map(|status| status.options);
            if let Some(again) = changed(running.as_ref(), &options) {
                if again {
                    node.services.peers.stop().await;
                }
                node.start_tcp(options).await?;
                notify_configured(session, again, "TCP Server", id);
            }
        }
        if let Some(options) = self.rest(id)? {
            let running = node.services.rest.status().map(|status| status.options);
            if let Some(again) = changed(running.as_ref(), &options) {
                if again {
                    node.services.rest.stop().await;
                }
                node.start_rest(ServerOptions {
                    configured: options.configured || session.origin == crate::node::Origin::Plan,
                    ..options
                })
                .await?;
                notify_configured(session, again, "REST Server", id);
            }
        }
        if !self.text("broker_port").is_empty() {
            let text = format!("policy {id} asks for a message broker, which this node does not have: it is left out");
            node.events.warning(&session.thread, &text);
        }
        Ok(())
    }

    fn tcp(&self) -> Result<Option<ServerOptions>, Error> {
        let (ip, local_ip) = (self.text("ip"), self.text("local_ip"));
        let (has_port, has_local_port) = (!self.text("port").is_empty(), !self.text("local_port").is_empty());
        let is_described = (!ip.is_empty() && has_port) || (!local_ip.is_empty() && has_local_port);
        if !is_described {
            return Ok(None);
        }
        let external = self.port(if has_port { "port" } else { "local_port" }, "Port")?;
        let internal = if has_local_port { self.port("local_port", "Local Port")? } else { external };
        let one_address = ip.is_empty() || local_ip.is_empty();
        Ok(Some(ServerOptions {
            external: ListenAddress::new(host(first_given(ip, local_ip))?, external),
            internal: ListenAddress::new(host(first_given(local_ip, ip))?, internal),
            bind: self.bind("tcp_bind").unwrap_or(one_address),
            configured: false,
            threads: self.number("tcp_threads", TCP_THREADS),
            timeout: Duration::from_secs(REST_TIMEOUT),
            tls: None,
        }))
    }

    fn rest(&self, id: &str) -> Result<Option<ServerOptions>, Error> {
        if self.text("rest_port").is_empty() {
            return Ok(None);
        }
        let rest_ip = self.text("rest_ip");
        let ip = first_given(rest_ip, self.text("ip"));
        if ip.is_empty() {
            let detail = format!("Missing IP to configure REST Server using policy {id}");
            return Err(Error::with(Code::STRUCTURE, detail));
        }
        let address = ListenAddress::new(host(ip)?, self.port("rest_port", "REST Port")?);
        let timeout = self.text("rest_timeout").trim().parse().unwrap_or(REST_TIMEOUT);
        Ok(Some(ServerOptions {
            external: address.clone(),
            internal: address,
            bind: self.bind("rest_bind").unwrap_or(!rest_ip.is_empty()),
            configured: rest_ip.is_empty(),
            threads: self.number("rest_threads", REST_THREADS),
            timeout: Duration::from_secs(timeout),
            tls: None,
        }))
    }
}

/// Returns the first text that is not empty.
const fn first_given<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.is_empty() { other } else { one }
}

/// Reads an attribute that is an address or a name.
fn host(text: &str) -> Result<Host, Error> {
    text.parse().map_err(|error| Error::with(Code::PARAMETERS, format!("'{text}' is no address of a server: {error}")))
}

/// Tells whether a server must be started: `false` for the first time, `true` when it runs with other values.
fn changed(running: Option<&ServerOptions>, wanted: &ServerOptions) -> Option<bool> {
    let place = |options: &ServerOptions| (options.external.clone(), options.internal.clone(), options.bind);
    match running {
        None => Some(false),
        Some(running) => (place(running) != place(wanted)).then_some(true),
    }
}

fn notify_configured(session: &Session, again: bool, server: &str, id: &str) {
    let what = if again { "Reconfigure" } else { "Configure" };
    session.output.notice(&Notice::Success(format!("{what} {server} from policy {id}")));
}

/// Runs the script of the policy; every result that is no success ends it, control results included.
async fn run_script(policy: &Policy, node: &Arc<Node>, session: &mut Session, id: &str) -> Result<Reply, Error> {
    let Some(script) = policy.get("script") else { return Ok(Reply::Empty) };
    let entries = script_entries(script).ok_or_else(|| invalid_script(id))?;
    session.depth += 1;
    let mut end = Ok(Reply::Empty);
    for (at, entry) in entries.iter().enumerate() {
        let Some(command) = entry.as_str().map(str::trim) else {
            end = Err(invalid_script(id));
            break;
        };
        let inner = command.strip_prefix('\'').and_then(|command| command.strip_suffix('\''));
        let command = inner.unwrap_or(command);
        let (outcome, result) = match node.commands.run_text(node, session, command).await {
            Ok(Reply::Control(control)) => (control.text(), Ok(Reply::Control(control))),
            Ok(reply) => {
                session.output.show(&reply);
                continue;
            }
            Err(error) => {
                report(node, session, command, &error);
                (error.code.text(), Err(Error::new(error.code)))
            }
        };
        let (line, command) = (at + 1, shown(command, true));
        let text = format!("Wrong format in script line {line} of policy: {id} command: '{command}");
        node.events.error(&session.thread, &text);
        let text = format!("Script from policy {id} failed at line #{line} -- {outcome}\nCommand: {command}");
        session.output.notice(&Notice::Failure(text));
        end = result;
        break;
    }
    session.depth -= 1;
    if matches!(end, Ok(Reply::Empty)) {
        session.output.notice(&Notice::Success(format!("Script from policy {id} processed")));
    }
    end
}

/// Returns the commands of a script: a list, or the text of one as older policies have it.
fn script_entries(script: &Value) -> Option<Vec<Value>> {
    match script {
        Value::Array(entries) => Some(entries.clone()),
        Value::String(text) => {
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            Some(inner.split(',').map(|entry| Value::String(entry.to_owned())).collect())
        }
        _ => None,
    }
}

fn invalid_script(id: &str) -> Error {
    Error::with(Code::POLICY_STRUCTURE, format!("Wrong script structure in config policy {id}"))
}
