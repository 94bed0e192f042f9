//! Finds the files of policies and reads them, within bounds.

use crate::runtime::limits::{POLICY_FILES, POLICY_FILES_BYTES, POLICY_FILES_DEPTH};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Endings of the names of files that are read in directories.
const ENDINGS: [&str; 3] = ["json", "jsonl", "ndjson"];

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMistake {
    /// Which file.
    pub file: String,
    /// In which line, from 1.
    pub line: Option<usize>,
    /// What it is.
    pub reason: String,
}

impl fmt::Display for FileMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, reason } = self;
        match line {
            Some(line) => write!(f, "{file}:{line}: {reason}"),
            None => write!(f, "{file}: {reason}"),
        }
    }
}

/// Files, and what was wrong on the way to them.
#[derive(Debug, Default)]
pub struct FoundFiles {
    /// The files in the order in which they are read.
    pub files: Vec<PathBuf>,
    /// What is wrong.
    pub mistakes: Vec<FileMistake>,
}

impl FoundFiles {
    /// Adds a file that somebody named, or the files in a directory and in those below it, in the order of their names. Names that
    /// begin with a dot are passed over, and so is what does not end in `.json`, `.jsonl` or `.ndjson`.
    pub fn add(&mut self, path: &Path) {
        match fs::metadata(path) {
            Err(error) => self.mistake(path, error.to_string()),
            Ok(meta) if meta.is_dir() => match path.canonicalize() {
                Ok(root) => self.directory(path, &root, 0),
                Err(error) => self.mistake(path, error.to_string()),
            },
            Ok(_) => self.file(path),
        }
    }

    fn file(&mut self, path: &Path) {
        if self.files.len() < POLICY_FILES {
            self.files.push(path.to_owned());
        } else if self.mistakes.last().is_none_or(|last| !last.reason.starts_with("more than")) {
            self.mistake(path, format!("more than {POLICY_FILES} files"));
        }
    }

    fn directory(&mut self, path: &Path, root: &Path, depth: usize) {
        if depth > POLICY_FILES_DEPTH {
            return self.mistake(path, format!("more than {POLICY_FILES_DEPTH} directories inside each other"));
        }
        let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.mistake(path, error.to_string()),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.directory(&path, root, depth + 1),
                Ok(_) if !has_ending(&path) => {}
                Ok(kind) if kind.is_symlink() => self.link(&path, root),
                Ok(_) => self.file(&path),
                Err(error) => self.mistake(&path, error.to_string()),
            }
        }
    }

    /// Follows a link to a file that stays below the directory that was named, as the volumes of Kubernetes have them.
    fn link(&mut self, path: &Path, root: &Path) {
        match path.canonicalize() {
            Ok(target) if !target.starts_with(root) => self.mistake(path, "the link leads out of the directory"),
            Ok(target) if target.is_dir() => self.mistake(path, "links to directories are not followed"),
            Ok(_) => self.file(path),
            Err(error) => self.mistake(path, error.to_string()),
        }
    }

    fn mistake(&mut self, path: &Path, reason: impl Into<String>) {
        self.mistakes.push(FileMistake { file: path.display().to_string(), line: None, reason: reason.into() });
    }
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a file, or the standard input where its name is `-`; `left` counts the bytes that may still be read.
///
/// # Errors
/// What is wrong with it.
pub fn text(path: &Path, left: &mut usize) -> Result<String, FileMistake> {
    let file = path.display().to_string();
    let mistake = |line: Option<usize>, reason: String| FileMistake { file: file.clone(), line, reason };
    let mut bytes = Vec::new();
    let most = u64::try_from(*left).unwrap_or(u64::MAX).saturating_add(1);
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| mistake(None, error.to_string()))?;
    *left = left
        .checked_sub(bytes.len())
        .ok_or_else(|| mistake(None, format!("the files have more than {POLICY_FILES_BYTES} bytes together")))?;
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        mistake(Some(line), "it is no UTF-8".to_owned())
    })
}

/// Opens a file that is one: a pipe or a device could be read for ever.
fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() { File::open(path) } else { Err(io::Error::other("it is no file")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_are_found_in_order_and_links_stay_inside() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("policies");
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join("..data")).unwrap();
        for name in ["z.json", "b/c/1.jsonl", "b/2.JSON", "a.json", "readme.md", ".hidden.json", "..data/k.json"] {
            fs::write(root.join(name), "[]").unwrap();
        }
        fs::write(directory.path().join("outside.json"), "[]").unwrap();
        symlink("..data/k.json", root.join("k.json")).unwrap();
        symlink("../outside.json", root.join("out.json")).unwrap();
        symlink("b", root.join("dir.json")).unwrap();
        symlink("nowhere", root.join("broken.json")).unwrap();
        let mut found = FoundFiles::default();
        found.add(&root);
        let names: Vec<_> =
            found.files.iter().map(|file| file.strip_prefix(&root).unwrap().display().to_string()).collect();
        assert_eq!(names, ["a.json", "b/2.JSON", "b/c/1.jsonl", "k.json", "z.json"]);
        let wrong: Vec<String> = found.mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong.iter().any(|wrong| wrong.contains("out.json: the link leads out")), "{wrong:?}");
        found.add(&root.join("missing"));
        assert_eq!(found.mistakes.len(), 4);
    }

    #[test]
    fn what_is_read_has_bounds() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("f");
        fs::write(&file, b"ab\ncd\xff").unwrap();
        assert_eq!(text(&file, &mut 100).unwrap_err().line, Some(2));
        fs::write(&file, "1234").unwrap();
        let mut left = 6;
        assert_eq!(text(&file, &mut left).unwrap(), "1234");
        assert!(text(&file, &mut left).unwrap_err().reason.contains("bytes together"));
        assert!(text(directory.path(), &mut 100).is_err());
    }
}
