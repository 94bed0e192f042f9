//! Who may do what over REST: `AUTH=off|token|mtls` (docs/rest.md, "Rights").

use crate::{
    node::Role,
    rest::{
        attempts::Attempts,
        headers::RequestHeaders,
        page::Page,
        request::{Certificate, RequestHead},
        rest_reply::RestReply,
        tokens::{self, TokenHash, Tokens},
    },
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
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
pub struct Authorizer {
    mode: Mode,
    tokens: Tokens,
    attempts: Attempts,
}

impl Authorizer {
    /// Creates an authorizer.
    #[must_use]
    pub fn new(mode: Mode, tokens: Tokens) -> Self {
        Self { mode, tokens, attempts: Attempts::default() }
    }

    /// Returns the rights of a request's sender; its body is not needed for that.
    ///
    /// # Errors
    /// The finished refusal: 401 without or with a wrong proof, 429 after too many wrong tokens.
    pub fn authorize(&self, head: &RequestHead, headers: &RequestHeaders<'_>) -> Result<Rights, Box<RestReply>> {
        let mut rights = self.identify(head, headers)?;
        if head.client.page == Page::Foreign {
            rights.foreign = true;
            rights.role = Role::Read;
        }
        Ok(rights)
    }

    /// Returns the mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the rights of whoever shows a token outside of a header line, and its hash; wrong ones are counted as those of
    /// header lines are.
    ///
    /// # Errors
    /// As [`Self::authorize`].
    pub fn by_secret(&self, shown: &str, address: IpAddr) -> Result<(Rights, TokenHash), Box<RestReply>> {
        if let Some((name, role)) = self.tokens.find(shown) {
            return Ok((Rights::new(role, Some(name)), tokens::hash(shown)));
        }
        if self.attempts.exhausted(address) {
            return Err(too_many(address));
        }
        self.attempts.wrong(address);
        Err(refusal(StatusCode::UNAUTHORIZED, address, "the token is not known here"))
    }

    /// Returns the rights of who showed the token with a hash before, as long as it is known.
    #[must_use]
    pub fn by_hash(&self, hash: &TokenHash) -> Option<Rights> {
        self.tokens.find_by_hash(hash).map(|(name, role)| Rights::new(role, Some(name)))
    }

    /// Returns the rights by what a request shows, whichever page sent it.
    ///
    /// # Errors
    /// As [`Self::authorize`].
    pub fn identify(&self, head: &RequestHead, headers: &RequestHeaders<'_>) -> Result<Rights, Box<RestReply>> {
        let address = head.client.address.ip();
        match (self.mode, &head.client.certificate) {
            (_, Certificate::Missing) => {
                Err(refusal(StatusCode::UNAUTHORIZED, address, "a client certificate is required"))
            }
            (Mode::Off, _) => Ok(Rights::new(Role::Admin, None)),
            (Mode::Mtls, Certificate::Given(owner)) => Ok(Rights::new(owner.role, Some(owner.name.clone()))),
            (Mode::Mtls, Certificate::NotAsked) => {
                Err(refusal(StatusCode::UNAUTHORIZED, address, "a client certificate is required: use https"))
            }
            (Mode::Guarded | Mode::Token, _) => self.by_token(headers, address),
        }
    }

    /// A token that is right is taken whatever came before it: who guesses at an address must not lock its owner out.
    fn by_token(&self, headers: &RequestHeaders<'_>, address: IpAddr) -> Result<Rights, Box<RestReply>> {
        let Some(shown) = token(headers) else {
            return match self.mode {
                Mode::Guarded => Ok(Rights::new(Role::Read, None)),
                _ => {
                    Err(refusal(StatusCode::UNAUTHORIZED, address, "a token is required: Authorization: Bearer TOKEN"))
                }
            };
        };
        if self.mode == Mode::Guarded && !shown.starts_with(tokens::PREFIX) && self.tokens.find(&shown).is_none() {
            // It is for somebody else, a proxy before the node: who needs no proof to read is not asked for one.
            return Ok(Rights::new(Role::Read, None));
        }
        self.by_secret(&shown, address).map(|(rights, _)| rights)
    }
}

impl Rights {
    fn new(role: Role, user: Option<String>) -> Self {
        Self { role, user, foreign: false }
    }
}

/// Returns the token of a request: a bearer, or a password that is a token; anything else is ignored, as it always was.
fn token(headers: &RequestHeaders<'_>) -> Option<String> {
    let value = headers.authorization.text()?;
    let (scheme, shown) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(shown.trim().to_owned()),
        "basic" => password(shown.trim()).filter(|password| password.starts_with(tokens::PREFIX)),
        _ => None,
    }
}

/// Decodes base64 as clients send it: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Returns the password of a value `user:password` in base64, for clients that can send nothing else.
fn password(encoded: &str) -> Option<String> {
    let text = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

fn refusal(status: StatusCode, address: IpAddr, reason: &str) -> Box<RestReply> {
    let failure = "Failed AnyLog Client Authentication";
    let body = format!(r#"{{"Error" : "{failure}", "Source" : "{address}", "Reason" : "{reason}"}}"#);
    let mut reply = RestReply::failed(status, &format!("{failure}: {reason}"), body);
    if status == StatusCode::UNAUTHORIZED {
        reply.headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    Box::new(reply)
}

fn too_many(address: IpAddr) -> Box<RestReply> {
    let mut reply = refusal(StatusCode::TOO_MANY_REQUESTS, address, "too many wrong tokens: wait a minute");
    reply.headers.push((header::RETRY_AFTER, HeaderValue::from_static("60")));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rest::{
            activity::Activity, agent::Agent, certificate_roles::CertificateOwner, request::ClientInfo,
            tokens::NewToken,
        },
        runtime::limits,
    };
    use hyper::{HeaderMap, header::HeaderName};
    use std::sync::Arc;

    fn head(headers: &[(&str, &str)], certificate: Certificate) -> RequestHead {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        RequestHead {
            client: ClientInfo {
                address,
                connection: 0,
                certificate,
                agent: Agent::Unknown,
                page: Page::None,
                activity: Activity::default(),
            },
            method: hyper::Method::POST,
            target: hyper::Uri::from_static("/"),
            headers: map,
        }
    }

    fn admit(
        authorizer: &Authorizer,
        headers: &[(&str, &str)],
        certificate: Certificate,
    ) -> Result<Rights, Box<RestReply>> {
        let head = head(headers, certificate);
        authorizer.authorize(&head, &RequestHeaders::read(&head.headers))
    }

    fn given(role: Role) -> Certificate {
        Certificate::Given(Arc::new(CertificateOwner { name: "ops".to_owned(), role }))
    }

    fn authorizer(mode: Mode) -> (Authorizer, String) {
        let token = NewToken::generate("gui", Role::Publish).unwrap();
        let tokens = Tokens::parse(&token.line).unwrap();
        (Authorizer::new(mode, tokens), format!("Bearer {}", token.secret))
    }

    #[test]
    fn open_on_loopback_guarded_elsewhere() {
        assert_eq!(Mode::by_address(SocketAddr::from(([127, 0, 0, 1], 1))), Mode::Off);
        assert_eq!(Mode::by_address(SocketAddr::from(([0, 0, 0, 0], 1))), Mode::Guarded);
    }

    #[test]
    fn a_guarded_node_reads_for_all_and_changes_for_tokens() {
        let (authorizer, token) = authorizer(Mode::Guarded);
        assert_eq!(admit(&authorizer, &[], Certificate::NotAsked).unwrap().role, Role::Read);
        let rights = admit(&authorizer, &[("authorization", &token)], Certificate::NotAsked).unwrap();
        assert_eq!((rights.role, rights.user.as_deref()), (Role::Publish, Some("gui")));
        let basic = admit(&authorizer, &[("authorization", "Basic eDp5")], Certificate::NotAsked).unwrap();
        assert_eq!(basic.role, Role::Read, "a password that is no token is ignored");
        // gui:alm_0, a password that looks like a token
        let wrong = admit(&authorizer, &[("authorization", "Basic Z3VpOmFsbV8w")], Certificate::NotAsked);
        assert_eq!(wrong.unwrap_err().status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_proof_for_somebody_else_is_ignored_where_reading_is_free() {
        let shown = |mode| {
            let (authorizer, token) = authorizer(mode);
            let others = [("authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln")];
            let answers: Vec<_> = (0..=limits::WRONG_TOKENS)
                .map(|_| admit(&authorizer, &others, Certificate::NotAsked).map_err(|refusal| refusal.status))
                .map(|answer| answer.map(|rights| (rights.role, rights.user)))
                .collect();
            let wrong = admit(&authorizer, &[("authorization", "Bearer alm_0")], Certificate::NotAsked);
            let right = admit(&authorizer, &[("authorization", &token)], Certificate::NotAsked).unwrap();
            assert_eq!(right.role, Role::Publish);
            (answers, wrong.unwrap_err().status)
        };
        let (answers, wrong) = shown(Mode::Guarded);
        assert!(answers.iter().all(|answer| *answer == Ok((Role::Read, None))), "{answers:?}");
        assert_eq!(wrong, StatusCode::UNAUTHORIZED, "none of them was counted");
        let (answers, wrong) = shown(Mode::Token);
        assert_eq!(answers.first(), Some(&Err(StatusCode::UNAUTHORIZED)));
        assert_eq!(wrong, StatusCode::TOO_MANY_REQUESTS);
    }

    #[test]
    fn a_token_node_wants_a_token_from_everybody() {
        let (authorizer, _) = authorizer(Mode::Token);
        assert_eq!(admit(&authorizer, &[], Certificate::NotAsked).unwrap_err().status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn a_refusal_says_what_is_missing_and_keeps_the_body_that_clients_know() {
        let (authorizer, _) = authorizer(Mode::Token);
        let refused = admit(&authorizer, &[], Certificate::NotAsked).unwrap_err();
        let told = "Failed AnyLog Client Authentication: a token is required: Authorization: Bearer TOKEN";
        assert_eq!(refused.failure.as_deref(), Some(told));
        let body = r#"{"Error" : "Failed AnyLog Client Authentication", "Source" : "192.0.2.1", "Reason" : "a token is required: Authorization: Bearer TOKEN"}"#;
        assert_eq!(refused.body, body);
    }

    #[test]
    fn guessing_ends_after_ten_wrong_tokens_and_the_right_one_still_counts() {
        let (authorizer, token) = authorizer(Mode::Guarded);
        let wrong = || admit(&authorizer, &[("authorization", "Bearer alm_0")], Certificate::NotAsked).unwrap_err();
        for _ in 0..10 {
            assert_eq!(wrong().status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(wrong().status, StatusCode::TOO_MANY_REQUESTS);
        let right = admit(&authorizer, &[("authorization", &token)], Certificate::NotAsked).unwrap();
        assert_eq!(right.role, Role::Publish);
    }

    #[test]
    fn a_missing_certificate_is_refused_in_every_mode() {
        let (authorizer, _) = authorizer(Mode::Off);
        assert_eq!(admit(&authorizer, &[], Certificate::Missing).unwrap_err().status, StatusCode::UNAUTHORIZED);
        assert_eq!(admit(&authorizer, &[], given(Role::Read)).unwrap().role, Role::Admin);
    }

    #[test]
    fn a_certificate_gives_the_role_of_its_owner() {
        let (authorizer, _) = authorizer(Mode::Mtls);
        for role in [Role::Read, Role::Publish, Role::Admin] {
            let rights = admit(&authorizer, &[], given(role)).unwrap();
            assert_eq!((rights.role, rights.user.as_deref()), (role, Some("ops")));
        }
        assert_eq!(admit(&authorizer, &[], Certificate::NotAsked).unwrap_err().status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn pages_of_other_origins_may_only_read() {
        let (authorizer, _) = authorizer(Mode::Off);
        for (page, foreign) in [(Page::None, false), (Page::Own, false), (Page::Foreign, true)] {
            let mut head = head(&[], Certificate::NotAsked);
            head.client.page = page;
            let rights = authorizer.authorize(&head, &RequestHeaders::default()).unwrap();
            assert_eq!((rights.foreign, rights.role == Role::Read), (foreign, foreign), "{page:?}");
        }
    }

    #[test]
    fn reads_the_password() {
        assert_eq!(password("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").as_deref(), Some("open sesame"));
        assert_eq!(password("eDphbG1fMA").as_deref(), Some("alm_0"));
        for wrong in ["", "eA==", "§", "Og=a"] {
            assert_eq!(password(wrong), None, "{wrong}");
        }
    }
}
