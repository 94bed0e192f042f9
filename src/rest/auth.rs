//! Who may do what over REST: `AUTH=off|token|mtls` (docs/rest.md, "Rights").

use crate::{
    node::Role,
    rest::{
        answer::Answer,
        attempts::Attempts,
        basic,
        request::{Certificate, Request},
        tokens::{self, Tokens},
    },
};
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use std::net::{IpAddr, SocketAddr};

/// What callers have to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: everybody may do everything that is offered over the network.
    Off,
    /// A token for commands that change something; reading is free.
    Guarded,
    /// A token for every command.
    Token,
    /// A client certificate of our authority.
    Mtls,
}

impl Mode {
    /// Returns the mode of a node whose `AUTH` is not set: open on loopback, guarded elsewhere.
    #[must_use]
    pub fn by_address(bound: SocketAddr) -> Self {
        if bound.ip().is_loopback() { Self::Off } else { Self::Guarded }
    }
}

/// What one caller may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// The role its commands run with.
    pub role: Role,
    /// Name of its token.
    pub user: Option<String>,
    /// True when a web page of another origin sent the request.
    pub foreign: bool,
}

/// Decides about rights.
#[derive(Debug)]
pub struct Guard {
    mode: Mode,
    tokens: Tokens,
    attempts: Attempts,
    origins: Vec<String>,
}

impl Guard {
    /// Creates a guard; `origins` are the web origins that may do more than read.
    #[must_use]
    pub fn new(mode: Mode, tokens: Tokens, origins: Vec<String>) -> Self {
        Self { mode, tokens, attempts: Attempts::default(), origins }
    }

    /// Returns the rights of a request's sender.
    ///
    /// # Errors
    /// The finished refusal: 401 without or with a wrong proof, 429 after too many wrong tokens.
    pub fn admit(&self, request: &Request<'_>) -> Result<Rights, Box<Answer>> {
        let mut rights = self.identify(request)?;
        if self.is_foreign(request) {
            rights.foreign = true;
            rights.role = Role::Read;
        }
        Ok(rights)
    }

    fn identify(&self, request: &Request<'_>) -> Result<Rights, Box<Answer>> {
        let address = request.arrival.caller.ip();
        if request.arrival.certificate == Certificate::Missing {
            return Err(refusal(StatusCode::UNAUTHORIZED, address, "a client certificate is required"));
        }
        match self.mode {
            Mode::Off => Ok(Rights::new(Role::Admin, None)),
            Mode::Mtls if request.arrival.certificate == Certificate::Given => Ok(Rights::new(Role::Admin, None)),
            Mode::Mtls => {
                Err(refusal(StatusCode::UNAUTHORIZED, address, "a client certificate is required: use https"))
            }
            Mode::Guarded | Mode::Token => self.by_token(request, address),
        }
    }

    fn by_token(&self, request: &Request<'_>, address: IpAddr) -> Result<Rights, Box<Answer>> {
        let Some(shown) = token(request) else {
            return match self.mode {
                Mode::Guarded => Ok(Rights::new(Role::Read, None)),
                _ => {
                    Err(refusal(StatusCode::UNAUTHORIZED, address, "a token is required: Authorization: Bearer TOKEN"))
                }
            };
        };
        if self.attempts.exhausted(address) {
            return Err(too_many(address));
        }
        match self.tokens.find(&shown) {
            Some((name, role)) => Ok(Rights::new(role, Some(name))),
            None => {
                self.attempts.wrong(address);
                Err(refusal(StatusCode::UNAUTHORIZED, address, "the token is not known here"))
            }
        }
    }

    /// Tells whether a web page of another origin sent the request.
    fn is_foreign(&self, request: &Request<'_>) -> bool {
        let Some(origin) = request.lines.origin.text() else { return false };
        let own = request.lines.host.text().is_some_and(|host| {
            origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(&*host)
        });
        !own && !self.origins.iter().any(|allowed| allowed == "*" || *allowed == origin)
    }
}

impl Rights {
    fn new(role: Role, user: Option<String>) -> Self {
        Self { role, user, foreign: false }
    }
}

/// Returns the token of a request: a bearer, or a password that is a token; anything else is ignored, as it always was.
fn token(request: &Request<'_>) -> Option<String> {
    let value = request.lines.authorization.text()?;
    let (scheme, shown) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(shown.trim().to_owned()),
        "basic" => basic::password(shown.trim()).filter(|password| password.starts_with(tokens::PREFIX)),
        _ => None,
    }
}

fn refusal(status: StatusCode, address: IpAddr, reason: &str) -> Box<Answer> {
    let failure = "Failed AnyLog Client Authentication";
    let body = format!(r#"{{"Error" : "{failure}", "Source" : "{address}", "Reason" : "{reason}"}}"#);
    let mut answer = Answer::failed(status, failure, body);
    if status == StatusCode::UNAUTHORIZED {
        answer.headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    Box::new(answer)
}

fn too_many(address: IpAddr) -> Box<Answer> {
    let mut answer = refusal(StatusCode::TOO_MANY_REQUESTS, address, "too many wrong tokens: wait a minute");
    answer.headers.push((header::RETRY_AFTER, HeaderValue::from_static("60")));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::{
        lines::Lines,
        pace::Working,
        request::{Arrival, RequestNumber},
        tokens::NewToken,
    };
    use hyper::{HeaderMap, header::HeaderName};

    fn arrival(headers: &[(&str, &str)], certificate: Certificate) -> Arrival {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let (caller, working) = (SocketAddr::from(([192, 0, 2, 1], 1)), Working::default());
        Arrival {
            caller,
            number: RequestNumber::default(),
            certificate,
            method: hyper::Method::POST,
            target: "/".parse().unwrap(),
            headers: map,
            working,
        }
    }

    fn admit(guard: &Guard, headers: &[(&str, &str)], certificate: Certificate) -> Result<Rights, Box<Answer>> {
        let arrival = arrival(headers, certificate);
        guard.admit(&Request::new(&arrival, Lines::of(&arrival.headers), bytes::Bytes::new()))
    }

    fn guard(mode: Mode) -> (Guard, String) {
        let token = NewToken::generate("gui", Role::Publish).unwrap();
        let tokens = Tokens::parse(&token.line).unwrap();
        (Guard::new(mode, tokens, vec!["https://gui.example".to_owned()]), format!("Bearer {}", token.secret))
    }

    #[test]
    fn open_on_loopback_guarded_elsewhere() {
        assert_eq!(Mode::by_address(SocketAddr::from(([127, 0, 0, 1], 1))), Mode::Off);
        assert_eq!(Mode::by_address(SocketAddr::from(([0, 0, 0, 0], 1))), Mode::Guarded);
    }

    #[test]
    fn a_guarded_node_reads_for_all_and_changes_for_tokens() {
        let (guard, token) = guard(Mode::Guarded);
        assert_eq!(admit(&guard, &[], Certificate::NotAsked).unwrap().role, Role::Read);
        let rights = admit(&guard, &[("authorization", &token)], Certificate::NotAsked).unwrap();
        assert_eq!((rights.role, rights.user.as_deref()), (Role::Publish, Some("gui")));
        let basic = admit(&guard, &[("authorization", "Basic eDp5")], Certificate::NotAsked).unwrap();
        assert_eq!(basic.role, Role::Read, "a password that is no token is ignored");
        // gui:alm_0, a password that looks like a token
        let wrong = admit(&guard, &[("authorization", "Basic Z3VpOmFsbV8w")], Certificate::NotAsked);
        assert_eq!(wrong.unwrap_err().status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_token_node_wants_a_token_from_everybody() {
        let (guard, _) = guard(Mode::Token);
        assert_eq!(admit(&guard, &[], Certificate::NotAsked).unwrap_err().status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn guessing_ends_after_ten_wrong_tokens() {
        let (guard, token) = guard(Mode::Guarded);
        for _ in 0..10 {
            let wrong = admit(&guard, &[("authorization", "Bearer alm_0")], Certificate::NotAsked).unwrap_err();
            assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        }
        let late = admit(&guard, &[("authorization", &token)], Certificate::NotAsked).unwrap_err();
        assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS);
    }

    #[test]
    fn a_missing_certificate_is_refused_in_every_mode() {
        let (guard, _) = guard(Mode::Off);
        assert_eq!(admit(&guard, &[], Certificate::Missing).unwrap_err().status, StatusCode::UNAUTHORIZED);
        assert_eq!(admit(&guard, &[], Certificate::Given).unwrap().role, Role::Admin);
    }

    #[test]
    fn pages_of_other_origins_may_only_read() {
        let (guard, _) = guard(Mode::Off);
        for (origin, foreign) in [
            ("http://evil.example", true),
            ("null", true),
            ("https://gui.example", false),
            ("http://node:32049", false),
        ] {
            let rights = admit(&guard, &[("origin", origin), ("host", "node:32049")], Certificate::NotAsked).unwrap();
            assert_eq!((rights.foreign, rights.role == Role::Read), (foreign, foreign), "{origin}");
        }
    }
}
