//! The sources of values and which of them wins: options, process environment, env file, defaults.

use crate::config::{
    EnvFile, Mistake, Setting, Source, Variable, env_file::Assignment, mistake::nearest,
    script_variables::SCRIPT_VARIABLES,
};
use indexmap::IndexMap;
use std::{
    collections::{HashMap, HashSet},
    fs,
    sync::Arc,
};

/// Everything that values are taken from; the first one that sets a variable wins.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Values of command-line options, with the option's name.
    pub options: Vec<(&'static str, &'static str, String)>,
    /// Environment of the process.
    pub process: Vec<(String, String)>,
    /// The env file, if there is one.
    pub file: Option<EnvFile>,
}

/// What the sources say together.
#[derive(Debug, Default)]
pub struct Merged {
    /// One setting per variable.
    pub settings: Vec<Setting>,
    /// Process environment over the file, names that nobody knows included.
    pub environment: IndexMap<String, String>,
    /// What is worth a warning.
    pub warnings: Vec<String>,
    /// Every mistake.
    pub mistakes: Vec<Mistake>,
}

/// One value with its place.
type Given = (String, Source);

impl Sources {
    /// Merges the sources.
    #[must_use]
    pub fn merge(&self, variables: &[&'static Variable]) -> Merged {
        let mut merged = Merged { environment: self.environment(variables), ..Merged::default() };
        if let Some(file) = &self.file {
            merged.mistakes.extend(file.mistakes.iter().cloned());
            merged.mistakes.extend(unknown_names(file, variables));
        }
        merged.warnings = self.near_names(variables);
        merged.warnings.extend(self.file.iter().flat_map(repeated));
        for variable in variables {
            let (value, source) = self.pick(variable, &mut merged);
            let reason = if value.is_empty() { None } else { (variable.check)(&value) };
            let valid = reason.is_none();
            merged.mistakes.extend(reason.map(|reason| Mistake::value(&source, variable, &value, reason)));
            if !value.is_empty() && source != Source::Default && valid {
                merged.environment.insert(variable.name.to_owned(), value.clone());
            }
            merged.settings.push(Setting { variable, value, source, valid });
        }
        merged
    }

    /// Returns the winning value of one variable and warns about the ones it hides.
    fn pick(&self, variable: &'static Variable, merged: &mut Merged) -> Given {
        let option = self.options.iter().find(|(_, name, _)| *name == variable.name);
        if let Some((option, _, value)) = option {
            return (value.clone(), Source::Option(option));
        }
        let names = std::iter::once(variable.name).chain(variable.aliases.iter().copied());
        let mut given: Vec<(&str, Given)> = Vec::new();
        for lookup in [Self::in_process, Self::in_file] {
            for name in names.clone() {
                given.extend(lookup(self, name).map(|found| (name, found)));
                let secret_file = lookup(self, &format!("{name}_FILE"));
                let text = secret_file.and_then(|found| read_secret(variable, name, &found, merged));
                if text.is_some() && given.last().is_some_and(|(given, _)| *given == name) {
                    let reason = format!("{name} and {name}_FILE are both set; remove one of them");
                    merged.mistakes.push(Mistake::general(reason));
                }
                given.extend(text.map(|found| (name, found)));
            }
        }
        merged.warnings.extend(hidden(variable, &given));
        let winner = given.into_iter().next().map(|(_, found)| found);
        winner.unwrap_or_else(|| (variable.default.to_owned(), Source::Default))
    }

    fn in_process(&self, name: &str) -> Option<Given> {
        let (_, value) = self.process.iter().find(|(n, _)| n == name)?;
        let value = unquoted(value.trim());
        (!value.is_empty()).then(|| (value.to_owned(), Source::Process))
    }

    fn in_file(&self, name: &str) -> Option<Given> {
        let file = self.file.as_ref()?;
        let line = file.lines.iter().rev().find(|l| l.name == name)?;
        (!line.value.is_empty()).then(|| (line.value.clone(), Source::File(Arc::clone(&file.path), line.number)))
    }

    /// Returns what `$NAME` may see: the process environment over the file. Our own variables lose the quotes that
    /// `docker run --env-file` keeps; others are as the process got them.
    fn environment(&self, variables: &[&'static Variable]) -> IndexMap<String, String> {
        let ours = names_of(variables);
        let cleaned = |name: &str, value: &str| {
            let kept = SCRIPT_VARIABLES.contains(&name) || ours.contains(name);
            if kept { unquoted(value).to_owned() } else { value.to_owned() }
        };
        let lines = self.file.iter().flat_map(|f| &f.lines).map(|l| (l.name.clone(), l.value.clone()));
        let process = self.process.iter().map(|(name, value)| (name.clone(), cleaned(name, value)));
        lines.chain(process).collect()
    }

    /// Warns about names of the process environment that look like ours.
    fn near_names(&self, variables: &[&'static Variable]) -> Vec<String> {
        let known = names_of(variables);
        let unknown = self.process.iter().map(|(name, _)| name).filter(|name| !is_known(name, &known));
        let near = unknown.filter_map(|name| Some((name, nearest(name, known.iter().copied())?)));
        near.map(|(name, known)| format!("environment {name} is unknown; did you mean {known}?")).collect()
    }
}

/// Returns every name that a variable may be set by.
fn names_of(variables: &[&'static Variable]) -> HashSet<&'static str> {
    variables.iter().flat_map(|v| std::iter::once(v.name).chain(v.aliases.iter().copied())).collect()
}

fn is_known(name: &str, known: &HashSet<&'static str>) -> bool {
    let base = name.strip_suffix("_FILE").unwrap_or(name);
    known.contains(name) || known.contains(base) || SCRIPT_VARIABLES.contains(&name)
}

/// Reports names of the file that are nearly ours; others are kept for scripts.
fn unknown_names(file: &EnvFile, variables: &[&'static Variable]) -> Vec<Mistake> {
    let known = names_of(variables);
    let unknown = file.lines.iter().filter(|line| !is_known(&line.name, &known));
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
fn repeated(file: &EnvFile) -> Vec<String> {
    let mut last: HashMap<&str, &Assignment> = HashMap::new();
    let mut warnings = Vec::new();
    for line in &file.lines {
        if let Some(before) = last.insert(&line.name, line).filter(|before| before.value != line.value) {
            let (path, name) = (file.path.display(), &line.name);
            warnings.push(format!(
                "{path}:{}: {name} is written again in line {}, which counts",
                before.number, line.number
            ));
        }
    }
    warnings
}

/// Warns when another value of the same variable is hidden, or an old name is used.
fn hidden(variable: &Variable, given: &[(&str, Given)]) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some((name, (value, winner))) = given.first() else { return warnings };
    if *name != variable.name {
        warnings.push(format!("{winner}: {name} is an old name; write {}", variable.name));
    }
    for (other, (_, source)) in given.iter().skip(1).filter(|(_, (text, _))| text != value) {
        warnings.push(format!("{source}: {other} is hidden by {name} of {winner}"));
    }
    warnings
}

/// Reads the file that `NAME_FILE` names; one line end at its end is dropped.
fn read_secret(variable: &'static Variable, name: &str, given: &Given, merged: &mut Merged) -> Option<Given> {
    let (path, source) = given;
    match fs::read_to_string(path) {
        Ok(text) => Some((text.trim_end_matches(['\r', '\n']).to_owned(), source.clone())),
        Err(error) => {
            merged.mistakes.push(Mistake {
                place: source.to_string(),
                written: format!("{name}_FILE={path:?}"),
                reason: format!("cannot be read: {error}"),
                expected: format!("expected a readable file that holds the value of {}", variable.name),
            });
            None
        }
    }
}

/// Strips one matching pair of quotes, which `docker run --env-file` keeps.
fn unquoted(value: &str) -> &str {
    let pair = ['"', '\''].into_iter().find_map(|q| value.strip_prefix(q)?.strip_suffix(q));
    pair.unwrap_or(value)
}
