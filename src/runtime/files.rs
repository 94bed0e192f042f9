//! How many files, and so how many connections, the process may have open.

use rustix::process::{Resource, getrlimit};

/// Files that other things than the connections of one server need: the database, other nodes, scripts, the log.
const OTHERS: usize = 8192;

/// Returns how many connections of those that are wished for leave enough files for everything else.
#[must_use]
pub fn connections(wished: usize) -> usize {
    let most = getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok());
    most.map_or(wished, |most| wished.min(beside_others(most)))
}

fn beside_others(most: usize) -> usize {
    most.saturating_sub(OTHERS).max(most / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_others() {
        assert_eq!(beside_others(1024), 512);
        assert_eq!(beside_others(20_000), 11_808);
        assert_eq!(beside_others(1_048_576), 1_040_384);
        assert_eq!(connections(1), 1);
    }
}
