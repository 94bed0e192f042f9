//! Names of variables: ours, those that are nearly ours, and those that other programs use for the same.

use crate::config::{
    EnvFile, Mistake, Variable, env_file::Assignment, mistake::nearest, script_variables::SCRIPT_VARIABLES,
    service_links,
};
use std::collections::{HashMap, HashSet};

/// Names that other programs, and older deployments, use; what is written here instead.
const FOREIGN: &[(&str, &[&str])] = &[
    ("COMPANY", &["COMPANY_NAME"]),
    ("DATABASE_HOST", &["DB_IP"]),
    ("DATABASE_PASSWORD", &["DB_PASSWD"]),
    ("DATABASE_PORT", &["DB_PORT"]),
    ("DATABASE_URL", &["DB_URL", "DB_IP"]),
    ("DATABASE_USER", &["DB_USER"]),
    ("DB_CONNECTION", &["DB_TYPE"]),
    ("DB_DATABASE", &["DB_NAME"]),
    ("DB_HOST", &["DB_IP"]),
    ("DB_HOSTNAME", &["DB_IP"]),
    ("DB_PASS", &["DB_PASSWD"]),
    ("DB_PASSWORD", &["DB_PASSWD"]),
    ("DB_SSL_MODE", &["DB_SSLMODE"]),
    ("DB_USERNAME", &["DB_USER"]),
    ("DEPLOY_SYSTEM_QUERY", &["SYSTEM_QUERY"]),
    ("LOCAL_IP", &["INTERNAL_IP"]),
    ("LOGLEVEL", &["LOG_LEVEL"]),
    ("NODE", &["NODE_NAME"]),
    ("PGDATABASE", &["DB_NAME"]),
    ("PGHOST", &["DB_IP"]),
    ("PGPASSWORD", &["DB_PASSWD"]),
    ("PGPORT", &["DB_PORT"]),
    ("PGSSLMODE", &["DB_SSLMODE"]),
    ("PGUSER", &["DB_USER"]),
    ("POSTGRES_DB", &["DB_NAME"]),
    ("POSTGRES_HOST", &["DB_IP"]),
    ("POSTGRES_PASSWORD", &["DB_PASSWD"]),
    ("POSTGRES_PORT", &["DB_PORT"]),
    ("POSTGRES_USER", &["DB_USER"]),
    ("REST_PORT", &["ANYLOG_REST_PORT"]),
    ("SERVER_PORT", &["ANYLOG_SERVER_PORT"]),
    ("SOURCE", &["BLOCKCHAIN_SOURCE"]),
    ("TCP_PORT", &["ANYLOG_SERVER_PORT"]),
];

/// Returns every name that a variable may be set by.
pub fn names_of(variables: &[&'static Variable]) -> HashSet<&'static str> {
    variables.iter().flat_map(|v| std::iter::once(v.name).chain(v.aliases.iter().copied())).collect()
}

/// Tells whether a name is ours, or one that scripts are known to use.
pub fn is_known(name: &str, known: &HashSet<&'static str>) -> bool {
    let base = name.strip_suffix("_FILE").unwrap_or(name);
    known.contains(name) || known.contains(base) || SCRIPT_VARIABLES.contains(&name)
}

/// Returns the name that other programs use for the same, as it is written here; nothing where this program has no such
/// variable and the name is therefore no mistake.
pub fn ours_for(name: &str, known: &HashSet<&'static str>) -> Option<&'static str> {
    let (_, ours) = FOREIGN.iter().find(|(foreign, _)| *foreign == name)?;
    ours.iter().copied().find(|ours| known.contains(ours) && *ours != name)
}

/// Warns about names that other programs use: nobody reads them here. Where the right one is set too, they are for
/// somebody else.
pub fn foreign(place: &str, name: &str, set: &HashSet<&str>, known: &HashSet<&'static str>) -> Option<String> {
    if known.contains(name) {
        return None;
    }
    match ours_for(name, known) {
        Some(ours) if set.contains(ours) => None,
        Some(ours) => Some(format!("{place}: {name} is not read by this program; write {ours}")),
        None => None,
    }
}

/// Warns about names of the process environment that look like ours.
pub fn near(process: &[(String, String)], known: &HashSet<&'static str>) -> Vec<String> {
    let unknown = process.iter().filter(|(name, value)| {
        let of_service = service_links::is_link(name, value) || service_links::is_about_service(name);
        !is_known(name, known) && !of_service && ours_for(name, known).is_none()
    });
    let near = unknown.filter_map(|(name, _)| Some((name, nearest(name, known.iter().copied())?)));
    near.map(|(name, known)| format!("environment {name} is unknown; did you mean {known}?")).collect()
}

/// Reports names of the file that are nearly ours; others are kept for scripts.
pub fn unknown(file: &EnvFile, known: &HashSet<&'static str>) -> Vec<Mistake> {
    let is_unknown = |name: &str| !is_known(name, known) && ours_for(name, known).is_none();
    let unknown = file.assignments.iter().filter(|line| is_unknown(&line.name));
    let near = unknown.filter_map(|line| Some((line, nearest(&line.name, known.iter().copied())?)));
    near.map(|(line, known)| Mistake {
        place: format!("{}:{}", file.path.display(), line.number),
        written: line.name.clone(),
        reason: "there is no variable of this name".to_owned(),
        expected: format!("did you mean {known}?"),
    })
    .collect()
}

/// Warns about lines of the file that a later line of the same name hides.
pub fn repeated(file: &EnvFile) -> Vec<String> {
    let mut last: HashMap<&str, &Assignment> = HashMap::new();
    let mut warnings = Vec::new();
    for line in &file.assignments {
        let before = last.insert(&line.name, line);
        if let Some(before) = before.filter(|before| before.text.trim() != line.text.trim()) {
            let (path, name) = (file.path.display(), &line.name);
            warnings.push(format!(
                "{path}:{}: {name} is written again in line {}, which counts",
                before.number, line.number
            ));
        }
    }
    warnings
}
