//! Reads files whose size is limited, also where the system tells no size beforehand: devices, pipes, files that grow.

use std::{
    io::{Error, ErrorKind, Result},
    path::Path,
};
use tokio::io::AsyncReadExt;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// [`ErrorKind::FileTooLarge`] when there are more, and when the file cannot be read.
pub async fn read(path: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>> {
    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    let length = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).await?;
    if u64::try_from(length).unwrap_or(u64::MAX) > limit {
        let text = format!("there are more than the {limit} bytes of the limit");
        return Err(Error::new(ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_no_end_is_not_read_to_it() {
        assert_eq!(read("/dev/zero", 1000).await.unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read("/dev/null", 0).await.unwrap(), Vec::<u8>::new());
    }

    #[tokio::test]
    async fn a_file_of_the_limit_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.al");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(read(&path, 3).await.unwrap(), b"abc");
        assert_eq!(read(&path, 2).await.unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
