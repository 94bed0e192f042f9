//! `DB_URL`: all that is known of the database in one text, spread to the variables that it stands for.

use crate::config::{Mistake, Setting, Source, merge::Merged};
use percent_encoding::percent_decode_str;

/// Parameters of the text and the variables that they stand for.
const PARAMETERS: [(&str, &str); 9] = [
    ("host", "DB_IP"),
    ("port", "DB_PORT"),
    ("user", "DB_USER"),
    ("password", "DB_PASSWD"),
    ("dbname", "DB_NAME"),
    ("sslmode", "DB_SSLMODE"),
    ("sslrootcert", "DB_SSL_CA"),
    ("sslcert", "DB_SSL_CERT"),
    ("sslkey", "DB_SSL_KEY"),
];

/// What this node does in any case: the server that takes changes is found.
const SESSION: (&str, [&str; 3]) = ("target_session_attrs", ["read-write", "primary", "any"]);

/// Why a text is refused whose login was cut by one of its own signs.
const CUT: &str = "a / or ? stands in its user or password; write %2F and %3F there";

/// Values of variables by name.
type Values = Vec<(&'static str, String)>;

/// Gives the variables that `DB_URL` stands for their values; one that somebody set to something else is a mistake.
pub fn spread(merged: &mut Merged) {
    let Some(url) = merged.settings.iter().find(|setting| setting.variable.name == "DB_URL") else { return };
    if url.value.is_empty() {
        return;
    }
    let (variable, source, text) = (url.variable, url.source.clone(), url.value.clone());
    match read(&text) {
        Err(reason) => {
            merged.mistakes.push(Mistake::refused(&source, variable, &text, reason));
            // What would have come from it is missing for no other reason, which is told once.
            let default = merged.settings.iter_mut().filter(|setting| setting.source == Source::Default);
            for setting in default.filter(|setting| PARAMETERS.iter().any(|(_, name)| *name == setting.variable.name)) {
                setting.valid = false;
            }
        }
        Ok(values) => {
            for (name, value) in values {
                give(merged, name, value, &source);
            }
        }
    }
}

fn give(merged: &mut Merged, name: &str, value: String, source: &Source) {
    let Some(setting) = merged.settings.iter_mut().find(|setting| setting.variable.name == name) else { return };
    let Setting { variable, value: known, source: from, .. } = setting;
    if *from != Source::Default && *known != value {
        let reason = "DB_URL says something else; write one of the two";
        merged.mistakes.push(Mistake::refused(from, variable, known, reason));
        return;
    }
    if let Some(reason) = (variable.check)(&value) {
        merged.mistakes.push(Mistake::refused(source, variable, &value, format!("{reason} (from DB_URL)")));
        return;
    }
    merged.environment.insert(name.to_owned(), value.clone());
    *setting = Setting { value, source: source.clone(), valid: true, variable };
}

/// Reads `postgres://user:password@host:port,host:port/name?parameter=value&…`.
fn read(text: &str) -> Result<Values, String> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    let rest = rest.ok_or("it does not begin with postgres://; expected postgres://user:password@host:port/name")?;
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, name) = place.split_once('/').unwrap_or((place, ""));
    if is_cut_login(authority, rest) {
        return Err(CUT.to_owned());
    }
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut values = vec![("DB_TYPE", "psql".to_owned())];
    for (variable, part) in [("DB_USER", user), ("DB_PASSWD", password), ("DB_IP", hosts), ("DB_NAME", name)] {
        if !part.is_empty() {
            values.push((variable, decoded(part)?));
        }
    }
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let Some((key, value)) = parameter.split_once('=') else {
            let is_cut = parameter.contains('@');
            return Err(if is_cut { CUT.to_owned() } else { format!("its parameter {parameter} has no value") });
        };
        match PARAMETERS.iter().find(|(known, _)| *known == key) {
            Some((_, variable)) => values.push((variable, decoded(value)?)),
            None if key == SESSION.0 && SESSION.1.contains(&value) => {}
            None => return Err(format!("its parameter {key} is not known; {} are", known_parameters())),
        }
    }
    Ok(single_port(values))
}

/// Tells whether the part that should be an address begins a login: the sign that ended it was one of the password's own. Then
/// nothing behind it is what it seems, and nothing of it may be told.
fn is_cut_login(authority: &str, rest: &str) -> bool {
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|_| !authority.ends_with(']'));
    let is_login = port.is_some_and(|port| port.is_empty() || port.bytes().any(|byte| !byte.is_ascii_digit()));
    let behind = rest.get(authority.len()..).unwrap_or_default();
    let (name, _) = behind.split_once('?').unwrap_or((behind, ""));
    name.contains('@') || (!authority.contains('@') && is_login && behind.contains('@'))
}

/// The port of a single host is `DB_PORT`, as where somebody writes the two variables.
fn single_port(mut values: Values) -> Values {
    let host = values.iter_mut().find(|(name, _)| *name == "DB_IP").map(|(_, hosts)| hosts);
    if let Some(hosts) = host
        && !hosts.contains(',')
        && !hosts.ends_with(']')
        && let Some((host, port)) = hosts.rsplit_once(':').map(|(host, port)| (host.to_owned(), port.to_owned()))
    {
        *hosts = host.trim_matches(['[', ']']).to_owned();
        values.push(("DB_PORT", port));
    }
    values
}

fn decoded(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| "a part of it is no text in UTF-8")?;
    Ok(text.into_owned())
}

fn known_parameters() -> String {
    PARAMETERS.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Sources};
    use secrecy::ExposeSecret;

    fn load(process: &[(&str, &str)]) -> Result<Config, String> {
        let process = process.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { process, ..Sources::default() }).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn one_text_says_what_the_variables_say() {
        let config = load(&[("DB_URL", "postgresql://us%40er:p%3Aw%2F@pg1:5433/led?sslmode=require")]).unwrap();
        let database = &config.database;
        assert_eq!(database.db_user.as_deref(), Some("us@er"));
        assert_eq!(database.db_passwd.as_ref().map(|secret| secret.expose_secret()), Some("p:w/"));
        assert_eq!((database.db_port, database.db_name.as_str()), (5433, "led"));
        assert_eq!(database.db_ip.as_ref().map(ToString::to_string).as_deref(), Some("pg1"));
        assert_eq!(database.db_sslmode.as_str(), "require");
        assert_eq!(config.setting("DB_URL").unwrap().shown(), "********");
        assert_eq!(config.environment()["DB_IP"], "pg1");
        assert_eq!(config.setting("DB_TYPE").unwrap().value, "psql");
    }

    #[test]
    fn several_hosts_and_sockets_have_a_form() {
        for (url, hosts) in [
            ("postgres://u@pg1:5433,pg2/x", "pg1:5433,pg2"),
            ("postgres://u@[::1]:5433/x", "::1"),
            ("postgres://u@[::1]/x", "::1"),
            ("postgres://u@pg1,pg2/x?target_session_attrs=read-write", "pg1,pg2"),
            ("postgres://u@/x?host=/var/run/postgresql", "/var/run/postgresql"),
            ("postgres://pg1:5433/x?user=me@corp", "pg1"),
        ] {
            let config = load(&[("DB_URL", url)]).unwrap();
            assert_eq!(config.database.db_ip.as_ref().map(ToString::to_string).as_deref(), Some(hosts), "{url}");
        }
    }

    #[test]
    fn what_contradicts_it_is_a_mistake_and_its_password_is_not_told() {
        let url = ("DB_URL", "postgres://u:s3cret@pg1/x");
        for (other, part) in [
            (("DB_IP", "pg2"), "DB_IP=\"pg2\": DB_URL says something else"),
            (("DB_PASSWD", "other"), "DB_PASSWD=\"********\": DB_URL says something else"),
            (("DB_TYPE", "sqlite"), "DB_TYPE=\"sqlite\": DB_URL says something else"),
        ] {
            let text = load(&[url, other]).unwrap_err();
            assert!(text.contains(part) && !text.contains("s3cret"), "{text}");
        }
        assert!(load(&[url, ("DB_IP", "pg1")]).is_ok());
        for (url, part) in [
            ("mysql://u:s3cret@h/x", "begin with postgres://"),
            ("postgres://u:s3cret@h/x?tls=1", "parameter tls is not known"),
            ("postgres://u:s3cret@h/x?target_session_attrs=standby", "target_session_attrs is not known"),
            ("postgres://u:s3cret?a@h/x", "write %2F and %3F"),
            ("postgres://u:s3cret?a=b@h/x", "write %2F and %3F"),
            ("postgres://u:s3cret/a@h/x", "write %2F and %3F"),
            ("postgres://u:12/s3cret@h/x", "write %2F and %3F"),
            ("postgres://u:p@w/s3cret@h/x", "write %2F and %3F"),
            ("postgres://u:p@w?s3cret@h/x", "write %2F and %3F"),
            ("postgresql+psycopg2://u:s3cret@h/x", "1 mistake "),
            ("host=h user=u password=s3cret dbname=x", "1 mistake "),
            ("postgres://u:s3cret@h:0/x?sslmode=perhaps", "it is none of the words"),
        ] {
            let text = load(&[("DB_TYPE", "psql"), ("DB_URL", url)]).unwrap_err();
            assert!(text.contains(part) && !text.contains("s3cret"), "{text}");
        }
    }
}
