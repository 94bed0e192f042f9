//! The `destination` of a request: other nodes run the command (spec/rest 4).

use super::{call::Context, carrier::Call, method::Verb};
use crate::{
    command::{self, Code, Error, Role, Session},
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
    let timeout = call.timeout.as_deref().map(seconds).transpose()?.filter(|time| !time.is_zero()).unwrap_or_else(own);
    if call.verb == Verb::Post && session.role < Role::Admin {
        return Err(Error::with(
            Code::UNAUTHORIZED,
            "commands for other nodes that change something need the role admin",
        ));
    }
    let destinations = destinations(context, session, &call.destination).await?;
    let text = command::remote::outgoing(&context.node, session, &call.command)?;
    let answers = context.node.services.peers.ask(&context.node, &destinations, &text, timeout).await;
    command::remote::join(&answers, call.subset)
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

#[cfg(test)]
mod tests {
    use super::*;

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
