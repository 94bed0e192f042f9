//! `get configuration`: the variables of the configuration and where the value of each comes from.

use crate::{
    command::engine::{
        Access, Built, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, only_format},
        parsed,
    },
    config::{Setting, Source},
    node::{Node, Session, secret},
    reply::{Error, Reply, Table},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// `get configuration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Configuration(OutputFormat);

#[async_trait]
impl Command for Configuration {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let settings = node.config.settings();
        Ok(match self.0 {
            OutputFormat::Table => {
                let row = |setting: &Setting| {
                    vec![json!(setting.variable.name), json!(shown(setting)), json!(setting.source.to_string())]
                };
                Reply::Table(Table::new(["Variable", "Value", "From"], settings.iter().map(row).collect()))
            }
            OutputFormat::Json => Reply::Value(settings.iter().map(value).collect()),
        })
    }
}

/// Returns a value without its secrets; a line of other programs may hold a login as well: host=… password=…
fn shown(setting: &Setting) -> String {
    secret::masked(&setting.shown()).into_owned()
}

fn value(setting: &Setting) -> Value {
    let variable = setting.variable;
    let text: Vec<&str> = variable.doc.iter().map(|line| line.trim()).collect();
    json!({
        "name": variable.name,
        "value": shown(setting),
        "from": setting.source.to_string(),
        "set": setting.source != Source::Default,
        "secret": variable.secret,
        "text": text.join(" "),
    })
}

/// Asks for the variables as JSON.
#[must_use]
pub fn configuration() -> Built {
    Built::new(GET_CONFIGURATION, Configuration(OutputFormat::Json))
}

fn parse(line: &Line<'_>) -> Parsed {
    only_format(line).and_then(|format| parsed(Configuration(format)))
}

/// The entry of `get configuration`.
const GET_CONFIGURATION: &Entry = match ENTRIES {
    [configuration, ..] => configuration,
    [] => unreachable!(),
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get configuration",
    parse,
    Help {
        usage: "get configuration [where format = table/json]",
        text: "Lists the variables of the configuration with the values that the node was started with, and where each comes from: an option of the program, the environment, a line of the env file, or its default. Secrets are stars.",
        examples: &["get configuration", "get configuration where format = json"],
        index: &["configuration", "node info"],
    },
)
.reaching(Access::ReadInside)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, EnvFile, Sources};

    #[test]
    fn a_value_has_its_source_and_no_secret() {
        let file =
            EnvFile::parse("anylog_configs.env".into(), b"NODE_NAME=m\nDB_TYPE=psql\nDB_USER=u\nDB_PASSWD=s3cret\n");
        let config = Config::load(&Sources { file: Some(file), ..Sources::default() }).unwrap();
        let of = |name: &str| value(config.setting(name).unwrap());
        assert_eq!(of("NODE_NAME")["from"], "anylog_configs.env:1");
        assert_eq!((&of("NODE_NAME")["value"], &of("NODE_NAME")["set"]), (&json!("m"), &json!(true)));
        assert_eq!((&of("DB_PASSWD")["value"], &of("DB_PASSWD")["secret"]), (&json!("********"), &json!(true)));
        assert_eq!((&of("DB_PORT")["from"], &of("DB_PORT")["set"]), (&json!("default"), &json!(false)));
        assert!(config.settings().iter().map(value).all(|value| !value.to_string().contains("s3cret")));
    }
}
