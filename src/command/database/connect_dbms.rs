//! `connect dbms` and `disconnect dbms` (reference/command-language 12.1).

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, SecretList, options::resolved, parsed, shown_word},
    ledger::{self, ConnectOutcome, ConnectedDatabase, DatabaseTarget, Engine, PostgresServer, PostgresTls},
    node::{LEDGER_DBMS, Node, Origin, Session, own_tls},
    reply::{Code, Error, ErrorKind, Notice, Reply},
    script::{Key, Word},
};
use anylog_values::{DatabaseHosts, DatabaseHostsError};
use async_trait::async_trait;
use std::{path::Path, sync::Arc};

/// Port of PostgreSQL when the command names none.
const POSTGRES_PORT: u16 = 5432;

/// Connects or disconnects a database.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectDbms {
    /// `connect dbms NAME where type = …`.
    Connect {
        /// Logical name.
        name: String,
        /// Where the database is.
        place: DatabasePlace,
        /// True when the login is a secret of this node.
        opens_secret: bool,
    },
    /// `disconnect dbms NAME`.
    Disconnect(String),
}

/// Where a database is, as a command says it.
#[derive(Clone, Debug, PartialEq)]
pub enum DatabasePlace {
    /// A file in `!dbms_dir`.
    File,
    /// In memory.
    Memory,
    /// On a server.
    Server(PostgresServer),
}

#[async_trait]
impl Command for ConnectDbms {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Connect { name, place, opens_secret } => {
                if opens_secret && session.origin.is_from_network() {
                    is_own(node, &place)?;
                }
                connect(node, session, &name, place).await
            }
            Self::Disconnect(name) => disconnect(node, session, &name).await,
        }
    }
}

/// Refuses to show a secret of this node to any other server than its own database.
fn is_own(node: &Node, place: &DatabasePlace) -> Result<(), Error> {
    match place {
        DatabasePlace::Server(server) if !is_own_server(node, server) => {
            let own = &node.config.database;
            let ip = own.db_ip.as_ref().map(ToString::to_string).unwrap_or_default();
            let detail = format!(
                "the login of this node is for its own database, {}:{} (DB_IP, DB_PORT): give the password of {} itself",
                ip, own.db_port, server.hosts
            );
            Err(Error { kind: ErrorKind::Refused, ..Error::with(Code::DBMS_NOT_CONNECTED, detail) })
        }
        _ => Ok(()),
    }
}

/// Tells whether a server is the one that the configuration names.
fn is_own_server(node: &Node, server: &PostgresServer) -> bool {
    let own = &node.config.database;
    own.db_ip.as_ref() == Some(&server.hosts) && own.db_port == server.port
}

async fn connect(node: &Node, session: &Session, name: &str, place: DatabasePlace) -> Result<Reply, Error> {
    let engine = if matches!(place, DatabasePlace::Server(_)) { Engine::Postgres } else { Engine::Sqlite };
    let outcome = match node.databases.connect(name, engine, target(node, name, place)).await {
        Ok(ConnectOutcome::AlreadyConnected(_)) => return Ok(Reply::Empty),
        Ok(ConnectOutcome::NameTaken(other)) => {
            let detail = format!("'{name}' is connected already, using {other}; use 'disconnect dbms {name}' first");
            return Err(Error::with(Code::DBMS_CONNECTION, detail));
        }
        Ok(ConnectOutcome::Connected(database)) => open_ledger(node, session, &database).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        // The boot tries again and tells of it itself.
        if session.origin != Origin::Plan {
            tell(session, format!("Database connect error: {name} using {engine} failed to connect"));
        }
        return Err(not_connected(&error));
    }
    tell(session, format!("Database {name} using {engine} connected!"));
    Ok(Reply::Empty)
}

/// Says why there is no database. What somebody has to mend first is not worth another try.
fn not_connected(error: &ledger::Error) -> Error {
    let told = Error::with(Code::DBMS_NOT_CONNECTED, error.to_string());
    let lasts = matches!(error, ledger::Error::Unavailable(outage) if outage.is_lasting());
    if lasts { Error { kind: ErrorKind::Failed, ..told } } else { told }
}

fn tell(session: &Session, line: String) {
    session.output.notice(&Notice::Line(line));
}

fn target(node: &Node, name: &str, place: DatabasePlace) -> DatabaseTarget {
    match place {
        DatabasePlace::Memory => DatabaseTarget::Memory,
        DatabasePlace::Server(server) => DatabaseTarget::Server(with_configuration(node, name, server)),
        DatabasePlace::File => {
            let directory = node.dictionary.get("dbms_dir").unwrap_or_else(|| ".".to_owned());
            DatabaseTarget::File(Path::new(&directory).join(format!("{name}.dbms")))
        }
    }
}

/// Adds what the configuration knows of the node's own server: how it is secured, and how it calls the ledger.
fn with_configuration(node: &Node, name: &str, server: PostgresServer) -> PostgresServer {
    if !is_own_server(node, &server) {
        return server;
    }
    let own = &node.config.database;
    let database = (name == LEDGER_DBMS).then(|| own.db_name.clone());
    PostgresServer { tls: own_tls(own), database, ..server }
}

/// Makes the database the ledger when it has the ledger's name.
async fn open_ledger(node: &Node, session: &Session, database: &ConnectedDatabase) -> Result<(), ledger::Error> {
    if database.name != LEDGER_DBMS {
        return Ok(());
    }
    let opened = async {
        node.open_local_file().await?;
        node.ledger.attach(database.store()?).await?;
        node.decide_for_script(session).await
    };
    let outcome = opened.await;
    if outcome.is_err() {
        node.databases.disconnect(LEDGER_DBMS).await;
    }
    outcome
}

async fn disconnect(node: &Node, session: &Session, name: &str) -> Result<Reply, Error> {
    if name == LEDGER_DBMS {
        node.ledger.detach().await;
    }
    if node.databases.disconnect(name).await {
        tell(session, format!("Disconnected from database '{name}'"));
        return Ok(Reply::Empty);
    }
    tell(session, format!("Unable to disconnect from database: '{name}'"));
    Err(Error::with(Code::PROCESS_FAILURE, format!("no database '{name}' is connected; see 'get databases'")))
}

const KEYS: [Key; 9] = [
    Key::text("type").required(),
    Key::text("user"),
    Key::text("password"),
    Key::text("ip"),
    Key::int("port"),
    Key::bool("memory"),
    Key::bool("autocommit"),
    Key::bool("unlog"),
    Key::text("connection"),
];

fn parse_connect(line: &Line<'_>) -> Parsed {
    let command = match line.arguments() {
        [name, by, list @ ..] if by.is("where") && !list.is_empty() => {
            let list = SecretList::read(list, line.scope, &KEYS)?;
            ConnectDbms::Connect {
                name: name_of(line, name)?,
                place: place(&list)?,
                opens_secret: list.opens("password"),
            }
        }
        [engine, user, port, name] => positional(line, [engine, user, port, name])?,
        _ => return Err(Error::with(Code::STRUCTURE, "Wrong command format: 'connect dbms'")),
    };
    parsed(command)
}

fn name_of(line: &Line<'_>, word: &Word) -> Result<String, Error> {
    let name = shown_word(line.scope, &word.text);
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(usable) {
        let detail = format!("'{name}' is no name of a database: use letters, digits, '_', '-' and '.'");
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    Ok(name)
}

/// Returns where the database is. The password alone may be a secret of this node: all else is told.
fn place(list: &SecretList) -> Result<DatabasePlace, Error> {
    let arguments = list.shown();
    match arguments.text("type") {
        Some("sqlite") if arguments.bool("memory") == Some(true) => Ok(DatabasePlace::Memory),
        Some("sqlite") => Ok(DatabasePlace::File),
        Some("psql") => Ok(DatabasePlace::Server(PostgresServer {
            hosts: hosts_of(arguments.text("ip").unwrap_or("127.0.0.1"))?,
            port: arguments.int("port").map_or(Ok(POSTGRES_PORT), |port| port_of(&port.to_string()))?,
            user: arguments.text("user").unwrap_or("postgres").to_owned(),
            password: list.opened("password").unwrap_or_default().into(),
            database: None,
            tls: PostgresTls::default(),
        })),
        other => {
            let detail = format!("type '{}' is not offered; use sqlite or psql", other.unwrap_or_default());
            Err(Error::with(Code::DBMS_TYPE, detail))
        }
    }
}

/// The form of the first deployment document: `connect dbms sqlite !db_user !db_port blockchain`, where the user is
/// `user@ip:password`.
fn positional(line: &Line<'_>, [engine, user, port, name]: [&Word; 4]) -> Result<ConnectDbms, Error> {
    let login = resolved(line, &user.text);
    let opens_secret = user.is_reference() || login != shown_word(line.scope, &user.text);
    let place = match shown_word(line.scope, &engine.text).as_str() {
        "sqlite" => DatabasePlace::File,
        "psql" => DatabasePlace::Server(server_of(&login, &shown_word(line.scope, &port.text))?),
        _ => return Err(Error::with(Code::STRUCTURE, "Wrong command format: 'connect dbms'")),
    };
    Ok(ConnectDbms::Connect { name: name_of(line, name)?, place, opens_secret })
}

fn server_of(user: &str, port: &str) -> Result<PostgresServer, Error> {
    let wrong = || Error::with(Code::STRUCTURE, "the user of 'connect dbms psql' is written user@ip:password");
    let (name, rest) = user.split_once('@').ok_or_else(wrong)?;
    let (host, password) = rest.split_once(':').ok_or_else(wrong)?;
    let port = if port.is_empty() { POSTGRES_PORT } else { port_of(port)? };
    Ok(PostgresServer {
        hosts: hosts_of(host)?,
        port,
        user: name.to_owned(),
        password: password.into(),
        database: None,
        tls: PostgresTls::default(),
    })
}

fn hosts_of(text: &str) -> Result<DatabaseHosts, Error> {
    let wrong = |error: DatabaseHostsError| format!("'{text}' is no address of a database: {error}");
    text.parse().map_err(|error| Error::with(Code::STRUCTURE, wrong(error)))
}

fn port_of(text: &str) -> Result<u16, Error> {
    text.parse().map_err(|_| Error::with(Code::STRUCTURE, format!("'{text}' is no port, 1 to 65535 are")))
}

fn parse_disconnect(line: &Line<'_>) -> Parsed {
    let name = crate::command::engine::options::one_word(line, "the name of the database")?;
    parsed(ConnectDbms::Disconnect(name))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "connect dbms",
        parse_connect,
        Help {
            usage: "connect dbms [name] where type = [sqlite/psql] [and user = u and password = p and ip = i and port = n and memory = true/false]",
            text: "Connects a database under a logical name; one that is missing is created. The name blockchain stands for the ledger.",
            examples: &[
                "connect dbms blockchain where type = sqlite",
                "connect dbms blockchain where type = psql and user = admin and password = demo and ip = 127.0.0.1 and port = 5432",
            ],
            index: &["dbms", "configuration"],
        },
    )
    .opening_secrets()
    .at_least(2),
    Entry::change(
        "disconnect dbms",
        parse_disconnect,
        Help {
            usage: "disconnect dbms [name]",
            text: "Closes the connections of a database. Policies stay readable when it is the ledger.",
            examples: &["disconnect dbms blockchain"],
            index: &["dbms", "configuration"],
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_user_of_the_first_document_holds_address_and_password() {
        let server = server_of("anylog@127.0.0.1:de:mo", "5433").unwrap();
        assert_eq!((server.user.as_str(), server.address().as_str()), ("anylog", "127.0.0.1:5433"));
        assert_eq!(server.password.expose_secret(), "de:mo");
        assert!(server_of("anylog", "1").is_err());
        assert!(server_of("a@b:c", "x").is_err());
    }
}
