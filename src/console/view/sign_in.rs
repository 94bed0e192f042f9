//! Signing in with a token, and signing out.

use crate::{
    console::{
        answer::PageAnswer, cookies, own_name, page_error::ConsoleError, page_request::ConsoleRequest, response,
    },
    node::Door,
};
use askama::Template;
use hyper::{StatusCode, header};
use std::time::Instant;

/// Where somebody is led who came from nowhere.
const HOME: &str = "/console";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    csrf: &'a str,
    next: &'a str,
    may_sign_in: bool,
    problem: Option<&'a str>,
}

/// Shows the form.
///
/// # Errors
/// The template fails.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    // Who has signed out has no cookie any more.
    let shown = cookies::read(&request.head.headers, &own_name::host(request.head));
    let has_ended = request.visitor.session.is_none() && shown.is_some();
    form(&request, request.query.text("next"), has_ended.then_some("Your session has ended: sign in again."))
}

fn form(request: &ConsoleRequest<'_>, next: Option<&str>, problem: Option<&str>) -> Result<PageAnswer, ConsoleError> {
    let template = SignIn { csrf: request.csrf(), next: own(next), may_sign_in: request.visitor.may_sign_in, problem };
    PageAnswer::page("Sign in", &template)
}

/// Takes a token, and gives a session for it.
///
/// # Errors
/// The random source of the system is not there.
pub async fn sign_in(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let next = request.form.text("next");
    let shown = request.form.filled("token").unwrap_or_default();
    let address = request.head.client.address.ip();
    let token = match request.state.authorizer.by_secret(shown, address) {
        Ok((_, token)) => token,
        Err(refusal) => {
            let is_guessing = refusal.status == StatusCode::TOO_MANY_REQUESTS;
            let reason = if is_guessing { "too_many" } else { "proof" };
            request.node().figures.auth_failure(Door::RestRead, reason);
            let problem = if is_guessing {
                "Too many wrong tokens came from your address: wait a minute."
            } else {
                "This token is not known here. It begins with alm_, and anylog-master token showed it once."
            };
            let mut answer = form(&request, next, Some(problem))?;
            if let PageAnswer::Page(content) = &mut answer {
                content.status = refusal.status;
            }
            return Ok(answer);
        }
    };
    if let Some(old) = &request.visitor.session {
        request.shared.sessions.end(old);
    }
    let secret = request.shared.sessions.begin(token, Instant::now()).map_err(|error| no_random(&error))?;
    let mut answer = response::redirect(own(next), request.is_partial());
    let cookie = cookies::given(&secret, &own_name::host(request.head), request.state.secure);
    answer.headers_mut().extend(cookie.map(|line| (header::SET_COOKIE, line)));
    Ok(PageAnswer::Written(answer))
}

/// Ends a session.
///
/// # Errors
/// None.
pub async fn sign_out(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    if let Some(session) = &request.visitor.session {
        request.shared.sessions.end(session);
    }
    let mut answer = response::redirect(HOME, request.is_partial());
    let cookie = cookies::taken(&own_name::host(request.head));
    answer.headers_mut().extend(cookie.map(|line| (header::SET_COOKIE, line)));
    Ok(PageAnswer::Written(answer))
}

/// Returns a place of the console; nobody is led elsewhere by a link that somebody made.
fn own(next: Option<&str>) -> &str {
    let is_own = |next: &&str| {
        let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        // Browsers leave the console by `..` in a path, also where it is written in code numbers.
        let path = next.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
        is_plain
            && !path.contains("..")
            && (*next == HOME || next.strip_prefix(HOME).is_some_and(|rest| rest.starts_with(['/', '?'])))
    };
    next.filter(is_own).unwrap_or(HOME)
}

fn no_random(error: &getrandom::Error) -> ConsoleError {
    tracing::error!(%error, "no session can be begun: the system gives no random bytes");
    let detail = "the system of the node gives no random bytes: the log of the node says why";
    ConsoleError::new(StatusCode::INTERNAL_SERVER_ERROR, "The node failed", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (next, place) in [
            (Some("/console/../x"), HOME),
            (Some("/console/%2E%2e//evil.example"), HOME),
            (Some("/console/policies/one?id=.."), "/console/policies/one?id=.."),
            (Some("/console/network?find=x"), "/console/network?find=x"),
            (Some("/console?x"), "/console?x"),
            (Some("/console"), "/console"),
            (None, HOME),
            (Some(""), HOME),
            (Some("/consoles"), HOME),
            (Some("//evil.example/console"), HOME),
            (Some("https://evil.example/console"), HOME),
            (Some("/console/\\evil"), HOME),
            (Some("/console/\r\nSet-Cookie: x"), HOME),
            (Some("javascript:alert(1)"), HOME),
        ] {
            assert_eq!(own(next), place, "{next:?}");
        }
    }
}
