//! The names of the backups that the node writes by itself, and which of them go.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How the time stands in a name: UTC, so that names sort by it.
const TIME: &str = "%Y%m%d-%H%M%S";
/// How a name ends.
const END: &str = ".jsonl.gz";

/// How the names of the files begin that the node and the program `backup` hand over to each other.
pub const EXCHANGE: &str = "exchange-";
/// Age of a file that is not whole and never will be, or that nobody fetches any more.
const UNFINISHED: Duration = Duration::from_secs(60 * 60);

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

    /// Removes the oldest backups but so many, never the one that was just written, which is of `now`. Those of the future, as a
    /// clock that was wrong leaves them, take the place of no other: nobody knows which are older.
    ///
    /// # Errors
    /// What the system says; those before stay removed.
    pub fn keep(&self, most: usize, written: &Path, now: Timestamp) -> io::Result<usize> {
        let (future, past): (Vec<_>, Vec<_>) = self.list()?.into_iter().partition(|(time, _)| *time > now);
        let old = past.into_iter().skip(most).chain(future.into_iter().skip(most));
        let old: Vec<_> = old.filter(|(_, path)| path != written).collect();
        old.iter().try_for_each(|(_, path)| fs::remove_file(path))?;
        Ok(old.len())
    }

    /// Removes what a start or a program left that ended in the middle of a backup, once it is so old that nobody can be writing or
    /// reading it.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(|name| self.is_unfinished(name)) {
                continue;
            }
            match remove_old(&entry) {
                // Whoever made it may have removed it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// Tells whether a name is that of a backup of this node that is not whole, or of a file that was handed over.
    fn is_unfinished(&self, name: &str) -> bool {
        let Some(whole) = name.strip_prefix('.') else { return is_exchange(name) };
        let whole = whole.strip_suffix(".tmp").and_then(|name| name.rsplit_once('.'));
        let is_ours = |name: &str| self.time_of(name).is_some() || is_exchange(name);
        whole.is_some_and(|(name, process)| process.parse::<u32>().is_ok() && is_ours(name))
    }
}

fn remove_old(entry: &fs::DirEntry) -> io::Result<()> {
    let age = entry.metadata()?.modified()?.elapsed();
    if age.is_ok_and(|age| age >= UNFINISHED) { fs::remove_file(entry.path()) } else { Ok(()) }
}

fn is_exchange(name: &str) -> bool {
    let number = name.strip_prefix(EXCHANGE).and_then(|name| name.split_once('.'));
    number.is_some_and(|(number, end)| {
        matches!(end, "jsonl" | "jsonl.gz") && number.len() == 16 && u64::from_str_radix(number, 16).is_ok()
    })
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
        assert_eq!(files.keep(2, &files.at(time(1)), time(3)).unwrap(), 0, "what was just written stays");
        assert_eq!(files.keep(2, &files.at(time(3)), time(3)).unwrap(), 1);
        assert_eq!(times(&files), [time(3), time(2)]);
        assert!(others.iter().all(|name| directory.path().join(name).exists()));
        let nowhere = BackupFiles::new(directory.path().join("none"), "n1".to_owned());
        assert_eq!(nowhere.newest(time(3)).unwrap(), None);
    }

    #[test]
    fn files_of_the_future_take_the_place_of_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let files = BackupFiles::new(directory.path().to_owned(), "n1".to_owned());
        let time = |year: u16| format!("{year}-01-02T03:04:05Z").parse::<Timestamp>().unwrap();
        for year in [2024, 2025, 2026, 2037, 2038, 2039] {
            fs::write(files.at(time(year)), "").unwrap();
        }
        assert_eq!(files.keep(2, &files.at(time(2026)), time(2026)).unwrap(), 2);
        let times: Vec<_> = files.list().unwrap().into_iter().map(|(time, _)| time).collect();
        assert_eq!(times, [2039, 2038, 2026, 2025].map(time));
    }

    #[test]
    fn what_an_earlier_start_left_goes_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let files = BackupFiles::new(directory.path().to_owned(), "n1".to_owned());
        let names = [
            "n1.20260102-030405.jsonl.gz",
            ".n1.20260102-030405.jsonl.gz.tmp",
            ".n2.20260102-030405.jsonl.gz.7.tmp",
            ".own.jsonl.7.tmp",
            "exchange-1.jsonl",
            ".n1.20260102-030405.jsonl.gz.7.tmp",
            "exchange-00000000000000ff.jsonl.gz",
            ".exchange-00000000000000ff.jsonl.7.tmp",
        ];
        let old = std::time::SystemTime::now() - UNFINISHED * 2;
        for name in names {
            let file = fs::File::create(directory.path().join(name)).unwrap();
            file.set_modified(old).unwrap();
        }
        let fresh = directory.path().join(".n1.20260102-030406.jsonl.gz.7.tmp");
        fs::write(&fresh, "").unwrap();
        files.remove_unfinished().unwrap();
        assert!(fresh.exists(), "somebody may be writing it");
        let left: Vec<bool> = names.iter().map(|name| directory.path().join(name).exists()).collect();
        assert_eq!(left, [true, true, true, true, true, false, false, false]);
    }
}
