//! Reads the policies of files, each with the place where it stands, and collects all mistakes.

use crate::{
    cli::{
        apply::files::{self, FileMistake, FoundFiles},
        exit::ExitFailure,
    },
    ledger::WrittenPolicies,
    policy::Policy,
    runtime::limits::POLICY_FILES_BYTES,
};
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

    /// Takes the policies of a file.
    fn add(&mut self, file: &Path, text: &str) {
        let WrittenPolicies { policies, mistakes } = WrittenPolicies::read(text);
        let number = self.files.len();
        let name = file.display().to_string();
        for (line, reason) in mistakes {
            self.mistakes.push(FileMistake { file: name.clone(), line: Some(line), reason });
        }
        for (policy, line) in policies {
            self.policies.push(policy);
            self.places.push((number, line));
        }
        self.files.push(name);
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
    fn each_policy_has_its_file_and_line() {
        let mut desired = desired("{\"a\": {}}\n{\"b\": {}}");
        desired.add(Path::new("g"), "\n[{\"c\": {}}]\n7");
        assert_eq!(places(&desired), ["f:1", "f:2", "g:2"]);
        assert_eq!(desired.mistakes[0].to_string().split(": ").next(), Some("g:3"));
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
