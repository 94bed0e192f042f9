//! Space of the file system that holds a path (`get disk …`).

use crate::{
    node::Node,
    reply::{Code, Error, Reply, thousands},
    runtime::disk::Space,
};
use serde_json::json;
use std::path::Path;

/// What is asked of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFigure {
    /// All figures.
    Usage,
    /// Bytes that everybody may use.
    Free,
    /// Bytes in all.
    Total,
    /// Bytes in use.
    Used,
    /// Free bytes in percent of all.
    Percentage,
}

/// Asks the file system that holds a path.
///
/// # Errors
/// The path does not exist or is not reachable.
pub fn space(path: &str) -> Result<Space, Error> {
    Space::read(Path::new(path)).map_err(|error| Error::with(Code::PATH, format!("disk figures of '{path}': {error}")))
}

/// Returns the free share in percent with up to two decimals.
#[must_use]
pub fn percentage(space: Space) -> String {
    let hundredths = u128::from(space.free) * 10_000 + u128::from(space.total) / 2;
    let hundredths = hundredths.checked_div(u128::from(space.total)).unwrap_or(0);
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl DiskFigure {
    /// Answers for the file system of a path.
    ///
    /// # Errors
    /// The path does not exist or is not reachable.
    pub fn reply(self, node: &Node, path: &str) -> Result<Reply, Error> {
        let space = space(path)?;
        Ok(match self {
            Self::Usage => usage(&node.dictionary.get("ip").unwrap_or_default(), space),
            Self::Free => Reply::Text(space.free.to_string()),
            Self::Total => Reply::Text(space.total.to_string()),
            Self::Used => Reply::Text(space.used.to_string()),
            Self::Percentage => Reply::Text(percentage(space)),
        })
    }
}

fn usage(address: &str, space: Space) -> Reply {
    let [total, used, free] = [space.total, space.used, space.free].map(thousands);
    Reply::Value(json!([{"node": address, "total": total, "used": used, "free": free}]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_percent_as_the_network_does() {
        let space = |free, total| Space { total, used: total - free, free };
        assert_eq!(percentage(space(80_235_438_080, 270_553_174_016)), "29.66");
        assert_eq!(percentage(space(1, 2)), "50");
        assert_eq!(percentage(Space { total: 0, used: 0, free: 0 }), "0");
    }

    #[test]
    fn a_missing_path_is_named() {
        let error = space("/no/such/place").unwrap_err();
        assert_eq!(error.code, Code::PATH);
        assert!(error.detail.unwrap().contains("/no/such/place"));
    }
}
