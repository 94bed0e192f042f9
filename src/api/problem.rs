//! Why a request is refused: problem documents (RFC 9457) with the code of the network beside.

use crate::{
    api::documents::ProblemDocument,
    ledger, policy,
    reply::{Code, Error, ErrorKind},
    rest::rest_reply::RestReply,
};
use hyper::{
    StatusCode,
    header::{self, HeaderName, HeaderValue},
};

/// Type of a problem document.
pub const PROBLEM: &str = "application/problem+json";
/// Characters of the path that a problem repeats.
const INSTANCE: usize = 512;

/// Everything that can be wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request itself cannot be read.
    BadRequest,
    /// The body is no JSON, or not of the form that is expected.
    BadBody,
    /// A parameter or header line is unknown, missing or of another form.
    BadParameter,
    /// A cursor that this interface did not give, or gave for another question.
    BadCursor,
    /// No token or certificate, or a wrong one.
    NoProof,
    /// The caller may not do this.
    NotAllowed,
    /// Nothing is there.
    NotFound,
    /// The path takes other methods.
    WrongMethod,
    /// The caller takes no type that there is.
    NotAcceptable,
    /// The header or the body did not come in time.
    TooSlow,
    /// Something with the same id, name or address is there.
    Exists,
    /// A request with the same key is worked on.
    InProgress,
    /// The policy is not what the caller has seen.
    Changed,
    /// The body is too large.
    TooLarge,
    /// The URL is too long.
    UrlTooLong,
    /// The body is of another type.
    WrongType,
    /// The host is no name of the node.
    Misdirected,
    /// The rules of the ledger or of the language refuse it.
    Refused,
    /// The key was used for another request.
    KeyReused,
    /// The caller has to say what it has seen.
    NoCondition,
    /// Too much at a time.
    TooMany,
    /// The header is too large.
    HeaderTooLarge,
    /// A failure inside the node.
    Internal,
    /// Something is away or at work; another try may help.
    Unavailable,
    /// Another node did not answer in time.
    TimedOut,
    /// The ledger is full.
    Full,
}

impl ProblemKind {
    /// All of them, by their status.
    pub const ALL: [Self; 26] = [
        Self::BadRequest,
        Self::BadBody,
        Self::BadParameter,
        Self::BadCursor,
        Self::NoProof,
        Self::NotAllowed,
        Self::NotFound,
        Self::WrongMethod,
        Self::NotAcceptable,
        Self::TooSlow,
        Self::Exists,
        Self::InProgress,
        Self::Changed,
        Self::TooLarge,
        Self::UrlTooLong,
        Self::WrongType,
        Self::Misdirected,
        Self::Refused,
        Self::KeyReused,
        Self::NoCondition,
        Self::TooMany,
        Self::HeaderTooLarge,
        Self::Internal,
        Self::Unavailable,
        Self::TimedOut,
        Self::Full,
    ];

    /// Returns the status, the name in the `type`, and the title.
    #[must_use]
    pub const fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad-request", "The request cannot be read"),
            Self::BadBody => (StatusCode::BAD_REQUEST, "bad-body", "The body is not what is expected"),
            Self::BadParameter => (StatusCode::BAD_REQUEST, "bad-parameter", "A parameter is not what is expected"),
            Self::BadCursor => (StatusCode::BAD_REQUEST, "bad-cursor", "The cursor is not from this list"),
            Self::NoProof => (StatusCode::UNAUTHORIZED, "no-proof", "A token or certificate is missing or unknown"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "not-allowed", "The caller may not do this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Nothing is there"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "The path takes other methods"),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "There is no answer of this type"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", "The request did not come in time"),
            Self::Exists => (StatusCode::CONFLICT, "exists", "It is there already"),
            Self::InProgress => (StatusCode::CONFLICT, "in-progress", "The first request is worked on"),
            Self::Changed => (StatusCode::PRECONDITION_FAILED, "changed", "The policy was changed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UrlTooLong => (StatusCode::URI_TOO_LONG, "url-too-long", "The URL is too long"),
            Self::WrongType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", "The body has to be JSON"),
            Self::Misdirected => (StatusCode::MISDIRECTED_REQUEST, "misdirected", "This is no name of the node"),
            Self::Refused => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "The rules of the node refuse it"),
            Self::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "key-reused", "The key is of another request"),
            Self::NoCondition => (StatusCode::PRECONDITION_REQUIRED, "no-condition", "If-Match is missing"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too much at a time"),
            Self::HeaderTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "header-too-large", "The header is too large")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The node failed"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The node cannot do this now"),
            Self::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "timed-out", "Another node did not answer"),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, "full", "The ledger is full"),
        }
    }

    /// Returns the kind that a status stands for when nobody says more.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        Self::ALL.into_iter().find(|kind| kind.told().0 == status).unwrap_or(Self::Internal)
    }

    /// Returns the kind of a failed command.
    #[must_use]
    pub fn of_error(error: &Error) -> Self {
        match error.caused() {
            Some(ledger::Error::OwnPolicy | ledger::Error::HeldBack { .. } | ledger::Error::TooManyHeld { .. }) => {
                return Self::NotAllowed;
            }
            Some(ledger::Error::TooFast { .. }) => return Self::TooMany,
            Some(ledger::Error::Full { .. }) => return Self::Full,
            Some(ledger::Error::Changed(_)) => return Self::Changed,
            _ => {}
        }
        // A rule names what a policy lacks; that is nothing that was asked for.
        let breaks_a_rule = error.caused::<policy::Error>().is_some();
        match (error.kind, error.code) {
            (_, Code::TIME_OUT) => Self::TimedOut,
            (ErrorKind::Stopping | ErrorKind::Unavailable, _) => Self::Unavailable,
            (_, Code::UNAUTHORIZED | Code::REMOTE_NOT_SUPPORTED | Code::FILE_NOT_AUTHORIZED) => Self::NotAllowed,
            (_, Code::DUPLICATE_ID | Code::NOT_UNIQUE | Code::IP_PORT_NOT_UNIQUE) => Self::Exists,
            (_, Code::DELETE_KEY | Code::POLICY_NOT_AVAILABLE) if !breaks_a_rule => Self::NotFound,
            _ => Self::Refused,
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    code: Option<Code>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// Creates a problem; the detail says what happened, where, and what to do.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), code: None, headers: Vec::new() }
    }

    /// Returns what kind it is.
    #[cfg(test)]
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the status, the title, the detail and the header lines, for who shows it in another form.
    #[must_use]
    pub fn told(self) -> (StatusCode, &'static str, String, Vec<(HeaderName, HeaderValue)>) {
        let (status, _, title) = self.kind.told();
        (status, title, self.detail, self.headers)
    }

    /// Adds a header line.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Makes a problem of a failed command; whoever showed no token, and would be allowed more with one, is asked for it.
    #[must_use]
    pub fn of_error(error: &Error, needs_token: bool) -> Self {
        let kind = match ProblemKind::of_error(error) {
            ProblemKind::NotAllowed if error.code == Code::UNAUTHORIZED && needs_token => ProblemKind::NoProof,
            kind => kind,
        };
        let detail = error.detail.clone().unwrap_or_else(|| error.code.text().to_owned());
        let problem = Self { code: Some(error.code), ..Self::new(kind, detail) };
        match kind {
            ProblemKind::NoProof => problem.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            ProblemKind::TooMany => problem.with(header::RETRY_AFTER, HeaderValue::from_static("60")),
            ProblemKind::Unavailable => problem.with(header::RETRY_AFTER, HeaderValue::from_static("1")),
            _ => problem,
        }
    }

    /// Makes a problem of a refusal that `rest` has written already.
    #[must_use]
    pub fn of_refusal(refusal: RestReply) -> Self {
        let kind = ProblemKind::of_status(refusal.status);
        let detail = refusal.failure.unwrap_or_else(|| kind.told().2.to_owned());
        Self { headers: refusal.headers, ..Self::new(kind, detail) }
    }

    /// Writes the document; `path` is what was asked.
    #[must_use]
    pub fn into_reply(self, path: &str) -> RestReply {
        let (status, name, title) = self.kind.told();
        let document = ProblemDocument {
            kind: format!("/v1/docs#{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            instance: path.chars().take(INSTANCE).collect(),
            code: self.code.map(|code| code.0),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        RestReply {
            status,
            failure: Some(title.to_owned()),
            headers: self.headers,
            is_json: true,
            ..RestReply::typed(PROBLEM, body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = ProblemKind::ALL.iter().map(|kind| kind.told().1).collect();
        assert_eq!(names.len(), ProblemKind::ALL.len());
        assert!(ProblemKind::ALL.is_sorted_by_key(|kind| kind.told().0));
    }

    #[test]
    fn errors_keep_their_kind() {
        let of = |error: Error| ProblemKind::of_error(&error);
        assert_eq!(of(ledger::Error::Changed("a".to_owned()).into()), ProblemKind::Changed);
        assert_eq!(of(ledger::Error::Missing("a".to_owned()).into()), ProblemKind::NotFound);
        assert_eq!(of(ledger::Error::Busy.into()), ProblemKind::Unavailable);
        assert_eq!(of(ledger::Error::OwnPolicy.into()), ProblemKind::NotAllowed);
        let rule = policy::Error::PolicyMissing("x".to_owned());
        assert_eq!(of(ledger::Error::Rule(rule).into()), ProblemKind::Refused);
        assert_eq!(of(Code::UNRECOGNIZED_COMMAND.into()), ProblemKind::Refused);
        let guest = Problem::of_error(&Code::UNAUTHORIZED.into(), true);
        assert_eq!((guest.kind(), guest.headers.len()), (ProblemKind::NoProof, 1));
    }

    #[test]
    fn the_document_has_the_members_of_the_standard_and_the_code() {
        let reply = Problem::of_error(&Error::with(Code::JSON, "no"), false).into_reply("/v1/policies");
        let document: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        let expected = serde_json::json!({
            "type": "/v1/docs#refused", "title": "The rules of the node refuse it", "status": 422, "detail": "no",
            "instance": "/v1/policies", "code": 6,
        });
        assert_eq!((document, reply.kind), (expected, Some(PROBLEM)));
    }
}
