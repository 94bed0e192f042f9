use super::*;
use crate::rest::{request::Arrival, tokens::NewToken};
use hyper::{HeaderMap, header::HeaderName};

fn request(headers: &[(&str, &str)], certificate: Certificate) -> Request {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let caller = SocketAddr::from(([192, 0, 2, 1], 1));
    let arrival = Arrival { caller, certificate, target: "/".parse().unwrap() };
    Request { method: hyper::Method::POST, arrival, headers: map, body: bytes::Bytes::new() }
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
    assert_eq!(guard.admit(&request(&[], Certificate::NotAsked)).unwrap().role, Role::Read);
    let rights = guard.admit(&request(&[("authorization", &token)], Certificate::NotAsked)).unwrap();
    assert_eq!((rights.role, rights.user.as_deref()), (Role::Publish, Some("gui")));
    let basic = guard.admit(&request(&[("authorization", "Basic eDp5")], Certificate::NotAsked)).unwrap();
    assert_eq!(basic.role, Role::Read, "a password that is no token is ignored");
    // gui:alm_0, a password that looks like a token
    let wrong = request(&[("authorization", "Basic Z3VpOmFsbV8w")], Certificate::NotAsked);
    assert_eq!(guard.admit(&wrong).unwrap_err().status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_token_node_wants_a_token_from_everybody() {
    let (guard, _) = guard(Mode::Token);
    assert_eq!(guard.admit(&request(&[], Certificate::NotAsked)).unwrap_err().status, StatusCode::UNAUTHORIZED);
}

#[test]
fn guessing_ends_after_ten_wrong_tokens() {
    let (guard, token) = guard(Mode::Guarded);
    for _ in 0..10 {
        let wrong = guard.admit(&request(&[("authorization", "Bearer alm_0")], Certificate::NotAsked)).unwrap_err();
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    }
    let late = guard.admit(&request(&[("authorization", &token)], Certificate::NotAsked)).unwrap_err();
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_missing_certificate_is_refused_in_every_mode() {
    let (guard, _) = guard(Mode::Off);
    assert_eq!(guard.admit(&request(&[], Certificate::Missing)).unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(guard.admit(&request(&[], Certificate::Given)).unwrap().role, Role::Admin);
}

#[test]
fn pages_of_other_origins_may_only_read() {
    let (guard, _) = guard(Mode::Off);
    for (origin, foreign) in
        [("http://evil.example", true), ("null", true), ("https://gui.example", false), ("http://node:32049", false)]
    {
        let rights =
            guard.admit(&request(&[("origin", origin), ("host", "node:32049")], Certificate::NotAsked)).unwrap();
        assert_eq!((rights.foreign, rights.role == Role::Read), (foreign, foreign), "{origin}");
    }
}
