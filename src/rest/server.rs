//! The REST server: listens, limits connections, drains (reference/rest 1).

use crate::{
    node::{Listening, Node, Server, ServerOptions, host_name},
    reply::{Code, Error},
    rest::{
        auth::{Authorizer, Mode},
        byte_budget::ByteBudget,
        connection,
        mount::Mount,
        own_hosts::OwnHosts,
        page::Pages,
        places::{Admission, Place, Places},
        request_ids::RequestIds,
        response_cache::ResponseCache,
        settings::{RestSettings, TlsFiles},
        state::AppState,
        tls::{self, Tls},
    },
    runtime::{
        files, limits,
        listen::{canonical, listen},
        shutdown::Shutdown,
    },
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// The REST service of the node.
pub struct RestServer {
    settings: RestSettings,
    mounts: Vec<Arc<dyn Mount>>,
    alone: Option<Arc<dyn Mount>>,
    running: Mutex<Option<Running>>,
}

/// What one start created.
struct Running {
    options: ServerOptions,
    bound: SocketAddr,
    places: Arc<Places>,
    calls: Arc<AtomicU64>,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
}

/// Accepts connections until the server stops.
struct AcceptLoop {
    listener: TcpListener,
    places: Arc<Places>,
    /// What is left for probes and for callers on this machine when all places are at work.
    reserve: Arc<Places>,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
    tasks: Shutdown,
}

impl RestServer {
    /// Creates the service; it listens when a command starts it.
    #[must_use]
    pub fn new(settings: RestSettings) -> Self {
        Self { settings, mounts: Vec::new(), alone: None, running: Mutex::default() }
    }

    /// Has something else answer at paths of its own.
    #[must_use]
    pub fn mounting(mut self, mount: Arc<dyn Mount>) -> Self {
        self.mounts.push(mount);
        self
    }

    /// Has something else answer every request: the port is not one of commands.
    #[must_use]
    pub fn answering_alone(self, mount: Arc<dyn Mount>) -> Self {
        Self { alone: Some(mount), ..self }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the files that the command or the configuration names.
    fn tls(&self, node: &Node, options: &ServerOptions) -> Result<Option<Arc<Tls>>, Error> {
        let files = match &options.tls {
            Some((authority, server)) => {
                let directory = node.dictionary.get("pem_dir").unwrap_or_default();
                Some(tls::files_of(Path::new(&directory), authority, server))
            }
            None => self.settings.tls.clone(),
        };
        let open = |files: TlsFiles| Tls::open(files).map(Arc::new);
        files
            .map(open)
            .transpose()
            .map_err(|error| Error::with(Code::PROCESS_FAILURE, format!("REST with TLS: {error}")))
    }

    /// Returns how many connections the server takes: those of the settings, as far as the limit of open files allows.
    fn most_connections(&self) -> usize {
        let wished = self.settings.connections;
        let most = files::connections(wished);
        if most < wished {
            tracing::warn!(
                wished,
                most,
                "REST takes fewer connections than REST_CONNECTIONS: raise the limit of open files"
            );
        }
        most
    }

    /// Returns the names under which browsers may call the server: those of the settings, of this machine, and of the
    /// addresses that it was started with.
    fn own_hosts(&self, options: &ServerOptions) -> OwnHosts {
        let addresses = [&options.external, &options.internal].map(|address| address.host.to_string());
        OwnHosts::new(self.settings.hosts.iter().cloned().chain([host_name()]).chain(addresses))
    }

    fn state(
        &self,
        node: &Arc<Node>,
        options: &ServerOptions,
        bound: SocketAddr,
        (calls, stop): (&Arc<AtomicU64>, &CancellationToken),
    ) -> AppState {
        let mode = self.settings.auth.unwrap_or_else(|| Mode::by_address(bound));
        if mode == Mode::Off && !bound.ip().is_loopback() {
            tracing::warn!(rest.addr = %bound, "anybody who reaches the REST port may change policies: set AUTH=token");
        }
        if mode == Mode::Mtls && self.settings.certificate_roles.is_empty() {
            tracing::warn!(rest.addr = %bound, "client certificates may only read: name who may do more in REST_CERT_ROLES");
        }
        AppState {
            node: Arc::clone(node),
            authorizer: Authorizer::new(mode, self.settings.tokens.clone()),
            certificate_roles: self.settings.certificate_roles.clone(),
            secure: options.tls.is_some(),
            pages: Pages { hosts: self.own_hosts(options), origins: self.settings.origins.clone() },
            budget: Arc::new(ByteBudget::new(self.settings.body_memory, self.settings.body_limit)),
            body_limit: self.settings.body_limit,
            body_time: self.settings.body_time,
            timeout: options.timeout,
            threads: usize::try_from(options.threads).unwrap_or(1),
            cache: ResponseCache::default(),
            calls: Arc::clone(calls),
            ids: RequestIds::new(),
            mounts: self.mounts.clone(),
            alone: self.alone.clone(),
            stop: stop.clone(),
        }
    }
}

fn already_active(bound: SocketAddr) -> Error {
    Error::with(Code::ALREADY_ACTIVE, format!("the REST server listens on {bound}: 'exit rest' closes it"))
}

#[async_trait]
impl Server for RestServer {
    async fn start(&self, node: Arc<Node>, mut options: ServerOptions) -> Result<Listening, Error> {
        if let Some(running) = self.status() {
            return Err(already_active(running.bound));
        }
        let tls = self.tls(&node, &options)?;
        let alone = options.bind.then(|| options.internal.host.to_string());
        let listener =
            listen(alone.as_deref(), options.internal.port).await.map_err(|error| taken(&options, &error))?;
        let bound = listener.local_addr().map_err(|error| taken(&options, &error))?;
        complete(&mut options, bound, tls.is_some());
        let calls = Arc::default();
        let places = Arc::new(Places::new(self.most_connections(), self.settings.connections_per_host));
        let stop = node.shutdown.token().child_token();
        let state = Arc::new(self.state(&node, &options, bound, (&calls, &stop)));
        let accept = AcceptLoop {
            listener,
            places: Arc::clone(&places),
            reserve: Arc::new(Places::new(
                files::reserved_connections(limits::REST_RESERVED),
                limits::REST_RESERVED_PER_HOST,
            )),
            tls: tls.clone(),
            stop: stop.clone(),
            tasks: node.shutdown.clone(),
        };
        {
            let mut running = self.lock();
            if let Some(running) = &*running {
                return Err(already_active(running.bound));
            }
            let accepting = node.shutdown.spawn(accept.run(state));
            *running = Some(Running { options, bound, places, calls, tls: tls.clone(), stop: stop.clone(), accepting });
        }
        if let Some(tls) = tls {
            node.shutdown.spawn(watch(tls, stop));
        }
        tracing::info!(rest.addr = %bound, "REST server listens");
        self.status().ok_or_else(|| Code::PROCESS_FAILURE.into())
    }

    /// Closes the port. Requests under way finish by themselves, and the node waits for them when it stops; nobody waits
    /// here, because the stop may itself be the command of a request.
    async fn stop(&self) {
        let running = self.lock().take();
        if let Some(running) = running {
            running.stop.cancel();
            let _ = running.accepting.await;
        }
    }

    fn reload(&self) -> Result<(), String> {
        let tls = self.lock().as_ref().and_then(|running| running.tls.clone());
        tls.map_or(Ok(()), |tls| read_again(&tls)).map_err(|error| error.to_string())
    }

    fn certificate_until(&self) -> Option<Timestamp> {
        self.lock().as_ref().and_then(|running| running.tls.as_ref()?.until())
    }

    fn status(&self) -> Option<Listening> {
        self.lock().as_ref().map(|running| Listening {
            options: running.options.clone(),
            bound: running.bound,
            connections: running.places.taken(),
            calls: running.calls.load(Ordering::Relaxed),
        })
    }
}

impl AcceptLoop {
    /// Accepts until the server stops. Nobody waits behind a full house: who finds no place that another can give up is told
    /// so, and probes and callers on this machine are answered in any case.
    async fn run(self, state: Arc<AppState>) {
        for number in 0.. {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = self.stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, address)) => self.admit(stream, (canonical(address), number), &state),
                Err(error) => {
                    tracing::warn!(%error, "a REST connection could not be accepted");
                    // The system has no file left for it: one that only waits has to give its own back.
                    self.places.make_room();
                    tokio::time::sleep(limits::ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, caller: (SocketAddr, u64), state: &Arc<AppState>) {
        let Some((place, admission)) = self.place(caller.0) else {
            return tracing::debug!(client.address = %caller.0, "no place is left, not even for a refusal");
        };
        // A token of its own: all connections look at theirs all the time.
        let (tls, state, stop) = (self.tls.clone(), Arc::clone(state), self.stop.child_token());
        self.tasks.spawn(async move {
            let activity = place.activity().clone();
            tokio::select! {
                () = connection::serve(stream, caller, (activity.clone(), admission), tls, state, stop) => {}
                () = activity.gave_way() => {}
            }
            drop(place);
        });
    }

    fn place(&self, caller: SocketAddr) -> Option<(Place, Admission)> {
        if let Some(place) = self.places.take(caller.ip()) {
            return Some((place, Admission::Full));
        }
        let is_local = caller.ip().to_canonical().is_loopback();
        let admission = if is_local { Admission::Full } else { Admission::ProbesAlone };
        self.reserve.take(caller.ip()).map(|place| (place, admission))
    }
}

/// Reads the TLS files again when they change.
async fn watch(tls: Arc<Tls>, stop: CancellationToken) {
    while tokio::time::timeout(limits::REST_TLS_LOOK, stop.cancelled()).await.is_err() {
        if tls.changed()
            && let Err(error) = read_again(&tls)
        {
            tracing::warn!(%error, "TLS files changed and cannot be used, the old ones stay");
        }
    }
}

fn read_again(tls: &Tls) -> Result<(), tls::Error> {
    tls.reload()?;
    tracing::info!("TLS files of the REST server were read again");
    Ok(())
}

fn taken(options: &ServerOptions, error: &std::io::Error) -> Error {
    Error::with(Code::CONNECTION, format!("REST cannot listen on {}: {error}", options.internal))
}

/// Replaces ports 0 by the real one, and notes TLS that the configuration switched on.
fn complete(options: &mut ServerOptions, bound: SocketAddr, tls: bool) {
    for address in [&mut options.external, &mut options.internal] {
        if address.port == 0 {
            address.port = bound.port();
        }
    }
    if tls && options.tls.is_none() {
        options.tls = Some((String::new(), String::new()));
    }
}
