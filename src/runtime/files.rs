//! How many files, and so how many connections, the process may have open.

use rustix::process::{Resource, getrlimit};

/// Files that other things than connections need where there are many: the database, other nodes, scripts, the log.
const OTHERS: usize = 8192;
/// Files that the node has open before anybody connects, with some for what it opens for a moment.
const OWN: usize = 32;

/// Returns how many REST connections of those that are wished for leave enough files for everything else.
#[must_use]
pub fn connections(wished: usize) -> usize {
    most().map_or(wished, |most| wished.min(rest_share(most)))
}

/// Returns the same of the connections that are kept beside those for probes and for callers on this machine.
#[must_use]
pub fn reserved_connections(wished: usize) -> usize {
    most().map_or(wished, |most| wished.min(reserved_share(most)))
}

/// Returns the same of the connections of other nodes.
#[must_use]
pub fn peer_connections(wished: usize) -> usize {
    most().map_or(wished, |most| wished.min(peer_share(most)))
}

/// Returns how many files the process may have open; nothing where there is no limit.
fn most() -> Option<usize> {
    getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok())
}

fn rest_share(most: usize) -> usize {
    most.saturating_sub(OTHERS).max(beside_own(most) / 2).max(1)
}

fn reserved_share(most: usize) -> usize {
    (beside_own(most) / 8).max(1)
}

fn peer_share(most: usize) -> usize {
    (beside_own(most) / 4).max(1)
}

const fn beside_own(most: usize) -> usize {
    most.saturating_sub(OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_others() {
        let shares = |most| [rest_share(most), reserved_share(most), peer_share(most)];
        assert_eq!(shares(64), [16, 4, 8]);
        assert_eq!(shares(1024), [496, 124, 248]);
        assert_eq!(rest_share(20_000), 11_808);
        assert_eq!(rest_share(1_048_576), 1_040_384);
        for most in 40..10_000 {
            assert!(shares(most).iter().sum::<usize>() + OWN < most + 4, "{most}");
        }
        assert_eq!((connections(1), reserved_connections(1), peer_connections(1)), (1, 1, 1));
    }
}
