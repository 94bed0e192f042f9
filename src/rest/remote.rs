//! The `destination` of a request: other nodes run the command (spec/rest 4).

use super::{call::Context, carrier::Call, method::Verb};
use crate::{
    command::{self, Code, Error, PeerAnswer, Role, Session},
    render,
    runtime::limits,
};
use std::time::Duration;

/// Sends the command to every destination, waits, and joins the answers.
///
/// # Errors
/// 155 and 20 for destinations that are none, 182 for a wrong time-out, and the first node's error unless a subset is asked for.
pub async fn run(context: &Context, session: &mut Session, call: &Call) -> Result<String, Error> {
    let own = || context.node.settings.get().rest_timeout.map_or(context.timeout, Duration::from_secs);
    let timeout = call.timeout.as_deref().map_or_else(|| Ok(own()), seconds)?;
    if call.verb == Verb::Post && session.role < Role::Admin {
        return Err(Error::with(
            Code::UNAUTHORIZED,
            "commands for other nodes that change something need the role admin",
        ));
    }
    let destinations = destinations(context, session, &call.destination).await?;
    let answers = context.node.services.peers.ask(&context.node, &destinations, &call.command, timeout).await;
    join(&answers, call.subset)
}

/// Returns the addresses that a destination stands for.
async fn destinations(context: &Context, session: &mut Session, written: &str) -> Result<Vec<String>, Error> {
    if written.starts_with('(') || written.eq_ignore_ascii_case("network") {
        let detail = format!("destination '{written}': write ip:port[, ip:port] or 'blockchain get … bring.ip_port'");
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    let asked = written.starts_with("blockchain ");
    let list = if asked {
        let text = render::text(&command::run(&context.node, session, written).await?);
        if text.is_empty() || text == "[]" {
            return Err(Error::with(Code::NO_DESTINATION, format!("no policy answers '{written}'")));
        }
        text
    } else {
        written.to_owned()
    };
    let found: Vec<String> =
        list.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    check(&found)?;
    Ok(found)
}

fn check(found: &[String]) -> Result<(), Error> {
    if found.is_empty() {
        return Err(Code::NO_DESTINATION.into());
    }
    if found.len() > limits::REST_DESTINATIONS {
        let detail = format!("{} destinations, at most {}", found.len(), limits::REST_DESTINATIONS);
        return Err(Error::with(Code::NO_DESTINATION, detail));
    }
    match found.iter().find(|part| !is_address(part)) {
        Some(wrong) => Err(Error::with(Code::DESTINATION, format!("'{wrong}' is not host:port"))),
        None => Ok(()),
    }
}

fn is_address(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok_and(|number| number > 0)
    })
}

/// Reads `N` or `N unit`.
fn seconds(text: &str) -> Result<Duration, Error> {
    let wrong =
        || Error::with(Code::TIMEOUT_VALUE, format!("timeout '{text}': write a number of seconds, or 5 minutes"));
    let mut words = text.split_whitespace();
    let number: u64 = words.next().and_then(|word| word.parse().ok()).ok_or_else(wrong)?;
    let unit = words.next().unwrap_or("seconds").to_lowercase();
    let factor = match unit.trim_end_matches('s') {
        "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(wrong)
}

/// Joins the answers: one JSON object when every node answered JSON, else one text per node.
fn join(answers: &[PeerAnswer], subset: bool) -> Result<String, Error> {
    if !subset && let Some(failed) = answers.iter().find_map(|answer| answer.outcome.as_ref().err()) {
        return Err(failed.clone());
    }
    let json = !answers.is_empty() && answers.iter().all(|answer| answer.outcome.as_ref().is_ok_and(|text| text.json));
    if json {
        let parts: Vec<String> =
            answers.iter().map(|answer| format!("\"{}\" : {}", answer.destination, said(answer))).collect();
        return Ok(format!("{{{}}}", parts.join(",")));
    }
    Ok(answers.iter().map(line).collect())
}

/// Returns what a node said, or what to say in its place.
fn said(answer: &PeerAnswer) -> &str {
    match &answer.outcome {
        Ok(text) => &text.text,
        Err(error) if matches!(error.code, Code::PEER_REFUSED | Code::TIME_OUT) => "Not responding",
        Err(error) => error.code.text(),
    }
}

/// Writes one node's part: a long text or one of several lines begins on its own line.
fn line(answer: &PeerAnswer) -> String {
    let text = said(answer);
    let gap = if text.len() > 120 || text.contains('\n') { "\r\n" } else { " " };
    format!("\r\n[From Node {}]{gap}{text}", answer.destination)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::PeerText;

    fn answer(destination: &str, outcome: Result<(&str, bool), Code>) -> PeerAnswer {
        let outcome = outcome.map(|(text, json)| PeerText { text: text.to_owned(), json }).map_err(Error::from);
        PeerAnswer { destination: destination.to_owned(), outcome }
    }

    #[test]
    fn joins_texts() {
        let answers = [answer("a:1", Ok(("x running", false))), answer("b:2", Ok(("\r\nType \r\n", false)))];
        assert_eq!(join(&answers, false).unwrap(), "\r\n[From Node a:1] x running\r\n[From Node b:2]\r\n\r\nType \r\n");
    }

    #[test]
    fn joins_json() {
        let answers = [answer("a:1", Ok(("{\"k\": 1}", true))), answer("b:2", Ok(("[]", true)))];
        assert_eq!(join(&answers, false).unwrap(), "{\"a:1\" : {\"k\": 1},\"b:2\" : []}");
    }

    #[test]
    fn a_silent_node_fails_unless_a_subset_will_do() {
        let answers = [answer("a:1", Ok(("x running", false))), answer("b:2", Err(Code::PEER_REFUSED))];
        assert_eq!(join(&answers, false).unwrap_err().code, Code::PEER_REFUSED);
        let text = "\r\n[From Node a:1] x running\r\n[From Node b:2] Not responding";
        assert_eq!(join(&answers, true).unwrap(), text);
    }

    #[test]
    fn reads_times() {
        assert_eq!(seconds("5 seconds").unwrap(), Duration::from_secs(5));
        assert_eq!(seconds("2 minutes").unwrap(), Duration::from_secs(120));
        assert_eq!(seconds("abc").unwrap_err().code, Code::TIMEOUT_VALUE);
        assert_eq!(seconds("5 apples").unwrap_err().code, Code::TIMEOUT_VALUE);
    }

    #[test]
    fn knows_addresses() {
        for (text, good) in [
            ("127.0.0.1:32048", true),
            ("host:1", true),
            ("nowhere", false),
            (":1", false),
            ("h:x", false),
            ("h:70000", false),
        ] {
            assert_eq!(is_address(text), good, "{text}");
        }
    }
}
