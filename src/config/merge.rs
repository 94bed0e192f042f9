//! One setting per variable out of all sources, with every mistake and everything that is worth a warning.

use crate::config::{
    Mistake, Setting, Source, Sources, Variable, differences,
    env_file::Assignment,
    file_access,
    file_values::{self, FileValue},
    names,
    old_forms::{self, LOGINS, Login},
    process_value::{process_value, unquoted},
    script_variables::SCRIPT_VARIABLES,
    service_links,
    unused::{chooses_database, is_used, is_with_postgres},
};
use indexmap::IndexMap;
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    sync::Arc,
};

/// What a hidden port may mean.
const PUBLISHED: &str =
    "; where compose publishes the port, it did so before the file was changed: docker compose up -d";

/// What the sources say together.
#[derive(Debug, Default)]
pub struct Merged {
    /// One setting per variable.
    pub settings: Vec<Setting>,
    /// Process environment over the file, names that nobody knows included.
    pub environment: IndexMap<String, String>,
    /// What is worth a warning.
    pub warnings: Vec<String>,
    /// Those warnings that tell where compose reads the file otherwise.
    pub readings: Vec<String>,
    /// What is worth a line of `check-config`.
    pub notes: Vec<String>,
    /// Every mistake.
    pub mistakes: Vec<Mistake>,
}

/// One value with its place.
type Given = (String, Source);

/// A merge under way.
pub struct Merge<'a> {
    sources: &'a Sources,
    variables: &'a [&'static Variable],
    known: HashSet<&'static str>,
    /// Values of the file in its order.
    file: Vec<FileValue>,
    /// Index in `file` of the line of each name that counts.
    lines: HashMap<&'a str, usize>,
    login: Option<(Login, Source, &'static str)>,
    /// Mistakes that belong to one variable.
    wrong: Vec<(&'static str, Mistake)>,
    merged: Merged,
}

impl<'a> Merge<'a> {
    /// Begins a merge.
    pub fn new(sources: &'a Sources, variables: &'a [&'static Variable]) -> Self {
        let named = |name: &str| variables.iter().find(|v| v.name == name || v.aliases.contains(&name));
        let is_text = |name: &str| named(name).is_none_or(|variable| variable.text);
        let file = sources.file.as_ref();
        let file = file.map(|file| file_values::resolve(file, &sources.process, &is_text)).unwrap_or_default();
        let assignments = sources.file.as_ref().map(|file| file.assignments.as_slice()).unwrap_or_default();
        let lines = assignments.iter().enumerate().map(|(at, assignment)| (assignment.name.as_str(), at)).collect();
        let mut merge = Self {
            sources,
            variables,
            known: names::names_of(variables),
            file,
            lines,
            login: None,
            wrong: Vec::new(),
            merged: Merged::default(),
        };
        merge.login = merge.find_login();
        merge
    }

    /// Gives every variable its value.
    pub fn finish(mut self) -> Merged {
        self.merged.environment = self.environment();
        self.about_names();
        for variable in self.variables {
            let (value, source) = self.pick(variable);
            let value = self.modern(variable, value, &source);
            let reason = match source {
                _ if value.is_empty() => None,
                Source::Process if value.contains(char::REPLACEMENT_CHARACTER) => Some("it is not UTF-8".to_owned()),
                _ => (variable.check)(&value),
            };
            let valid = reason.is_none();
            let reason = reason.map(|reason| reason + &self.about_missing(&source));
            let mistake = reason.map(|reason| (variable.name, Mistake::value(&source, variable, &value, reason)));
            self.wrong.extend(mistake);
            if !value.is_empty() && source != Source::Default && valid {
                self.merged.environment.insert(variable.name.to_owned(), value.clone());
            }
            self.merged.settings.push(Setting { variable, value, source, valid });
        }
        self.about_lines();
        self.about_references();
        self.about_login();
        if let Some(file) = &self.sources.file {
            let differences = differences::find(file, &self.file, &self.merged.settings);
            self.merged.readings.clone_from(&differences.warnings);
            self.merged.warnings.extend(differences.warnings);
            self.merged.notes.extend(differences.notes);
        }
        self.judge();
        self.merged
    }

    /// Warnings and mistakes that names alone are a reason for.
    fn about_names(&mut self) {
        let process = &self.sources.process;
        let ours = |name: &str| self.known.contains(name);
        let links = process.iter().filter(|(name, value)| ours(name) && service_links::is_link(name, value));
        let links: Vec<_> = links.cloned().collect();
        let warnings = &mut self.merged.warnings;
        warnings.extend(service_links::warning(&links));
        warnings.extend(names::near(process, &self.known));
        let set: HashSet<&str> =
            process.iter().map(|(name, _)| name.as_str()).chain(self.lines.keys().copied()).collect();
        let set_for_us = |name: &str, value: &str| !value.is_empty() && !service_links::is_link(name, value);
        for (name, _) in process.iter().filter(|(name, value)| set_for_us(name, value)) {
            warnings.extend(names::foreign("environment", name, &set, &self.known));
        }
        let Some(file) = &self.sources.file else { return };
        warnings.extend(file.warnings.iter().cloned());
        warnings.extend(names::repeated(file));
        for line in file.assignments.iter().filter(|line| !line.text.trim().is_empty()) {
            let place = format!("{}:{}", file.path.display(), line.number);
            warnings.extend(names::foreign(&place, &line.name, &set, &self.known));
        }
        self.merged.mistakes.extend(names::unknown(file, &self.known));
    }

    /// Mistakes of lines of the file: of those that count, and those that are none.
    fn about_lines(&mut self) {
        let Some(file) = &self.sources.file else { return };
        for wrong in &file.wrong {
            match wrong.name.as_deref().map(|name| self.variable(name)) {
                Some(None) => self.merged.warnings.push(format!("{}; a master does not use it", wrong.mistake)),
                Some(Some(variable)) => self.wrong.push((variable.name, wrong.mistake.clone())),
                None => self.merged.mistakes.push(wrong.mistake.clone()),
            }
        }
        for value in &self.file {
            let (Err(reason), Some(line)) = (&value.text, file.assignments.get(value.at)) else { continue };
            let source = Source::File(Arc::clone(&file.path), line.number);
            let mistake = Mistake {
                place: format!("{}:{}", file.path.display(), line.number),
                written: line.name.clone(),
                reason: reason.to_string() + &self.about_missing(&source),
                expected: "expected NAME=value, NAME=\"value\" or a comment after #".to_owned(),
            };
            match self.variable(&line.name) {
                Some(variable) => self.wrong.push((variable.name, mistake)),
                None => self
                    .merged
                    .warnings
                    .push(format!("{mistake}; a master does not use it, but compose v2 refuses the file")),
            }
        }
    }

    /// Says which names a line refers to that are set nowhere, as the end of a reason.
    fn about_missing(&self, source: &Source) -> String {
        let Source::File(_, number) = source else { return String::new() };
        let assignments = self.sources.file.iter().flat_map(|file| &file.assignments);
        let found = assignments.zip(&self.file).find(|(line, _)| line.number == *number);
        let missing = found.and_then(|(line, value)| self.missing(line, value));
        missing.map_or_else(String::new, |names| format!(" ({names} is set nowhere)"))
    }

    /// Returns the names that a line of our variables refers to and that are set nowhere. What looks like a reference in a
    /// secret may be a part of it, and is not told.
    fn missing(&self, line: &Assignment, value: &FileValue) -> Option<String> {
        let variable = self.variables.iter().find(|v| v.name == line.name || v.aliases.contains(&&*line.name))?;
        let login = value.text.as_ref().is_ok_and(|text| Login::read(text).is_some());
        let names = value.missing.join(", ");
        (!variable.secret && !login && !names.is_empty()).then_some(names)
    }

    /// Warns about references of our variables that lead nowhere, as compose does.
    fn about_references(&mut self) {
        let Some(file) = &self.sources.file else { return };
        for (line, value) in file.assignments.iter().zip(&self.file) {
            let Some(names) = self.missing(line, value) else { continue };
            let place = format!("{}:{}", file.path.display(), line.number);
            self.merged.warnings.push(format!(
                "{place}: {} refers to {names}, which is set nowhere: its place stays empty; set it, or write the value itself",
                line.name
            ));
        }
    }

    /// Ends the start for what is used; the rest is worth a warning.
    fn judge(&mut self) {
        let with_postgres = is_with_postgres(&self.merged.settings);
        for (name, mistake) in std::mem::take(&mut self.wrong) {
            if is_used(name, with_postgres) {
                self.merged.mistakes.push(mistake);
            } else {
                self.merged.warnings.push(format!("{mistake}; this master does not use it"));
            }
        }
    }

    /// Returns the variable that a name sets, also by an older name or by a file.
    fn variable(&self, name: &str) -> Option<&'static Variable> {
        let base = name.strip_suffix("_FILE").unwrap_or(name);
        let sets = |v: &&'static Variable| [name, base].iter().any(|n| v.name == *n || v.aliases.contains(n));
        self.variables.iter().copied().find(sets)
    }

    /// Returns the winning value of one variable and warns about the ones it hides.
    fn pick(&mut self, variable: &'static Variable) -> Given {
        let option = self.sources.options.iter().find(|(_, name, _)| *name == variable.name);
        if let Some((option, _, value)) = option {
            return (value.clone(), Source::Option(option));
        }
        let names = std::iter::once(variable.name).chain(variable.aliases.iter().copied());
        let mut given: Vec<(&str, Given)> = Vec::new();
        for lookup in [Self::in_process, Self::in_file] {
            for name in names.clone() {
                given.extend(lookup(self, variable, name).map(|found| (name, found)));
                let secret_file = lookup(self, variable, &format!("{name}_FILE"));
                let text = secret_file.as_ref().and_then(|found| self.read_secret(variable, name, found));
                if text.is_some() && given.last().is_some_and(|(given, _)| *given == name) {
                    let place = secret_file.map_or_else(String::new, |(_, source)| source.to_string());
                    let reason = format!("{name} and {name}_FILE are both set; remove one of them");
                    self.wrong.push((variable.name, Mistake { place, ..Mistake::general(reason) }));
                }
                given.extend(text.map(|found| (name, found)));
            }
        }
        self.merged.warnings.extend(hidden(variable, &given));
        let winner = given.into_iter().next().map(|(_, found)| found);
        self.of_login(variable, winner).unwrap_or_else(|| (variable.default.to_owned(), Source::Default))
    }

    fn in_process(&self, variable: &Variable, name: &str) -> Option<Given> {
        let (_, value) = self.sources.process.iter().find(|(n, _)| n == name)?;
        let value = process_value(variable, value);
        (!value.is_empty() && !service_links::is_link(name, &value)).then_some((value, Source::Process))
    }

    fn in_file(&self, variable: &Variable, name: &str) -> Option<Given> {
        let file = self.sources.file.as_ref()?;
        let found = self.file.get(*self.lines.get(name)?)?;
        let is_path = name.ends_with("_FILE") && name != variable.name;
        let value = if variable.text && !is_path { found.text.clone() } else { found.plain.clone() };
        let value = value.ok().map(|value| if variable.text { value } else { value.trim().to_owned() })?;
        let line = file.assignments.get(found.at)?;
        (!value.is_empty()).then(|| (value, Source::File(Arc::clone(&file.path), line.number)))
    }

    /// Finds a login in one text, `user@address:password`.
    fn find_login(&self) -> Option<(Login, Source, &'static str)> {
        let variable = self.variables.iter().find(|variable| variable.name == "DB_USER")?;
        for name in LOGINS {
            let given = self.in_process(variable, name).or_else(|| self.in_file(variable, name));
            match given.map(|(text, source)| (Login::read(&text), source)) {
                None => {}
                // A user of another form is what it is.
                Some((None, _)) if name == "DB_USER" => return None,
                Some((None, _)) => {}
                Some((Some(login), source)) => return Some((login, source, name)),
            }
        }
        None
    }

    /// Puts the parts of a login in the place of values that are not given themselves.
    fn of_login(&self, variable: &Variable, given: Option<Given>) -> Option<Given> {
        let Some((login, source, name)) = &self.login else { return given };
        let part = match variable.name {
            "DB_USER" if *name == "DB_USER" => return Some((login.user.clone(), source.clone())),
            "DB_USER" => &login.user,
            "DB_IP" => &login.host,
            "DB_PASSWD" => &login.password,
            _ => return given,
        };
        given.or_else(|| Some((part.clone(), source.clone())))
    }

    /// Tells how a login in one text is written today, without its password.
    fn about_login(&mut self) {
        let Some((login, source, name)) = &self.login else { return };
        if login.is_template() {
            let reason = "the template was never filled in";
            let expected =
                "write the user into DB_USER, the address into DB_IP and the password into DB_PASSWD".to_owned();
            let mistake =
                Mistake { place: source.to_string(), written: (*name).to_owned(), reason: reason.to_owned(), expected };
            // The parts are no values either, and one mistake is enough.
            self.wrong.retain(|(variable, _)| !variable.starts_with("DB_") || chooses_database(variable));
            self.wrong.push(("DB_USER", mistake));
            return;
        }
        self.merged.warnings.push(format!(
            "{source}: {name} has the old form {}; write DB_USER={}, DB_IP={} and DB_PASSWD=…",
            login.form(),
            login.user,
            login.host
        ));
    }

    /// Returns the value in today's form and tells about an older one.
    fn modern(&mut self, variable: &Variable, value: String, source: &Source) -> String {
        let Some((modern, why)) = old_forms::modern(variable.name, &value) else { return value };
        self.merged.warnings.push(format!("{source}: {why}"));
        modern.to_owned()
    }

    /// Returns what `$NAME` may see: the process environment over the file. Our own variables lose the quotes that
    /// `docker run --env-file` keeps; others are as the process got them.
    fn environment(&self) -> IndexMap<String, String> {
        let ours = |name: &str| SCRIPT_VARIABLES.contains(&name) || self.known.contains(name);
        let assignments = self.sources.file.iter().flat_map(|file| &file.assignments);
        let line = |(line, value): (&Assignment, &FileValue)| Some((line.name.clone(), value.text.clone().ok()?));
        let lines = assignments.zip(&self.file).filter_map(line);
        let process =
            self.sources.process.iter().filter(|(name, value)| !(ours(name) && service_links::is_link(name, value)));
        let process = process.map(|(name, value)| {
            let value = if ours(name) { unquoted(value).to_owned() } else { value.clone() };
            (name.clone(), value)
        });
        // A login in one text is read for its parts; scripts and whoever looks at the variables see no password.
        let closed = |(name, value): (String, String)| {
            let login = Login::read(&value).filter(|_| LOGINS.contains(&name.as_str()));
            (name, login.map_or(value, |login| login.shown()))
        };
        lines.chain(process).map(closed).collect()
    }

    /// Reads the file that `NAME_FILE` names; one line end at its end is dropped.
    fn read_secret(&mut self, variable: &'static Variable, name: &str, given: &Given) -> Option<Given> {
        let (path, source) = given;
        match fs::read_to_string(path) {
            Ok(text) => Some((text.trim_end_matches(['\r', '\n']).to_owned(), source.clone())),
            Err(error) => {
                let wanted = format!("a readable file that holds the value of {}", variable.name);
                let (reason, expected) = file_access::unreadable(Path::new(path), &error, &wanted);
                let written = format!("{name}_FILE={path:?}");
                let mistake = Mistake { place: source.to_string(), written, reason, expected };
                self.wrong.push((variable.name, mistake));
                None
            }
        }
    }
}

/// Warns when another value of the same variable is hidden, or an old name is used.
fn hidden(variable: &Variable, given: &[(&str, Given)]) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some((name, (value, winner))) = given.first() else { return warnings };
    if *name != variable.name {
        warnings.push(format!("{winner}: {name} is an old name; write {}", variable.name));
    }
    for (other, (_, source)) in given.iter().skip(1).filter(|(_, (text, _))| text != value) {
        let ports = variable.name.ends_with("_PORT") && *winner == Source::Process;
        warnings
            .push(format!("{source}: {other} is hidden by {name} of {winner}{}", if ports { PUBLISHED } else { "" }));
    }
    warnings
}
