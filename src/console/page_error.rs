//! Why a request for a page is refused: what happened, where, and what to do.

use crate::{
    api::{Problem, ProblemKind},
    reply::{Code, Error},
    rest::rest_reply::RestReply,
};
use hyper::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};

/// A refusal that becomes a page, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsoleError {
    /// Whoever asks has to sign in first; the path is where to go afterwards.
    #[error("sign in first")]
    SignIn(String),
    /// Anything else.
    #[error("{title}: {detail}")]
    Refused {
        /// The status of the answer.
        status: StatusCode,
        /// What happened, in a few words.
        title: String,
        /// Where and why, and what to do.
        detail: String,
        /// Further header lines.
        headers: Vec<(HeaderName, HeaderValue)>,
    },
}

impl ConsoleError {
    /// Creates a refusal.
    pub fn new(status: StatusCode, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Refused { status, title: title.into(), detail: detail.into(), headers: Vec::new() }
    }

    /// Adds a header line to a refusal.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Self::Refused { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }

    /// Says that nothing is at a path.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Nothing is there", what)
    }

    /// Says that the request is not of the form that the page sends.
    pub fn bad_form(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The form cannot be read", detail)
    }

    /// Makes a refusal of a failed command or change; its status is the one that `/v1` gives.
    #[must_use]
    pub fn of_error(error: &Error) -> Self {
        let (status, _, title) = ProblemKind::of_error(error).told();
        let code = match error.code {
            Code(number) if error.detail.is_some() => format!(" (code {number}: {})", error.code.text()),
            Code(number) => format!(" (code {number})"),
        };
        let detail = error.detail.clone().unwrap_or_else(|| error.code.text().to_owned());
        Self::new(status, title, format!("{detail}{code}"))
    }

    /// Makes a refusal of one that `rest` has written already.
    #[must_use]
    pub fn of_refusal(refusal: RestReply) -> Self {
        let (_, _, title) = ProblemKind::of_status(refusal.status).told();
        let detail = refusal.failure.unwrap_or_else(|| title.to_owned());
        Self::Refused { status: refusal.status, title: title.to_owned(), detail, headers: refusal.headers }
    }

    /// Makes a refusal of a problem of `/v1`.
    #[must_use]
    pub fn of_problem(problem: Problem) -> Self {
        let (status, title, detail, headers) = problem.told();
        Self::Refused { status, title: title.to_owned(), detail, headers }
    }

    /// Returns the status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Refused { status, .. } => *status,
        }
    }
}

impl From<Error> for ConsoleError {
    fn from(error: Error) -> Self {
        Self::of_error(&error)
    }
}

impl From<askama::Error> for ConsoleError {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        let detail = "the page could not be written: the log of the node says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The node failed", detail)
    }
}
