//! One HTTP request as the routes read it.

use crate::rest::{
    activity::Activity, agent::Agent, certificate_roles::CertificateOwner, headers::RequestHeaders, page::Page,
};
use bytes::Bytes;
use hyper::{HeaderMap, Method, Uri};
use std::{net::SocketAddr, sync::Arc};
use warp::{Filter, Rejection, path::FullPath};

pub use crate::rest::latin::text;

/// What the connection knows about the caller.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// Address of the caller.
    pub address: SocketAddr,
    /// Number of the connection.
    pub connection: u64,
    /// How the caller proved itself during the TLS handshake.
    pub certificate: Certificate,
    /// The program that calls.
    pub agent: Agent,
    /// The page that calls, when one does.
    pub page: Page,
    /// What the connection is doing.
    pub activity: Activity,
}

/// The client certificate of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The connection asks for none.
    NotAsked,
    /// It was asked for and is missing.
    Missing,
    /// It was given and our authority signed it.
    Given(Arc<CertificateOwner>),
}

/// A request without its body; an extension of each request, which routes share instead of copying its lines.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// Who calls.
    pub client: ClientInfo,
    /// Method, as sent.
    pub method: Method,
    /// Path and query.
    pub target: Uri,
    /// Header lines.
    pub headers: HeaderMap,
}

impl RequestHead {
    /// Returns the path of the request target.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// Returns what follows the first `?` of the request target; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.query().unwrap_or_default()
    }
}

/// One request with its whole body.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Its head.
    pub head: &'a RequestHead,
    /// The header lines that steer it.
    pub headers: RequestHeaders<'a>,
    /// Body, empty when there is none.
    pub body: Bytes,
}

/// Takes any request and gives its head.
pub fn head() -> impl Filter<Extract = (Arc<RequestHead>,), Error = Rejection> + Copy {
    warp::ext::get::<Arc<RequestHead>>()
}

/// Takes the requests that read: GET and HEAD.
pub fn reads() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

/// Takes the requests for which a condition on the full path holds.
pub fn path_is(
    holds: impl Fn(&str) -> bool + Copy + Send + Sync + 'static,
) -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::path::full().and_then(move |path: FullPath| keep_if(holds(path.as_str()))).untuple_one()
}

/// Lets a request pass, or leaves it to the next route.
pub async fn keep_if(holds: bool) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(warp::reject::not_found()) }
}
