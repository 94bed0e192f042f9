//! Under which names browsers may call the console.

use super::page_error::ConsoleError;
use crate::rest::{AppState, headers::RequestHeaders, request::RequestHead};
use hyper::StatusCode;

/// Refuses names that somebody else made lead here (DNS rebinding): a browser would take the node for what they stand for. Over TLS
/// it has checked the name itself.
///
/// # Errors
/// The name is none of the node.
pub fn check_host(state: &AppState, head: &RequestHead) -> Result<(), ConsoleError> {
    let host = host(head);
    if state.secure || state.pages.hosts.has(&host) { Ok(()) } else { Err(misdirected(&host)) }
}

/// Returns the name under which the node is called.
#[must_use]
pub fn host(head: &RequestHead) -> String {
    let named = head.target.authority().map(|authority| authority.as_str().to_owned());
    named.or_else(|| Some(RequestHeaders::read(&head.headers).host.text()?.into_owned())).unwrap_or_default()
}

/// Describes a name that is none of the node.
#[must_use]
pub fn misdirected(host: &str) -> ConsoleError {
    let shown: String = host.chars().take(128).collect();
    let detail = format!("'{shown}' is no name of this node: use its address, or name it in REST_HOSTS");
    ConsoleError::new(StatusCode::MISDIRECTED_REQUEST, "This is no name of the node", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_somebody_else_is_shown_in_part() {
        let error = misdirected(&"x".repeat(1_000_000));
        assert!(error.to_string().len() < 300 && error.to_string().contains("REST_HOSTS"));
    }
}
