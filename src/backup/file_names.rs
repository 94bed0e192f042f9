//! The names of the backups that the node writes by itself, and which of them go.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How the time stands in a name: UTC, so that names sort by it.
const TIME: &str = "%Y%m%d-%H%M%S";
/// How a name ends.
const END: &str = ".jsonl.gz";

/// The backups of one node in a directory.
#[derive(Clone, Debug)]
pub struct BackupFiles {
    directory: PathBuf,
    prefix: String,
}

impl BackupFiles {
    /// Names the backups `PREFIX.YYYYMMDD-HHMMSS.jsonl.gz` of a directory; nothing is read yet.
    #[must_use]
    pub fn new(directory: PathBuf, prefix: String) -> Self {
        Self { directory, prefix }
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the file for a backup of a time.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> PathBuf {
        self.directory.join(format!("{}.{}{END}", self.prefix, time.strftime(TIME)))
    }

    /// Returns the time in a name of a backup of this node; nothing for any other file.
    fn time_of(&self, name: &str) -> Option<Timestamp> {
        let time = name.strip_prefix(&self.prefix)?.strip_prefix('.')?.strip_suffix(END)?;
        let time = DateTime::strptime(TIME, time).ok()?;
        time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
    }

    /// Returns the backups, newest first; none when there is no directory.
    ///
    /// # Errors
    /// What the system says.
    pub fn list(&self) -> io::Result<Vec<(Timestamp, PathBuf)>> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Some(time) = entry.file_name().to_str().and_then(|name| self.time_of(name)) {
                found.push((time, entry.path()));
            }
        }
        found.sort_by(|one, other| other.cmp(one));
        Ok(found)
    }

    /// Returns the time of the newest backup that is not of the future, as a clock that was wrong would leave one.
    ///
    /// # Errors
    /// What the system says.
    pub fn newest(&self, now: Timestamp) -> io::Result<Option<Timestamp>> {
        Ok(self.list()?.into_iter().map(|(time, _)| time).find(|time| *time <= now))
    }

    /// Removes the oldest backups but so many, never the one that was just written.
    ///
    /// # Errors
    /// What the system says; those before stay removed.
    pub fn keep(&self, most: usize, written: &Path) -> io::Result<usize> {
        let old: Vec<_> = self.list()?.into_iter().skip(most).filter(|(_, path)| path != written).collect();
        old.iter().try_for_each(|(_, path)| fs::remove_file(path))?;
        Ok(old.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_times_and_the_oldest_go() {
        let directory = tempfile::tempdir().unwrap();
        let files = BackupFiles::new(directory.path().to_owned(), "n1".to_owned());
        let time = |hour: u8| format!("2026-01-02T{hour:02}:04:05Z").parse::<Timestamp>().unwrap();
        for hour in [3, 1, 2] {
            fs::write(files.at(time(hour)), "").unwrap();
        }
        assert!(files.at(time(3)).ends_with("n1.20260102-030405.jsonl.gz"));
        let others =
            ["n1.jsonl.gz", "n1.20260102.jsonl.gz", "n11.20260102-000405.jsonl.gz", "n1.20260102-000405.jsonl"];
        others.iter().for_each(|name| fs::write(directory.path().join(name), "").unwrap());
        let times = |files: &BackupFiles| files.list().unwrap().into_iter().map(|(time, _)| time).collect::<Vec<_>>();
        assert_eq!(times(&files), [time(3), time(2), time(1)]);
        assert_eq!(files.newest(time(2)).unwrap(), Some(time(2)));
        assert_eq!(files.keep(2, &files.at(time(1))).unwrap(), 0, "what was just written stays");
        assert_eq!(files.keep(2, &files.at(time(3))).unwrap(), 1);
        assert_eq!(times(&files), [time(3), time(2)]);
        assert!(others.iter().all(|name| directory.path().join(name).exists()));
        let nowhere = BackupFiles::new(directory.path().join("none"), "n1".to_owned());
        assert_eq!(nowhere.newest(time(3)).unwrap(), None);
    }
}
