//! `set relay`, `get relay` (reference/ledger 12.2, 12.4).

use crate::{
    command::{
        engine::{
            Built, Command, Entry, Help, Line, Parsed, Traits,
            options::{OutputFormat, only_format, options},
            parsed,
        },
        platform::relay_figures,
    },
    config::RelayVisible,
    ledger::RelaySubset,
    node::{
        Node, RelayOptions, RelayStatus, Session,
        platforms::{PlatformError, PlatformName},
    },
    reply::{Code, Error, Gap, Notice, Reply, Table},
    script::{Arguments, Key},
};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// Commands on the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RelayCommand {
    /// `set relay where … status = on`.
    On {
        /// The platform.
        platform: String,
        /// What is relayed.
        subset: RelaySubset,
        /// When members see a change; what the configuration says when the command does not.
        visible: Option<RelayVisible>,
    },
    /// `set relay where … status = off`.
    Off(String),
    /// `get relay`.
    Show(OutputFormat),
}

const NONE: &str = "Relay node not declared";

#[async_trait]
impl Command for RelayCommand {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::On { platform, subset, visible } => {
                let platform = node.platforms.named(&platform)?;
                // What is missing is told now, not by a relay that fails in the background.
                platform.contract()?;
                platform.account()?;
                let visible = visible.unwrap_or(node.config.ledger.relay_visible);
                let options = RelayOptions { platform: platform.name(), subset, visible };
                node.services.relay.start(node, options).await?;
                Ok(Reply::Empty)
            }
            Self::Off(platform) => {
                let name = node.platforms.named(&platform)?.name();
                let status = node.services.relay.status().filter(|status| status.is_on);
                if let Some(other) = status.filter(|status| status.options.platform != name) {
                    let detail = format!("the relay is on for {}, not for {name}", other.options.platform);
                    return Err(Error::with(Code::PROCESS_FAILURE, detail));
                }
                let waiting = node.services.relay.stop(node).await?;
                if waiting > 0 {
                    let text = format!("{waiting} changes wait for {name}: they are sent when the relay is on again");
                    node.events.warning(&session.thread, &text);
                    session.output.notice(&Notice::Line(text));
                }
                Ok(Reply::Empty)
            }
            Self::Show(format) => Ok(match (node.services.relay.status(), format) {
                (None, OutputFormat::Table) => Reply::Text(NONE.to_owned()),
                (None, OutputFormat::Json) => Reply::Value(json!({})),
                (Some(status), OutputFormat::Table) => Reply::Table(table(&status)),
                (Some(status), OutputFormat::Json) => Reply::Value(relay_figures::value(node, &status)),
            }),
        }
    }
}

/// Returns the table that the network knows; the figures are in the JSON form.
fn table(status: &RelayStatus) -> Table {
    let state = if status.is_on { "on" } else { "off" };
    let row = vec![json!(state), json!(status.options.platform.as_str())];
    Table { gap: Gap::Line, ..Table::new(["Status", "Platform"], vec![row]) }
}

fn parse_set(line: &Line<'_>) -> Parsed {
    let schema = [
        Key::text("platform").required(),
        Key::text("status"),
        Key::text("company"),
        Key::text("type").many(),
        Key::text("visible"),
    ];
    let arguments = options(line, &schema)?;
    let platform = arguments.text("platform").unwrap_or_default().to_owned();
    let _known: PlatformName = platform.parse().map_err(|()| PlatformError::NoSuchPlatform(platform.clone()))?;
    match arguments.text("status") {
        None | Some("on") => {
            parsed(RelayCommand::On { platform, subset: subset(&arguments)?, visible: visible(&arguments)? })
        }
        Some("off") => parsed(RelayCommand::Off(platform)),
        Some(other) => Err(Error::with(Code::STRUCTURE, format!("status '{other}': write on or off"))),
    }
}

fn subset(arguments: &Arguments) -> Result<RelaySubset, Error> {
    let types: Vec<String> = arguments.texts("type").map(str::to_owned).collect();
    match (arguments.text("company"), types.is_empty()) {
        (None, true) => Ok(RelaySubset::All),
        (Some(company), true) => Ok(RelaySubset::Company(company.to_owned())),
        (None, false) => Ok(RelaySubset::Types(types)),
        (Some(_), false) => {
            Err(Error::with(Code::STRUCTURE, "a relay is for one company or for some types, not for both"))
        }
    }
}

fn visible(arguments: &Arguments) -> Result<Option<RelayVisible>, Error> {
    match arguments.text("visible") {
        None => Ok(None),
        Some("pending") => Ok(Some(RelayVisible::Pending)),
        Some("confirmed") => Ok(Some(RelayVisible::Confirmed)),
        Some(other) => Err(Error::with(Code::STRUCTURE, format!("visible '{other}': write pending or confirmed"))),
    }
}

fn parse_get(line: &Line<'_>) -> Parsed {
    parsed(RelayCommand::Show(only_format(line)?))
}

/// Asks how the relay is, as JSON; without one the answer is an empty object.
#[must_use]
pub fn relay_state() -> Built {
    Built::new(GET_RELAY, RelayCommand::Show(OutputFormat::Json))
}

/// The entry of `get relay`.
const GET_RELAY: &Entry = match ENTRIES {
    [_, relay, ..] => relay,
    _ => unreachable!(),
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "set relay",
        parse_set,
        Help {
            usage: "set relay where platform = [platform] [and company = [name] / and type = [type, type]] [and visible = [pending/confirmed]] [and status = [on/off]]",
            text: "Makes this master the relay between its members and the contract of a connected platform: what members push, replace and drop goes to the contract once each, and what others change there comes into the ledger. Members see a change at once (pending), or when the chain has it (confirmed). Off: the ledger stays in the table of this master, and what waits stays in the outbox.",
            examples: &[
                "set relay where platform = optimism and status = on",
                "set relay where platform = ethereum and company = !company_name",
                "set relay where platform = ethereum and type = (operator, cluster, table) and visible = confirmed",
                "set relay where platform = optimism and status = off",
            ],
            index: &["blockchain"],
        },
    )
    .with(Traits::CHANGE),
    Entry::read(
        "get relay",
        parse_get,
        Help {
            usage: "get relay [where format = table/json]",
            text: "Tells which chain this node relays to; as JSON also the contract, who sends, what waits in the outbox since when, the last transaction and block, the last error, and what was done.",
            examples: &["get relay", "get relay where format = json"],
            index: &["blockchain", "monitor"],
        },
    ),
];
