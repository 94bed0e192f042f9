//! Values that others read otherwise from the same file: compose, which gives PostgreSQL its password, Docker and a shell.

use crate::config::{
    EnvFile,
    companion::Companion,
    env_file::Assignment,
    file_values::FileValue,
    old_forms::{LOGINS, Login},
    process_value::process_value,
    readers::{Dollars, EnvReader, Reading, Spelling, WrongText, value_of},
    setting::{Setting, Source},
};

/// Variables that compose takes from the file for its own use.
const OF_COMPOSE: [&str; 6] =
    ["DB_PASSWD", "DB_USER", "DB_PORT", "ANYLOG_SERVER_PORT", "ANYLOG_REST_PORT", "REST_PUBLISH"];

/// What is to be said about a file.
#[derive(Debug, Default)]
pub struct Differences {
    /// Worth a warning at every start.
    pub warnings: Vec<String>,
    /// Worth a line of `check-config`.
    pub notes: Vec<String>,
}

/// An assignment that sets an effective value.
struct Effective<'a> {
    assignment: &'a Assignment,
    value: &'a FileValue,
    setting: &'a Setting,
}

/// Compares what the node reads with what others do.
pub fn find(file: &EnvFile, values: &[FileValue], settings: &[Setting]) -> Differences {
    let mut found = Differences::default();
    let effective: Vec<Effective<'_>> = settings
        .iter()
        .filter_map(|setting| {
            let value = values.iter().rev().find(|value| {
                let assignment = file.assignments.get(value.at);
                assignment.is_some_and(|a| match &setting.source {
                    Source::File(_, line) => a.number == *line && !a.name.ends_with("_FILE"),
                    // A line that sets nothing here may set something for others.
                    Source::Default => a.name == setting.variable.name,
                    Source::Option(_) | Source::Process => false,
                })
            })?;
            // A login in one text is told with its own warning, and no value of it may be shown.
            let login = value.text.as_ref().is_ok_and(|text| Login::read(text).is_some());
            let assignment =
                file.assignments.get(value.at).filter(|a| !(login && LOGINS.contains(&a.name.as_str())))?;
            Some(Effective { assignment, value, setting })
        })
        .collect();
    found.warnings.extend(refused(file));
    found.warnings.extend(colons(file));
    found.warnings.extend(effective.iter().filter_map(|effective| typographic(file, effective)));
    found.warnings.extend(effective.iter().filter_map(|e| by_compose(file, values, e)));
    found.warnings.extend(beside(file, &effective));
    found
        .notes
        .extend([EnvReader::Docker, EnvReader::Shell].iter().filter_map(|r| by_others(file, values, &effective, *r)));
    found
}

/// Looks up what a reader sees above a line: the lines of the file as this node reads them.
fn above<'a>(file: &'a EnvFile, values: &'a [FileValue], at: usize) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| {
        let before = values.get(..at)?.iter().rev();
        let mut named = before.filter(|value| file.assignments.get(value.at).is_some_and(|a| a.name == name));
        named.find_map(FileValue::seen)
    }
}

/// Warns where a version of compose reads another value.
fn by_compose(file: &EnvFile, values: &[FileValue], effective: &Effective<'_>) -> Option<String> {
    let Effective { assignment, value, setting } = effective;
    if assignment.colon || value.text.is_err() {
        return None;
    }
    let name = &assignment.name;
    let of_compose = OF_COMPOSE.contains(&setting.variable.name);
    let own = if setting.variable.text { &value.text } else { &value.plain };
    let own = own.as_ref().ok()?;
    let lookup = above(file, values, value.at);
    let readings = EnvReader::COMPOSE.map(|reader| (reader, reader.read(&assignment.statement, &lookup)));
    let others: Vec<_> = readings.iter().filter(|(_, reading)| !is_same(setting, own, reading)).collect();
    let secret = setting.variable.secret;
    let outside = of_compose.then(|| value.outside.first()).flatten();
    if others.is_empty() && outside.is_none() {
        return None;
    }
    let who: Vec<String> = others.iter().map(|(reader, reading)| told(*reader, reading, secret)).collect();
    let mut text = format!("{}:{}: {name} ", file.path.display(), assignment.number);
    match outside {
        Some(outside) => {
            text.push_str(&format!("is made with {outside}, which is not the same for everybody who reads it"))
        }
        None => text.push_str(&format!("is read otherwise by {}", who.join(" and by "))),
    }
    if matches!(setting.variable.name, "DB_PASSWD" | "DB_USER") {
        text.push_str("; compose gives PostgreSQL what it reads, and the login would fail");
    }
    text.push_str("; ");
    match outside {
        Some(_) => text.push_str(&format!("write the value itself: {name}=…")),
        None => text.push_str(&advice(name, own, secret, &EnvReader::COMPOSE)),
    }
    Some(text)
}

/// Tells whether a reading is the node's value; blanks around what is no text do not count.
fn is_same(setting: &Setting, own: &str, reading: &Reading) -> bool {
    match reading {
        Reading::Value(read) if setting.variable.text => read == own,
        Reading::Value(read) => read.trim() == own.trim(),
        Reading::Nothing | Reading::Refused => false,
    }
}

/// Says what a reader makes of a line.
fn told(reader: EnvReader, reading: &Reading, secret: bool) -> String {
    match reading {
        Reading::Value(value) if secret || Login::read(value).is_some() => reader.to_string(),
        Reading::Value(value) => format!("{reader} ({value:?})"),
        Reading::Nothing => format!("{reader} (which leaves it out)"),
        Reading::Refused => format!("{reader} (which refuses the file)"),
    }
}

/// Says how to write a value; a secret stays out of it.
pub fn advice(name: &str, value: &str, secret: bool, readers: &[EnvReader]) -> String {
    let spelled = Spelling::alike(value, &EnvReader::ALL).or_else(|| Spelling::alike(value, readers));
    match spelled {
        None => format!("no way to write it is read alike by all; put it into a file and write {name}_FILE=PATH"),
        Some(_) if value.is_empty() => format!("write {name}="),
        Some(spelling) if secret => format!("write {name}={}", spelling.form()),
        Some(spelling) => format!("write {name}={}", spelling.write(value)),
    }
}

/// Warns about lines that compose v2 refuses the whole file for, used or not.
fn refused(file: &EnvFile) -> Vec<String> {
    let nothing = |_: &str| Some(String::new());
    let own = |assignment: &Assignment| value_of(&assignment.text, &nothing, Dollars::Braced);
    let whole = file.assignments.iter().filter(|a| own(a) != Err(WrongText::Open) && own(a) != Err(WrongText::Behind));
    let refused = whole.filter(|a| EnvReader::Compose2.read(&a.statement, &nothing) == Reading::Refused);
    refused
        .map(|assignment| {
            let place = format!("{}:{}: {}", file.path.display(), assignment.number, assignment.name);
            let value = own(assignment).unwrap_or_default();
            format!("{place}: compose v2 refuses the whole file for this line; {}", spelled(&assignment.name, &value))
        })
        .collect()
}

/// As [`advice`], where nobody says whether the value is a secret.
fn spelled(name: &str, value: &str) -> String {
    advice(name, value, true, &EnvReader::COMPOSE)
}

/// Warns about quotes that text programs make of others: they quote nothing.
fn typographic(file: &EnvFile, effective: &Effective<'_>) -> Option<String> {
    let Effective { assignment, value, .. } = effective;
    let text = value.text.as_ref().ok().filter(|text| text.starts_with(['“', '”', '‘', '’', '„', '«']))?;
    let quote = text.chars().next()?;
    let place = format!("{}:{}: {}", file.path.display(), assignment.number, assignment.name);
    Some(format!("{place} begins with {quote}, which is no quote here but a part of the value; write \" or ' instead"))
}

/// Warns about lines of the form `NAME: value`.
fn colons(file: &EnvFile) -> Option<String> {
    let lines: Vec<_> = file.assignments.iter().filter(|assignment| assignment.colon).collect();
    let first = lines.first()?;
    let names: Vec<_> = lines.iter().map(|line| format!("{} ({})", line.name, line.number)).collect();
    Some(format!(
        "{}:{}: NAME: value is read as compose v2 reads it; compose 1.29 leaves such a line out, and Docker refuses the file; \
         write NAME=value for {}",
        file.path.display(),
        first.number,
        names.join(", ")
    ))
}

/// Notes how many values another reader would take otherwise.
fn by_others(file: &EnvFile, values: &[FileValue], effective: &[Effective<'_>], reader: EnvReader) -> Option<String> {
    let refuses = file.assignments.iter().find(|a| {
        let nothing = |_: &str| Some(String::new());
        reader.read(&a.statement, &nothing) == Reading::Refused
    });
    if let Some(line) = refuses {
        let place = format!("{}:{}", file.path.display(), line.number);
        return Some(format!("{place}: {reader} would refuse the file for this line; {FIX}"));
    }
    let other = effective.iter().filter(|effective| {
        let lookup = above(file, values, effective.value.at);
        let reading = match reader.read(&effective.assignment.statement, &lookup) {
            Reading::Value(read) if reader == EnvReader::Docker => {
                Reading::Value(process_value(effective.setting.variable, &read))
            }
            reading => reading,
        };
        let own = if effective.setting.variable.text { &effective.value.text } else { &effective.value.plain };
        own.as_ref().is_ok_and(|own| !is_same(effective.setting, own, &reading))
    });
    let lines: Vec<_> =
        other.map(|effective| format!("{} ({})", effective.assignment.name, effective.assignment.number)).collect();
    let shown = lines.get(..lines.len().min(SHOWN))?.join(", ");
    let more = if lines.len() > SHOWN { format!(" and {} more", lines.len() - SHOWN) } else { String::new() };
    (!lines.is_empty()).then(|| format!("{}: {reader} would read {shown}{more} otherwise; {FIX}", file.path.display()))
}

/// Names that a note lists.
const SHOWN: usize = 6;
/// What mends all of it.
const FIX: &str = "check-config --fix writes a file that all read alike";

/// Warns where compose does not take its values from the env file at all.
fn beside(file: &EnvFile, effective: &[Effective<'_>]) -> Vec<String> {
    let beside = file.path.with_file_name(".env");
    let (shown, path) = (beside.display(), file.path.display());
    let other = match &file.companion {
        Companion::Same => return Vec::new(),
        Companion::LinkText(target) => {
            return vec![format!(
                "{shown}: it is a link that became a text file, as checkouts of Windows and archives make them: compose finds \
                 no password and no port in it and takes its defaults; put the link back (ln -sf {target} {shown}), or name \
                 the file to compose with --env-file {path}"
            )];
        }
        Companion::Other(text) => EnvFile::parse(beside.clone(), text.as_bytes()),
    };
    let nothing = |_: &str| None;
    let differs = effective.iter().filter(|e| OF_COMPOSE.contains(&e.setting.variable.name)).filter(|effective| {
        let line = other.assignments.iter().rev().find(|line| line.name == effective.assignment.name);
        let read = line.map(|line| EnvReader::Compose2.read(&line.statement, &nothing));
        let default = effective.setting.value == effective.setting.variable.default;
        match read {
            Some(reading) => !is_same(effective.setting, &effective.setting.value, &reading),
            None => !default,
        }
    });
    let names: Vec<_> = differs.map(|effective| effective.assignment.name.as_str()).collect();
    let warning = (!names.is_empty()).then(|| {
        format!(
            "{shown}: compose reads this file, this node reads {path}, and they do not agree about {}; write it into both, or \
             make one a link to the other",
            names.join(", ")
        )
    });
    warning.into_iter().collect()
}
