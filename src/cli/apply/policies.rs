//! Reads the policies of files, each with the place where it stands, and collects all mistakes.

use crate::{
    cli::{
        apply::files::{self, FileMistake, FoundFiles},
        exit::ExitFailure,
    },
    policy::{Policy, json},
    runtime::limits::POLICY_FILES_BYTES,
};
use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::path::{Path, PathBuf};

/// Mistakes that are told; more of them help nobody.
const TOLD: usize = 100;

/// The policies of some files.
#[derive(Debug, Default)]
pub struct DesiredFiles {
    /// The policies in the order of the files.
    pub policies: Vec<Policy>,
    /// The file of each, by its number, and the line.
    places: Vec<(usize, usize)>,
    files: Vec<String>,
    mistakes: Vec<FileMistake>,
}

/// Reads all files.
///
/// # Errors
/// Everything that is wrong with them; and when there is no policy in them, which nobody means.
pub fn read(paths: &[PathBuf]) -> Result<DesiredFiles, ExitFailure> {
    let mut found = FoundFiles::default();
    for path in paths {
        if path.as_os_str() == "-" { found.files.push(path.clone()) } else { found.add(path) }
    }
    let mut desired = DesiredFiles { mistakes: found.mistakes, ..DesiredFiles::default() };
    let mut left = POLICY_FILES_BYTES;
    for file in &found.files {
        match files::text(file, &mut left) {
            Ok(text) => desired.add(file, &text),
            Err(mistake) => desired.mistakes.push(mistake),
        }
    }
    if !desired.mistakes.is_empty() {
        return Err(ExitFailure::Usage(desired.told()));
    }
    if desired.policies.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(ExitFailure::Usage(format!("there is no policy in {}", names.join(", "))));
    }
    Ok(desired)
}

impl DesiredFiles {
    /// Returns where a policy stands: `FILE:LINE`.
    #[must_use]
    pub fn place(&self, policy: usize) -> Option<String> {
        let (file, line) = self.places.get(policy)?;
        Some(format!("{}:{line}", self.files.get(*file)?))
    }

    fn told(&self) -> String {
        let count = self.mistakes.len();
        let mut lines = vec![format!("the files are wrong, nothing is asked of the node ({count} mistakes)")];
        lines.extend(self.mistakes.iter().take(TOLD).map(ToString::to_string));
        if count > TOLD {
            lines.push(format!("and {} more", count - TOLD));
        }
        lines.join("\n")
    }

    /// Takes the policies of a file: values one behind the other, each a policy or a list of policies.
    fn add(&mut self, file: &Path, text: &str) {
        self.files.push(file.display().to_string());
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = LineCounter { text, at: 0, line: 1 };
        let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
        let mut start = 0;
        while let Some(value) = values.next() {
            if let Err(error) = value {
                // The place that it names counts from the beginning of the file.
                self.mistake(error.line(), format!("it is no JSON: {error}"));
                return;
            }
            let end = values.byte_offset();
            let begin = end - text.get(start..end).unwrap_or_default().trim_start().len();
            if text.get(begin..end).is_some_and(|value| value.starts_with('[')) {
                self.add_list(text, begin + 1, &mut lines);
            } else {
                self.add_policy(text.get(begin..end).unwrap_or_default(), lines.of(begin));
            }
            start = end;
        }
    }

    /// Takes the entries of a list that is JSON, from behind its bracket.
    fn add_list(&mut self, text: &str, mut at: usize, lines: &mut LineCounter<'_>) {
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let entry = rest.trim_start();
            at += rest.len() - entry.len();
            match entry.chars().next() {
                Some(',') => at += 1,
                None | Some(']') => return,
                Some('{' | '[' | '"') => {
                    let mut values = Deserializer::from_str(entry).into_iter::<IgnoredAny>();
                    if !matches!(values.next(), Some(Ok(_))) {
                        return;
                    }
                    let length = values.byte_offset();
                    self.add_policy(entry.get(..length).unwrap_or_default(), lines.of(at));
                    at += length;
                }
                Some(_) => {
                    let length = entry.find([',', ']']).unwrap_or(entry.len());
                    self.add_policy(entry.get(..length).unwrap_or_default(), lines.of(at));
                    at += length;
                }
            }
        }
    }

    fn add_policy(&mut self, text: &str, line: usize) {
        let policy = json::parse(text).and_then(Policy::from_value).and_then(|policy| {
            // What cannot be prepared is wrong whatever the ledger holds.
            policy.clone().prepare("").map(|()| policy)
        });
        match policy {
            Ok(policy) => {
                self.policies.push(policy);
                self.places.push((self.files.len().saturating_sub(1), line));
            }
            Err(error) => self.mistake(line, error.to_string()),
        }
    }

    fn mistake(&mut self, line: usize, reason: String) {
        let file = self.files.last().cloned().unwrap_or_default();
        self.mistakes.push(FileMistake { file, line: Some(line), reason });
    }
}

/// Counts lines up to places that come in order.
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl LineCounter<'_> {
    fn of(&mut self, place: usize) -> usize {
        let between = self.text.as_bytes().get(self.at..place).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(place);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn desired(text: &str) -> DesiredFiles {
        let mut desired = DesiredFiles::default();
        desired.add(Path::new("f"), text);
        desired
    }

    fn places(desired: &DesiredFiles) -> Vec<String> {
        (0..desired.policies.len()).map(|policy| desired.place(policy).unwrap()).collect()
    }

    #[test]
    fn policies_come_alone_in_lists_and_in_lines() {
        assert_eq!(places(&desired("\u{feff}\n{\"a\": {}}")), ["f:2"]);
        assert_eq!(places(&desired("[{\"a\": {\"x\": \"]\"}},\n\n {\"b\": {}}\n]\n")), ["f:1", "f:3"]);
        assert_eq!(places(&desired("{\"a\": {}}\n{\"b\": {}}\n\n[{\"c\": {\"n\": [1]}}]")), ["f:1", "f:2", "f:4"]);
        assert_eq!(places(&desired("")), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_has_its_line() {
        let wrong = desired("[\n{\"a\": 1},\n 7,\n{\"b\": {}, \"c\": {}},\n{\"d\": {\"id\": []}}]\n{\"e\": {}}\n{x");
        let told: Vec<String> = wrong.mistakes.iter().map(ToString::to_string).collect();
        let lines: Vec<Option<usize>> = wrong.mistakes.iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [Some(2), Some(3), Some(4), Some(5), Some(7)], "{told:?}");
        assert_eq!(places(&wrong), ["f:6"]);
    }

    #[test]
    fn mistakes_of_all_files_are_told_together() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("1.json"), "{\"a\": 1}").unwrap();
        fs::write(directory.path().join("2.json"), "\n[").unwrap();
        let Err(ExitFailure::Usage(told)) = read(&[directory.path().to_owned()]) else { panic!("they are wrong") };
        assert!(told.contains("1.json:1: ") && told.contains("2.json:2: it is no JSON"), "{told}");
        fs::remove_file(directory.path().join("1.json")).unwrap();
        fs::remove_file(directory.path().join("2.json")).unwrap();
        let Err(ExitFailure::Usage(told)) = read(&[directory.path().to_owned()]) else { panic!("nothing is there") };
        assert!(told.starts_with("there is no policy in "), "{told}");
    }
}
