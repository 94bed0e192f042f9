//! How long a master that sends is alone with it, and when it lets go.

use crate::runtime::limits;
use std::time::Duration;

/// Tells whether a master keeps its turn while a round goes on: not when its provider has been silent for long, because another
/// master may reach the chain by another one.
pub(super) fn is_kept(silence: Option<Duration>) -> bool {
    silence.is_none_or(|silence| silence < limits::CHAIN_SILENT)
}

/// Returns the time of a turn, as databases take it.
pub(super) fn seconds() -> i64 {
    i64::try_from(limits::RELAY_TURN.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of the turn as the stores keep it, with times in milliseconds.
    #[derive(Default)]
    struct TurnRow {
        holder: Option<&'static str>,
        until: u128,
    }

    impl TurnRow {
        fn take(&mut self, holder: &'static str, now: u128) -> bool {
            let is_free = self.holder == Some(holder) || self.holder.is_none() || self.until < now;
            if is_free {
                (self.holder, self.until) = (Some(holder), now + limits::RELAY_TURN.as_millis());
            }
            is_free
        }
    }

    /// A whole round in which nothing is due for the watch, and its own step behind it.
    const RENEWED: Duration = limits::RELAY_TURN_KEPT.saturating_add(limits::RELAY_LOOK);

    #[test]
    fn the_next_master_sends_within_eight_seconds_although_one_look_is_late() {
        let look = limits::RELAY_LOOK.as_millis();
        for died in 0..look {
            for late in 0..10 {
                let mut row = TurnRow::default();
                assert!(row.take("first", died), "it renews, and dies");
                let looks = (0..20).map(|number| number * look).filter(|at| at / look != late);
                let taken = looks.filter(|at| *at > died).find(|at| row.take("second", *at)).unwrap();
                assert!(taken - died <= 8_000, "{died} {late}: {taken}");
            }
        }
        // SQLite counts whole seconds, which may add one.
        assert!(limits::RELAY_TURN + limits::RELAY_LOOK * 2 + Duration::from_secs(1) <= Duration::from_secs(8));
    }

    #[test]
    fn a_master_that_lives_keeps_its_turn_although_one_renewal_is_late() {
        let (renewed, look) = (RENEWED.as_millis(), limits::RELAY_LOOK.as_millis());
        for late in 1..20 {
            let mut row = TurnRow::default();
            let mut renewals =
                (0..20).map(|number| number * renewed + if number == late { look } else { 0 }).peekable();
            for now in 0..(19 * renewed) {
                if renewals.next_if(|at| *at <= now).is_some() {
                    assert!(row.take("first", now), "{late}: lost at {now}");
                }
                assert!(now % look != 0 || !row.take("second", now), "{late}: taken at {now}");
            }
        }
    }

    #[test]
    fn a_silent_provider_costs_the_turn_and_a_slow_one_does_not() {
        assert!(is_kept(None) && is_kept(Some(Duration::from_secs(9))));
        assert!(!is_kept(Some(limits::CHAIN_SILENT)));
    }
}
