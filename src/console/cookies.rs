//! The cookie of a session.

use hyper::{
    HeaderMap,
    header::{self, HeaderValue},
};

/// The beginning of its name.
const NAME: &str = "anylog_console";

/// Returns its name where browsers call the node so, with the port if they name one. A browser sends the cookies of a host to all
/// ports of it: nodes of one machine, or behind tunnels to several, would end each other's sessions under one name.
fn name(host: &str) -> String {
    let port = host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    port.map_or_else(|| NAME.to_owned(), |port| format!("{NAME}_{port}"))
}

/// Returns the value of the cookie that a request to a host carries.
#[must_use]
pub fn read<'a>(headers: &'a HeaderMap, host: &str) -> Option<&'a str> {
    let own = name(host);
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == own).map(|(_, value)| value)
}

/// Writes the line that gives a browser the cookie of a host.
#[must_use]
pub fn given(secret: &str, host: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let line = format!("{}={secret}; Path=/console; HttpOnly; SameSite=Strict{secure}", name(host));
    HeaderValue::from_str(&line).ok()
}

/// Writes the line that takes the cookie of a host away.
#[must_use]
pub fn taken(host: &str) -> Option<HeaderValue> {
    let line = format!("{}=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0", name(host));
    HeaderValue::from_str(&line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        for (line, found) in [
            ("anylog_console=ab", Some("ab")),
            ("x=1; anylog_console=ab; y=2", Some("ab")),
            ("x=1;anylog_console=ab", Some("ab")),
            ("xanylog_console=ab", None),
            ("anylog_console", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(read(&headers, "node"), found, "{line}");
        }
        assert_eq!(read(&HeaderMap::new(), "node"), None);
    }

    #[test]
    fn each_port_of_a_host_has_a_cookie_of_its_own() {
        for (host, own) in [
            ("node", "anylog_console"),
            ("", "anylog_console"),
            ("node:32049", "anylog_console_32049"),
            ("127.0.0.1:32149", "anylog_console_32149"),
            ("[::1]", "anylog_console"),
            ("[::1]:80", "anylog_console_80"),
            ("node:x; Secure", "anylog_console"),
        ] {
            assert_eq!(name(host), own, "{host}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("anylog_console_1=a; anylog_console_2=b"));
        assert_eq!(["h:1", "h:2", "h:3", "h"].map(|host| read(&headers, host)), [Some("a"), Some("b"), None, None]);
    }

    #[test]
    fn no_script_reads_it_and_no_other_page_sends_it() {
        let plain = given("ab", "node", false).unwrap();
        assert_eq!(plain, "anylog_console=ab; Path=/console; HttpOnly; SameSite=Strict");
        assert!(given("ab", "node:1", true).unwrap().to_str().unwrap().ends_with("; Secure"));
        assert!(taken("node").unwrap().to_str().unwrap().contains("Max-Age=0"));
    }
}
