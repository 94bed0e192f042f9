//! Checks of what the configuration says; they need no node that runs.

use crate::{
    config::{Config, DbType},
    reply::ChecklistItem,
    runtime::{disk::Space, limits, net},
};
use anylog_values::{DatabaseHost, Host};
use std::{io, path::Path};

/// Warnings that are told one by one.
const SHOWN: usize = 8;

/// Looks at the configuration: what it warns of, and where compose reads the env file otherwise.
#[must_use]
pub fn configured_checks(config: &Config) -> Vec<ChecklistItem> {
    vec![warnings(config), readings(config)]
}

fn warnings(config: &Config) -> ChecklistItem {
    let (name, tried) = ("configuration", "environment and env file were read");
    let readings = config.readings();
    let others = config.warnings().iter().filter(|warning| !readings.contains(warning)).count();
    let found = match others {
        0 => "every value can be used".to_owned(),
        others => format!("every value can be used; {others} warnings: anylog-master check-config shows them"),
    };
    ChecklistItem::good(name, tried, found)
}

fn readings(config: &Config) -> ChecklistItem {
    let (name, tried) = ("env file", "it was read by the rules of compose 1.29 and v2 as well");
    match config.readings() {
        [] => ChecklistItem::good(name, tried, "compose reads it as this node does"),
        all => {
            let shown: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
            let more = all.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            let remedy = "anylog-master check-config --fix writes a file that all read alike";
            ChecklistItem::wrong(name, tried, shown.join("; ") + &more, remedy)
        }
    }
}

/// Looks up every name that the configuration has in place of an address.
pub async fn name_checks(config: &Config) -> Vec<ChecklistItem> {
    let names = names(config);
    if names.is_empty() {
        let tried = "the hosts of the configuration were looked at";
        return vec![ChecklistItem::good("names", tried, "all hosts are addresses, nothing has to be looked up")];
    }
    let mut items = Vec::with_capacity(names.len());
    for (variable, host) in names {
        items.push(name_check(variable, &host).await);
    }
    items
}

async fn name_check(variable: &str, host: &str) -> ChecklistItem {
    let (name, tried) = (format!("name in {variable}"), "the hosts file and the name server were asked");
    match net::resolve(host).await {
        Ok(found) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            ChecklistItem::good(name, tried, format!("{host} is {}", found.join(", ")))
        }
        Err(error) => ChecklistItem::wrong(
            name,
            tried,
            error.to_string(),
            format!(
                "correct {variable}, write an address, or give the machine the name (DNS, extra_hosts of the container)"
            ),
        ),
    }
}

/// Returns the names of the configuration, each with its variable.
fn names(config: &Config) -> Vec<(&'static str, String)> {
    let network = &config.network;
    let own = [
        ("EXTERNAL_IP", network.external_ip.as_ref()),
        ("INTERNAL_IP", network.internal_ip.as_ref()),
        ("OVERLAY_IP", network.overlay_ip.as_ref()),
        ("LEDGER_CONN", config.ledger.ledger_conn.as_ref().map(anylog_values::Address::host)),
    ];
    let own = own.into_iter().filter_map(|(variable, host)| Some((variable, host?.clone())));
    let is_used = config.database.db_type == DbType::Psql;
    let places = config.database.db_ip.iter().filter(|_| is_used).flat_map(|hosts| hosts.list());
    let database = places.filter_map(|place| match place {
        DatabaseHost::Tcp { host, .. } => Some(("DB_IP", host.clone())),
        DatabaseHost::Socket(_) => None,
    });
    let is_name = |host: &Host| host.ip().is_none();
    own.chain(database).filter(|(_, host)| is_name(host)).map(|(variable, host)| (variable, host.to_string())).collect()
}

/// Says how much room a disk has.
pub fn disk_check(path: &Path, space: io::Result<Space>) -> ChecklistItem {
    let (name, tried) = ("disk", "the file system of ANYLOG_PATH was asked");
    match space {
        Err(error) => ChecklistItem::wrong(
            name,
            tried,
            format!("{}: {error}", path.display()),
            "make the directory, or set ANYLOG_PATH to one that this user may write",
        ),
        Ok(space) if space.free < limits::DISK_LOW => ChecklistItem::wrong(
            name,
            tried,
            format!("{} has {} MB left", path.display(), space.free >> 20),
            "free space, or the local copy cannot be written",
        ),
        Ok(space) => ChecklistItem::good(name, tried, format!("{} has {} MB left", path.display(), space.free >> 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{EnvFile, Sources},
        reply::ItemState,
    };

    fn config(file: &str) -> Config {
        let file = Some(EnvFile::parse("anylog_configs.env".into(), file.as_bytes()));
        Config::load(&Sources { file, ..Sources::default() }).unwrap()
    }

    #[test]
    fn a_value_that_compose_reads_otherwise_is_wrong_and_an_old_name_is_not() {
        let states =
            |file: &str| configured_checks(&config(file)).into_iter().map(|item| item.state).collect::<Vec<_>>();
        assert_eq!(states("SYNC_TIME=45 second\n"), [ItemState::Good, ItemState::Good]);
        assert_eq!(states("NODE_NAME=a$b\n"), [ItemState::Good, ItemState::Wrong]);
        let item = readings(&config("NODE_NAME=a$b\n"));
        assert!(item.found.contains("NODE_NAME is read otherwise by compose v2") && item.remedy.is_some(), "{item:?}");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_wrong() {
        let items =
            name_checks(&config("EXTERNAL_IP=nobody.invalid\nLEDGER_CONN=localhost:32048\nDB_IP=ignored\n")).await;
        let states: Vec<_> = items.iter().map(|item| (item.name.as_str(), item.state)).collect();
        assert_eq!(states, [("name in EXTERNAL_IP", ItemState::Wrong), ("name in LEDGER_CONN", ItemState::Good)]);
        assert!(items[0].remedy.as_ref().is_some_and(|remedy| remedy.starts_with("correct EXTERNAL_IP")));
        assert_eq!(name_checks(&config("")).await[0].name, "names");
    }

    #[test]
    fn a_disk_without_room_is_wrong() {
        let space = |free| Ok(Space { total: 1 << 40, used: 0, free });
        let state = |space| disk_check(Path::new("/app"), space).state;
        assert_eq!((state(space(1 << 30)), state(space(3 << 20))), (ItemState::Good, ItemState::Wrong));
        assert_eq!(state(Err(io::ErrorKind::NotFound.into())), ItemState::Wrong);
    }
}
