//! The file of the book: what is of use after a restart. What a member holds is not in it, because nobody knows what the member
//! did meanwhile.

use super::member::{Compression, Member, MemberFailure};
use crate::{
    ledger::{self, LocalFile, RealDisk},
    runtime::{clock, limits},
};
use anylog_block::ReturnAddress;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// The form of the file.
const FORM: u32 = 1;
/// Type of a file that was set aside.
const BROKEN: &str = "json.broken";

#[derive(Debug, Serialize, Deserialize)]
struct KeptBook {
    form: u32,
    members: Vec<KeptMember>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptMember {
    host: String,
    port: u32,
    callers: Vec<IpAddr>,
    first_seen: String,
    last_seen: String,
    requests: u64,
    file: String,
    bytes: u64,
    deliveries: u64,
    pushes: u64,
    compression: String,
    last_error: Option<KeptFailure>,
    refused_policy: Option<KeptFailure>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFailure {
    time: String,
    reason: String,
}

/// Why a kept book is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenBook {
    /// It is larger than this node writes one.
    #[error("it has {0} bytes")]
    TooLarge(u64),
    /// It is no JSON of the form that this node writes.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Another program wrote it.
    #[error("its form is {0}, this program knows form {FORM}")]
    Form(u32),
    /// One of its times is none.
    #[error("'{text}' is no time: {source}")]
    Time {
        /// What stands there.
        text: String,
        /// What is wrong with it.
        source: jiff::Error,
    },
}

/// What came of reading a kept book.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// It was read, and it is of no use.
    #[error(transparent)]
    Broken(#[from] BrokenBook),
}

/// Reads the members of a file; none when it is not there.
///
/// # Errors
/// The reason, when it is there and of no use.
pub(super) fn read(path: &Path) -> Result<Vec<Member>, ReadError> {
    let bytes = match fs::metadata(path) {
        Ok(facts) if facts.len() > limits::MEMBERS_FILE => return Err(BrokenBook::TooLarge(facts.len()).into()),
        Ok(_) => fs::read(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(members(&bytes, Instant::now(), clock::now())?)
}

fn members(bytes: &[u8], now: Instant, time: Timestamp) -> Result<Vec<Member>, BrokenBook> {
    let book: KeptBook = serde_json::from_slice(bytes)?;
    if book.form != FORM {
        return Err(BrokenBook::Form(book.form));
    }
    book.members.into_iter().take(limits::MEMBERS).map(|kept| kept.into_member(now, time)).collect()
}

/// Writes members: the file is the one before or the new one, whole, whatever happens.
///
/// # Errors
/// The reason.
pub(super) fn write(path: &Path, members: &[Member]) -> Result<(), ledger::Error> {
    let book = KeptBook { form: FORM, members: members.iter().map(KeptMember::of).collect() };
    // Texts, numbers and lists of them: there is nothing that JSON could not hold.
    let bytes = serde_json::to_vec(&book).unwrap_or_default();
    LocalFile::new(path, Arc::new(RealDisk)).write_beside(path, &bytes)
}

/// Gives a file that is of no use another name, and returns it.
///
/// # Errors
/// The reason.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = path.with_extension(BROKEN);
    fs::rename(path, &aside)?;
    Ok(aside)
}

impl KeptMember {
    fn of(member: &Member) -> Self {
        Self {
            host: member.address.host.clone(),
            port: member.address.port,
            callers: member.callers.clone(),
            first_seen: member.first_seen.to_string(),
            last_seen: member.last_seen.to_string(),
            requests: member.requests,
            file: member.file.clone(),
            bytes: member.bytes,
            deliveries: member.deliveries,
            pushes: member.pushes,
            compression: member.compression.as_str().to_owned(),
            last_error: member.last_error.as_ref().map(KeptFailure::of),
            refused_policy: member.refused_policy.as_ref().map(KeptFailure::of),
        }
    }

    fn into_member(self, now: Instant, time: Timestamp) -> Result<Member, BrokenBook> {
        let address = ReturnAddress { host: self.host, port: self.port };
        let compression = Compression::ALL.into_iter().find(|one| one.as_str() == self.compression);
        let mut callers = self.callers;
        callers.truncate(limits::MEMBER_CALLERS);
        let last_seen = read_time(self.last_seen)?;
        Ok(Member {
            callers,
            first_seen: read_time(self.first_seen)?,
            last_seen,
            silent_before: silent_before(last_seen, time),
            requests: self.requests,
            file: self.file,
            bytes: self.bytes,
            deliveries: self.deliveries,
            pushes: self.pushes,
            compression: compression.unwrap_or_default(),
            last_error: self.last_error.map(KeptFailure::into_failure).transpose()?,
            refused_policy: self.refused_policy.map(KeptFailure::into_failure).transpose()?,
            ..Member::new(&address, now, Timestamp::UNIX_EPOCH)
        })
    }
}

impl KeptFailure {
    fn of(failure: &MemberFailure) -> Self {
        Self { time: failure.time.to_string(), reason: failure.reason.clone() }
    }

    fn into_failure(self) -> Result<MemberFailure, BrokenBook> {
        Ok(MemberFailure { time: read_time(self.time)?, reason: self.reason })
    }
}

/// Returns for how long a member counts as silent when it is read from the file: since it asked last, so that a node that is
/// restarted every day forgets those that have left, but no longer than leaves one that is back the time to ask.
fn silent_before(last_seen: Timestamp, time: Timestamp) -> Duration {
    let silent = Duration::try_from(time.duration_since(last_seen)).unwrap_or_default();
    silent.min(limits::MEMBER_FORGOTTEN.saturating_sub(limits::MEMBER_SILENT))
}

fn read_time(text: String) -> Result<Timestamp, BrokenBook> {
    text.parse().map_err(|source| BrokenBook::Time { text, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::members::{Delivered, LedgerRequest, Members, book::MemberBook};

    #[test]
    fn what_is_kept_comes_back_without_what_nobody_knows() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("members.json");
        assert!(read(&path).unwrap().is_empty(), "there is none at first");
        let (book, address) = (Members::default(), ReturnAddress::new("10.0.0.7", 32148));
        let caller = [10, 0, 0, 7].into();
        let request = LedgerRequest { caller, is_known: true, file: "/a/x.new".to_owned(), hash: None };
        book.asked(&address, request);
        let md5 = "0".repeat(32);
        book.delivered(&address, Delivered { generation: 3, md5, bytes: 9, is_push: true, is_compressed: true });
        book.failed(&address, "away".to_owned(), false);
        let before = book.list();
        write(&path, &before).unwrap();
        let [member] = read(&path).unwrap().try_into().unwrap();
        let [was] = before.try_into().unwrap();
        assert_eq!((member.address, member.callers, member.file), (was.address, was.callers, was.file));
        assert_eq!((member.first_seen, member.last_seen), (was.first_seen, was.last_seen));
        assert_eq!((member.requests, member.deliveries, member.pushes, member.bytes), (1, 1, 1, 9));
        assert_eq!((member.compression, member.last_error), (Compression::Takes, was.last_error));
        assert_eq!((member.held, member.failures, member.is_known), (None, 0, false));
    }

    #[test]
    fn who_was_silent_before_a_restart_is_forgotten_after_a_day_and_has_the_time_to_ask() {
        const HOUR: Duration = Duration::from_secs(3600);
        const SECOND: Duration = Duration::from_secs(1);
        let (asking, address, start) = (Members::default(), ReturnAddress::new("10.0.0.7", 32148), Instant::now());
        let caller = [10, 0, 0, 7].into();
        let request = LedgerRequest { caller, is_known: true, file: "/a/x.new".to_owned(), hash: None };
        asking.asked(&address, request.clone());
        let last = asking.get(&address).unwrap().last_seen;
        let kept = asking.list().iter().map(KeptMember::of).collect();
        let bytes = serde_json::to_vec(&KeptBook { form: FORM, members: kept }).unwrap();
        let restored = |silent: Duration| {
            let mut book = MemberBook::default();
            members(&bytes, start, last + silent).unwrap().into_iter().for_each(|member| book.restore(member));
            book
        };
        let stays = |book: &mut MemberBook, later: Duration| {
            book.forget_the_gone(start + later);
            book.iter().count() == 1
        };
        for (silent, forgotten) in [(HOUR, 23 * HOUR), (72 * HOUR, limits::MEMBER_SILENT)] {
            assert!(stays(&mut restored(silent), forgotten - SECOND), "{silent:?}");
            assert!(!stays(&mut restored(silent), forgotten), "{silent:?}");
        }
        // One that is back is as one that never was away.
        let mut book = restored(72 * HOUR);
        book.get_mut(&address).unwrap().asked(request, start + SECOND, last + 72 * HOUR);
        assert!(stays(&mut book, 24 * HOUR) && !stays(&mut book, 24 * HOUR + SECOND));
        // A clock that was set back says nothing.
        let back = members(&bytes, start, last - HOUR).unwrap();
        assert!(back.iter().all(|member| member.silent_before.is_zero()));
    }

    #[test]
    fn a_book_of_no_use_is_told_and_set_aside() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("members.json");
        let member = r#"{"form":1,"members":[{"host":"a","port":1,"callers":[],"first_seen":"now"}]}"#;
        for text in ["", "{", "[]", r#"{"form":7,"members":[]}"#, member] {
            fs::write(&path, text).unwrap();
            assert!(matches!(read(&path), Err(ReadError::Broken(_))), "{text}");
        }
        let aside = set_aside(&path).unwrap();
        assert!(aside.ends_with("members.json.broken") && aside.exists() && !path.exists());
    }
}
