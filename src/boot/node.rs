//! Builds the node: configuration, keys, empty ledger, services that do not run yet.

use crate::{
    api::{Api, EventHub},
    backup::BackupService,
    boot::{BootFailure, check, first_token, keys},
    chain::{EvmMaker, RelayService},
    config::{Auth, Config, Gateway, Networks},
    console::{ConsoleAlone, ConsoleSettings, WebConsole},
    ledger::{Databases, Ledger, LedgerSettings, ReaderLogin},
    node::{
        BootLog, Dictionary, Figures, FoundAddresses, Joining, Monitored, Node, NodeSettings, Output, OwnNames,
        PeerAccess, PollRhythms, Queries, Readiness, ReferenceNodes, RestCallStats, Server, Services, StagedImport,
        events::Events,
        health::Health,
        host_name,
        members::Members,
        platforms::{Amount, ChainOptions, PlatformMaker, Platforms},
    },
    peer, rest,
    runtime::{limits, net, shutdown::Shutdown},
    scheduler::Schedulers,
    sync::SyncService,
};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// Builds a node that nothing runs on yet; what has no caller of its own prints to `console`.
///
/// # Errors
/// A value that only the room that uses it can judge.
pub fn node(config: Config, console: Arc<dyn Output>, shutdown: Shutdown) -> Result<Arc<Node>, BootFailure> {
    node_with(config, console, shutdown, Arc::new(EvmMaker))
}

/// Builds a node whose chains somebody else makes; tests have some that no provider serves.
///
/// # Errors
/// As [`node`].
pub fn node_with(
    config: Config,
    console: Arc<dyn Output>,
    shutdown: Shutdown,
    chains: Arc<dyn PlatformMaker>,
) -> Result<Arc<Node>, BootFailure> {
    let dictionary = Dictionary::new(config.environment().clone());
    keys::set(&dictionary, &config);
    let ledger = Ledger::start(ledger_settings(&config), &shutdown);
    let services = Services {
        peers: Box::new(peer::PeerService::new(peer_settings(&config))),
        rest: rest_server(&config, &*console)?,
        synchronizer: Box::new(SyncService::default()),
        scheduler: Box::new(Schedulers::new()),
        relay: Box::new(RelayService::default()),
        backups: Box::new(BackupService::default()),
    };
    Ok(Arc::new(Node {
        dictionary,
        services,
        commands: Box::new(&*crate::command::CATALOG),
        ledger,
        platforms: Platforms::new(chains, chain_options(&config)),
        queries: Queries::new(&config.limits, &shutdown),
        databases: Databases::new(reader_login(&config)),
        events: Events::default(),
        settings: NodeSettings::default(),
        figures: Figures::default(),
        calls: RestCallStats::default(),
        members: Members::default(),
        poll_rhythms: PollRhythms::default(),
        staged_import: StagedImport::default(),
        reference_nodes: ReferenceNodes::default(),
        monitored: Monitored::default(),
        peer_access: PeerAccess::new(&config.security),
        own_names: OwnNames::default(),
        found_addresses: FoundAddresses::default(),
        health: Health::default(),
        joining: Joining::default(),
        readiness: Readiness::default(),
        boot: BootLog::default(),
        console,
        name: ArcSwapOption::empty(),
        shutdown,
        config: Arc::new(config),
    }))
}

/// Makes the REST server, with what answers at paths of its own: `/v1`, and the console here or on a port of its own.
fn rest_server(config: &Config, console: &dyn Output) -> Result<Box<dyn Server>, BootFailure> {
    let (settings, hub, options) = (rest_settings(config, console)?, EventHub::default(), &config.console);
    let api = Arc::new(Api::new(hub.clone()));
    let server = rest::RestServer::new(settings.clone()).mounting(api);
    if !options.console {
        return Ok(Box::new(server));
    }
    let console_settings = ConsoleSettings { write: options.console_write, timeout: options.console_timeout };
    let pages = WebConsole::new(console_settings, hub)
        .map_err(|error| BootFailure::System { what: "random numbers of the console", error: error.into() })?;
    Ok(match options.console_port {
        None => Box::new(server.mounting(Arc::new(pages))),
        Some(port) => {
            let beside = rest::RestServer::new(settings).answering_alone(Arc::new(ConsoleAlone(pages)));
            Box::new(rest::TwoPorts::new(server, beside, port, "CONSOLE_PORT"))
        }
    })
}

fn chain_options(config: &Config) -> ChainOptions {
    let ledger = &config.ledger;
    ChainOptions {
        max_fee: ledger.chain_max_fee_gwei.map(|price| Amount(price.0)),
        confirmations: ledger.chain_confirmations.max(1).into(),
    }
}

fn reader_login(config: &Config) -> Option<ReaderLogin> {
    let user = config.database.db_reader_user.clone()?;
    Some(ReaderLogin {
        user,
        password: config.database.db_reader_passwd.clone().unwrap_or_else(|| String::new().into()),
    })
}

/// Returns what the ledger of a configuration is started with.
#[must_use]
pub fn ledger_settings(config: &Config) -> LedgerSettings {
    LedgerSettings {
        tombstone_days: config.ledger.tombstone_days,
        drop_limit: config.limits.peer_drop_limit,
        changes_per_second: config.limits.peer_changes_per_second,
        changes_per_minute: config.limits.peer_changes_per_minute,
        bytes_per_minute: config.limits.peer_bytes_per_minute.0,
        quota: config.limits.ledger_quota.0 as u64,
    }
}

fn peer_settings(config: &Config) -> peer::PeerSettings {
    let security = &config.security;
    peer::PeerSettings {
        check_return: security.peer_check_return,
        gateways: gateways(&security.peer_gateway),
        connections: config.limits.peer_connections,
        connections_per_host: config.limits.peer_connections_per_host,
    }
}

/// Returns the addresses that forward the connections of others.
fn gateways(gateway: &Gateway) -> Networks {
    match gateway {
        Gateway::None => Networks::default(),
        Gateway::At(networks) => networks.clone(),
        Gateway::Bridge => {
            let found = net::gateways();
            if found.is_empty() {
                tracing::warn!(
                    "PEER_GATEWAY is bridge, but this machine has no default route: nobody counts as gateway"
                );
            }
            found.into_iter().collect()
        }
    }
}

fn rest_settings(config: &Config, console: &dyn Output) -> Result<rest::RestSettings, BootFailure> {
    let (security, network) = (&config.security, &config.network);
    let local = format!("{}.{}", host_name(), network.dns_domain.as_deref().unwrap_or("local"));
    let names = [&network.external_dns, &network.dns, &config.identity.node_name, &Some(local)];
    let names: Vec<String> = names.into_iter().flatten().cloned().collect();
    let addresses = [&network.external_ip, &network.internal_ip, &network.overlay_ip].into_iter().flatten();
    Ok(rest::RestSettings {
        auth: security.auth.map(|auth| match auth {
            Auth::Off => rest::Mode::Off,
            Auth::Token => rest::Mode::Token,
            Auth::Mtls => rest::Mode::Mtls,
        }),
        tokens: first_token::tokens(config, console)?,
        certificate_roles: check::certificate_roles(config)?,
        hosts: names
            .into_iter()
            .chain(addresses.map(ToString::to_string))
            .chain(security.rest_hosts.words().to_vec())
            .collect(),
        origins: security.rest_cors_origins.words().to_vec(),
        body_limit: config.limits.rest_body_limit.0,
        body_time: limits::REST_BODY_TIME,
        body_memory: config.limits.rest_body_memory.0,
        connections: config.limits.rest_connections,
        connections_per_host: config.limits.rest_connections_per_host,
        tls: check::tls_files(config),
    })
}
