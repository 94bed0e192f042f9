//! Values as older deployments wrote them, and what stands for them today.

use anylog_values::{DatabaseHost, Host};
use std::fmt;

/// Variables that may hold a login in one text, the first one that does counts.
pub const LOGINS: [&str; 2] = ["DB_USER", "DB_CONN"];

/// Returns what an older value of a variable means, and why it should be written anew.
pub fn modern(variable: &str, value: &str) -> Option<(&'static str, String)> {
    match variable {
        "NODE_TYPE" if value.eq_ignore_ascii_case("ledger") => {
            Some(("master", "NODE_TYPE=ledger is an old name of the master; write NODE_TYPE=master".to_owned()))
        }
        "DB_TYPE" => {
            let today = match value.to_ascii_lowercase().as_str() {
                "postgres" | "postgresql" | "pgsql" => "psql",
                "sqlite3" => "sqlite",
                _ => return None,
            };
            Some((today, format!("DB_TYPE={value} is written otherwise here; write DB_TYPE={today}")))
        }
        // Deployment scripts take every number below zero for "no limit".
        "REST_TIMEOUT" if value.strip_prefix('-').is_some_and(|digits| digits.parse::<u32>().is_ok()) => {
            Some(("0", format!("REST_TIMEOUT={value} means no limit; write REST_TIMEOUT=0")))
        }
        _ => None,
    }
}

/// The login of a database in one text, as older files wrote it into DB_USER or DB_CONN: `user@address:password`, or as URLs
/// have it, `user:password@address`, with a port behind it or without.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// User of the database.
    pub user: String,
    /// Address of the database.
    pub host: String,
    /// Password of the user.
    pub password: String,
    /// True where the password stands before the address.
    is_url: bool,
}

impl Login {
    /// Reads a text of one of the forms.
    pub fn read(text: &str) -> Option<Self> {
        let (user, rest) = text.split_once('@')?;
        if user.contains(':') {
            return Self::of_url(text);
        }
        let bracket = rest.starts_with('[').then(|| rest.find("]:").map(|at| at + 1)).flatten();
        let (host, password) = match bracket {
            Some(end) => (rest.get(..end)?, rest.get(end + 1..)?),
            None => rest.split_once(':')?,
        };
        let is_host = host.parse::<Host>().is_ok() || (host.starts_with('[') && host.ends_with(']'));
        let whole = !user.is_empty() && !user.contains([' ', '/']) && !password.is_empty();
        (is_host && whole).then(|| Self::of(user, host, password, false))
    }

    fn of(user: &str, host: &str, password: &str, is_url: bool) -> Self {
        Self { user: user.to_owned(), host: host.to_owned(), password: password.to_owned(), is_url }
    }

    /// Returns the form in words.
    pub const fn form(&self) -> &'static str {
        if self.is_url { "user:password@address" } else { "user@address:password" }
    }

    /// Reads the form that URLs have.
    fn of_url(text: &str) -> Option<Self> {
        let (login, host) = text.rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let whole = !user.is_empty() && !user.contains([' ', '/']) && !password.is_empty() && !text.contains("://");
        let is_host = host.parse::<DatabaseHost>().is_ok();
        (is_host && whole).then(|| Self::of(user, host, password, true))
    }

    /// Tells whether a template was never filled in: `[USER]@[ADDRESS]:[PASSWORD]`.
    pub fn is_template(&self) -> bool {
        // An IPv6 address stands in brackets as well.
        let is_place = |part: &str| part.starts_with('[') && part.ends_with(']') && !part.contains(':');
        is_place(&self.user) || is_place(&self.host)
    }

    /// Returns the text as it may be shown.
    pub fn shown(&self) -> String {
        format!("{}@{}:********", self.user, self.host)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_of_the_old_form_are_taken_apart_and_never_shown() {
        let login = Login::read("psql@127.0.0.1:de:mo@x").unwrap();
        assert_eq!((&*login.user, &*login.host, &*login.password), ("psql", "127.0.0.1", "de:mo@x"));
        assert_eq!(format!("{login:?}"), "psql@127.0.0.1:********");
        assert!(!login.is_template() && Login::read("[U]@[IP]:[P]").unwrap().is_template());
        for (text, host, password) in [
            ("u@[::1]:pw", "[::1]", "pw"),
            ("u@[::1]:p]:w", "[::1]", "p]:w"),
            ("u:pw@10.0.0.5", "10.0.0.5", "pw"),
            ("u:p@w@pg:5433", "pg:5433", "p@w"),
            ("u:pw@[::1]:5433", "[::1]:5433", "pw"),
        ] {
            let login = Login::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&*login.user, &*login.host, &*login.password), ("u", host, password), "{text}");
        }
        for url in ["postgres://u:pw@h/x", "jdbc:postgresql://u:pw@h"] {
            assert_eq!(Login::read(url), None, "{url} is told as a URL");
        }
        for text in ["psql", "psql@host", "a@b.example", "user name@h:p", "@h:p", "u@h:", "u@h h:p"] {
            assert_eq!(Login::read(text), None, "{text}");
        }
    }

    #[test]
    fn older_values_are_known() {
        assert_eq!(modern("NODE_TYPE", "Ledger").map(|(value, _)| value), Some("master"));
        assert_eq!(modern("REST_TIMEOUT", "-1").map(|(value, _)| value), Some("0"));
        assert_eq!(modern("NODE_TYPE", "master"), None);
        for (value, today) in [("postgres", "psql"), ("PostgreSQL", "psql"), ("sqlite3", "sqlite")] {
            assert_eq!(modern("DB_TYPE", value).map(|(value, _)| value), Some(today));
        }
        assert_eq!(modern("DB_TYPE", "psql"), None);
        assert_eq!(modern("REST_TIMEOUT", "-x"), None);
    }
}
