//! What stands behind the path of a probe: `?verbose`, `?exclude=NAME`.

use percent_encoding::percent_decode_str;

/// How a probe wants to be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeQuery {
    /// Each check is told.
    pub is_verbose: bool,
    excluded: Vec<String>,
}

impl ProbeQuery {
    /// Reads the query of a URL; what it does not know does not matter.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let mut read = Self::default();
        for item in query.split(['&', '?']) {
            match item.split_once('=').unwrap_or((item, "")) {
                ("verbose", value) => read.is_verbose = !matches!(value, "0" | "false"),
                ("exclude", names) => {
                    let names = percent_decode_str(names).decode_utf8_lossy().into_owned();
                    read.excluded.extend(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
                }
                _ => {}
            }
        }
        read
    }

    /// Returns the names of the checks that do not count.
    #[must_use]
    pub fn excluded(&self) -> Vec<&str> {
        self.excluded.iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_probes_write() {
        for (query, verbose, excluded) in [
            ("", false, &[][..]),
            ("verbose", true, &[]),
            ("verbose=1&exclude=database&exclude=disk", true, &["database", "disk"]),
            ("exclude=database%2Cdisk", false, &["database", "disk"]),
            ("verbose=false&x=y", false, &[]),
        ] {
            let read = ProbeQuery::read(query);
            assert_eq!((read.is_verbose, read.excluded()), (verbose, excluded.to_vec()), "{query}");
        }
    }
}
