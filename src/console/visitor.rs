//! Who asks for a page, and what that person may do.

use super::{cookies, own_name, page_error::ConsoleError, sessions::SessionKey, shared::ConsoleShared};
use crate::{
    node::Role,
    rest::{
        AppState, Mode, Rights,
        headers::RequestHeaders,
        request::{Certificate, RequestHead},
    },
};
use std::time::Instant;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The rights of what is asked; nothing while the node wants a token from everybody and none was shown.
    pub rights: Option<Rights>,
    /// The session of who is signed in.
    pub session: Option<SessionKey>,
    /// What the requests of this person have to carry to change something.
    pub csrf: String,
    /// True when signing in would give more.
    pub may_sign_in: bool,
    /// True when only the configuration keeps everybody from changing something (`AUTH=off` without `CONSOLE_WRITE`).
    pub is_kept_reading: bool,
}

impl Visitor {
    /// Finds out who sent a request. `uses` says that a person is at work: what a page asks by itself keeps no session alive.
    ///
    /// # Errors
    /// A certificate is required and missing.
    pub fn of(shared: &ConsoleShared, state: &AppState, head: &RequestHead, uses: bool) -> Result<Self, ConsoleError> {
        let mode = state.authorizer.mode();
        // What TLS asks for is asked for in every mode: no token stands for it.
        if matches!(head.client.certificate, Certificate::Missing) {
            let refused = state.authorizer.identify(head, &RequestHeaders::default());
            refused.map_err(|refusal| ConsoleError::of_refusal(*refusal))?;
        }
        if matches!(mode, Mode::Off | Mode::Mtls) {
            let rights = state.authorizer.identify(head, &RequestHeaders::default());
            let rights = rights.map_err(|refusal| ConsoleError::of_refusal(*refusal))?;
            let is_kept_reading = mode == Mode::Off && !shared.settings.write;
            let role = if is_kept_reading { Role::Read } else { rights.role };
            let csrf = shared.csrf.token(rights.user.as_deref().unwrap_or_default().as_bytes());
            let rights = Some(Rights { role, ..rights });
            return Ok(Self { rights, session: None, csrf, may_sign_in: false, is_kept_reading });
        }
        let shown = cookies::read(&head.headers, &own_name::host(head));
        let found = shown.and_then(|secret| shared.sessions.find(secret, Instant::now(), uses));
        if let Some((key, token)) = found {
            // A token that was taken away gives nothing any more, also to whoever showed it before.
            if let Some(rights) = state.authorizer.by_hash(&token) {
                let csrf = shared.csrf.token(&key);
                return Ok(Self {
                    rights: Some(rights),
                    session: Some(key),
                    csrf,
                    may_sign_in: false,
                    is_kept_reading: false,
                });
            }
            shared.sessions.end(&key);
        }
        let rights = state.authorizer.identify(head, &RequestHeaders::default()).ok();
        Ok(Self { rights, session: None, csrf: shared.csrf.token(b""), may_sign_in: true, is_kept_reading: false })
    }
}
