//! The env file written anew so that everybody reads it alike: its comments and its order stay, its values are spelled as
//! compose, Docker and a shell all read them.

use crate::config::{
    EnvFile, Setting, Sources,
    env_file::Assignment,
    file_values::{self, FileValue},
    old_forms::{self, LOGINS, Login},
    readers::{EnvReader, Spelling, comment_of},
};

/// A file written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanFile {
    /// Its text; secrets are in it.
    pub text: String,
    /// What could not be spelled so that all read it alike, and what was left out.
    pub left: Vec<String>,
}

/// Writes the env file of some sources anew; nothing when there is none.
#[must_use]
pub fn clean_file(sources: &Sources, settings: &[Setting]) -> Option<CleanFile> {
    let file = sources.file.as_ref()?;
    let is_text = |name: &str| settings.iter().find(|setting| sets(setting, name)).is_none_or(|s| s.variable.text);
    let values = file_values::resolve(file, &sources.process, &is_text);
    let mut writer = Writer { file, values, settings, clean: CleanFile::default() };
    writer.run();
    Some(writer.clean)
}

struct Writer<'a> {
    file: &'a EnvFile,
    values: Vec<FileValue>,
    settings: &'a [Setting],
    clean: CleanFile,
}

impl Writer<'_> {
    fn run(&mut self) {
        let lines: Vec<&str> = self.file.lines.iter().map(String::as_str).collect();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let found = self.file.assignments.iter().position(|assignment| assignment.number == at + 1);
            match found.and_then(|index| Some((self.file.assignments.get(index)?, self.values.get(index)?.clone()))) {
                Some((assignment, value)) => {
                    at += assignment.statement.lines().count().max(1);
                    self.assignment(assignment, &value);
                }
                None => {
                    at += 1;
                    self.other(at, line);
                }
            }
        }
    }

    /// Writes a line that sets nothing: comments and blank lines as they are, others as comments.
    fn other(&mut self, number: usize, line: &str) {
        let line = line.trim_end();
        if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
            self.line(line.trim_start());
        } else {
            self.line(&format!("# {line}"));
            self.leave(number, "sets nothing and became a comment");
        }
    }

    fn assignment(&mut self, assignment: &Assignment, value: &FileValue) {
        let name = &assignment.name;
        let setting = self.settings.iter().find(|setting| sets(setting, name));
        let (Ok(text), Ok(plain)) = (&value.text, &value.plain) else {
            self.line(&format!("# {name} had a quote that is never closed"));
            self.leave(assignment.number, &format!("{name} has no value and became a comment"));
            return;
        };
        let text = if value.is_text { text.as_str() } else { plain.trim() };
        if let Some(comment) = comment_of(&assignment.text) {
            self.line(&format!("# {}", comment.trim()));
        }
        if let Some(login) = Login::read(text).filter(|_| LOGINS.contains(&name.as_str())) {
            self.login(assignment, &login);
            return;
        }
        // An old name becomes today's, unless that one is there as well.
        let today = setting.map_or(name.as_str(), |setting| setting.variable.name);
        let is_there = self.file.assignments.iter().any(|other| other.name == today);
        let today = if is_there || name.ends_with("_FILE") { name } else { today };
        let modern = old_forms::modern(today, text).map(|(modern, _)| modern);
        if !self.value(assignment.number, today, modern.unwrap_or(text)) {
            self.line(&assignment.statement);
        }
    }

    /// Writes a login in one text as three variables, those that have no line of their own.
    fn login(&mut self, assignment: &Assignment, login: &Login) {
        let is_there =
            |name: &str| self.file.assignments.iter().any(|other| other.name == name && other.name != assignment.name);
        let parts = [("DB_USER", &login.user), ("DB_IP", &login.host), ("DB_PASSWD", &login.password)];
        let missing: Vec<_> = parts.into_iter().filter(|(name, _)| !is_there(name)).collect();
        for (name, value) in missing {
            if !self.value(assignment.number, name, value) {
                self.line(&format!("# {name} has to be put into a file"));
            }
        }
    }

    /// Writes a value as most read it alike; false when not even compose v2 and this node do.
    fn value(&mut self, number: usize, name: &str, value: &str) -> bool {
        let all = Spelling::alike(value, &EnvReader::OF_CLEAN_FILES);
        let compose =
            || Spelling::alike(value, &EnvReader::COMPOSE).or_else(|| Spelling::alike(value, &[EnvReader::Compose2]));
        let spelling = all.or_else(compose);
        if all.is_none() {
            self.leave(
                number,
                &format!("{name} cannot be written so that all read it alike; put it into a file: {name}_FILE=PATH"),
            );
        }
        if let Some(spelling) = spelling {
            self.line(&format!("{name}={}", spelling.write(value)));
        }
        spelling.is_some()
    }

    fn line(&mut self, line: &str) {
        self.clean.text.push_str(line);
        self.clean.text.push('\n');
    }

    fn leave(&mut self, number: usize, what: &str) {
        self.clean.left.push(format!("{}:{number}: {what}", self.file.path.display()));
    }
}

fn sets(setting: &Setting, name: &str) -> bool {
    setting.variable.name == name || setting.variable.aliases.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn cleaned(text: &str) -> CleanFile {
        let sources = Sources { file: Some(EnvFile::parse("my.env".into(), text.as_bytes())), ..Sources::default() };
        let config = Config::load(&sources).unwrap_or_else(|error| panic!("{text}: {error}"));
        clean_file(&sources, config.settings()).unwrap()
    }

    #[test]
    fn odd_files_become_plain_ones() {
        let text = "\u{feff}# ours\r\nexport NODE_NAME = \"m1\" # the first\r\n\r\nMQTT_ENABLE: \"false\"\r\nSYNC_TIME=45 second\r\n\
                    NODE_TYPE=ledger\r\nDB_USER=u@10.0.0.9:s'x\r\nDB_PASSWD_FILE=\r\nA=pa$word\r\nB=${A:-x} y\r\nOPEN=\"\r\nDB_PORT\r\n";
        let clean = cleaned(text);
        let wanted = "# ours\n# the first\nNODE_NAME=m1\n\nMQTT_ENABLE=false\nBLOCKCHAIN_SYNC='45 second'\nNODE_TYPE=master\n\
                      DB_USER=u\nDB_IP=10.0.0.9\nDB_PASSWD=\"s'x\"\nDB_PASSWD_FILE=\nA='pa$word'\nB='pa$word y'\n\
                      # OPEN had a quote that is never closed\n# DB_PORT\n";
        assert_eq!(clean.text, wanted);
        assert_eq!(clean.left.len(), 2, "{:?}", clean.left);
        assert_eq!(cleaned(wanted), CleanFile { text: wanted.to_owned(), left: Vec::new() });
    }

    #[test]
    fn what_cannot_be_read_alike_by_all_is_told_and_keeps_its_value() {
        let clean = cleaned("DB_USER=u@10.0.0.9:pa$w'ord\nA='${X}'\nKEY=\"a\nb\"\n");
        assert_eq!(clean.text, "DB_USER=u\nDB_IP=10.0.0.9\nDB_PASSWD=\"pa\\$w'ord\"\nA='${X}'\nKEY=\"a\nb\"\n");
        assert_eq!(clean.left.len(), 3, "{:?}", clean.left);
    }

    #[test]
    fn the_shipped_file_is_clean() {
        let shipped = include_str!("../../anylog_configs.env");
        let clean = cleaned(shipped);
        assert_eq!(clean.left, [] as [&str; 0]);
        let quoted = |text: &str| text.replace(['"', '\''], "");
        assert_eq!(quoted(&clean.text), quoted(shipped));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_alike_by_all(value in "[ -~äß]{0,12}") {
            let mut written = String::from("NODE_NAME=");
            let Some(spelling) = Spelling::alike(&value, &EnvReader::OF_CLEAN_FILES) else { return Ok(()) };
            written.push_str(&spelling.write(&value));
            let sources = Sources { file: Some(EnvFile::parse("my.env".into(), written.as_bytes())), ..Sources::default() };
            let config = Config::load(&sources).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(config.identity.node_name.unwrap_or_default(), value);
            prop_assert!(config.warnings.is_empty() && config.notes.is_empty(), "{:?} {:?}", config.warnings, config.notes);
        }
    }
}
