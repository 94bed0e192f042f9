//! How much of what others published a sender may change: a stolen or broken member empties no network.

use crate::{
    ledger::{
        change::{ApplyStep, Author, Change, Sender},
        error::Error,
        view::{entry::Location, view::View},
    },
    policy::overlaid,
};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

/// Time in which the changes of a sender are counted together.
const WINDOW: Duration = Duration::from_secs(60);

/// What senders changed lately of what others published.
#[derive(Debug)]
pub struct BlastRadius {
    /// Policies of others that one sender may drop or replace within [`WINDOW`].
    limit: usize,
    spent: HashMap<IpAddr, VecDeque<(Instant, usize)>>,
}

/// What the senders of one transaction change of what others published.
#[derive(Debug, Default)]
pub struct ForeignChanges(HashMap<IpAddr, usize>);

/// How many policies of others one change concerns, and who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    sender: IpAddr,
    policies: usize,
}

impl BlastRadius {
    /// Creates the memory of what senders changed, each of whom may change so many policies of others in a minute.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, spent: HashMap::new() }
    }

    /// Says what a change would do to policies of others; nothing when it does nothing to them, or its author may do it.
    ///
    /// # Errors
    /// [`Error::HeldBack`] when that would be more than the sender may do, with what is planned already.
    pub fn admit(
        &self,
        view: &View,
        change: &Change,
        author: &Author,
        planned: &ForeignChanges,
    ) -> Result<Option<Foreign>, Error> {
        let Sender::Other(sender) = author.sender else { return Ok(None) };
        let policies = foreign_policies(view, change, author.sender);
        if policies == 0 {
            return Ok(None);
        }
        let before = self.spent_since(sender, Instant::now()) + planned.0.get(&sender).copied().unwrap_or_default();
        if before.saturating_add(policies) > self.limit {
            return Err(Error::HeldBack { limit: self.limit });
        }
        Ok(Some(Foreign { sender, policies }))
    }

    /// Remembers what a committed transaction changed.
    pub fn spend(&mut self, changes: ForeignChanges) {
        let now = Instant::now();
        if changes.0.is_empty() {
            return;
        }
        self.spent.retain(|_, spent| {
            spent.retain(|(at, _)| now.duration_since(*at) < WINDOW);
            !spent.is_empty()
        });
        for (sender, policies) in changes.0 {
            self.spent.entry(sender).or_default().push_back((now, policies));
        }
    }

    fn spent_since(&self, sender: IpAddr, now: Instant) -> usize {
        let spent = self.spent.get(&sender).into_iter().flatten();
        spent.filter(|(at, _)| now.duration_since(*at) < WINDOW).map(|(_, policies)| policies).sum()
    }
}

impl ForeignChanges {
    /// Adds a change to those of the transaction.
    pub fn add(&mut self, foreign: Option<Foreign>) {
        if let Some(Foreign { sender, policies }) = foreign {
            *self.0.entry(sender).or_default() += policies;
        }
    }
}

/// Returns 1 for a change that removes one policy which its own sender published, else 0: who takes back what it brought, one by
/// one, does no harm to others. A change that removes several is looked at like any other.
#[must_use]
pub fn taken_back(view: &View, change: &Change, sender: Sender) -> usize {
    if sender == Sender::Owner {
        return 0;
    }
    let is_own = |id: &str| view.by_id(id).is_some_and(|entry| sender.published(&entry.host));
    match change {
        Change::Drop { ids } | Change::DropSome { ids } => match ids.as_slice() {
            [id] => usize::from(is_own(id)),
            _ => 0,
        },
        Change::While { change, .. } => taken_back(view, change, sender),
        _ => 0,
    }
}

/// Returns how many policies that others published a change replaces or removes.
fn foreign_policies(view: &View, change: &Change, sender: Sender) -> usize {
    let is_foreign = |id: &str| view.by_id(id).is_some_and(|entry| !sender.published(&entry.host));
    match change {
        // An overlay changes what others see of the policies under it.
        Change::Insert(insert) | Change::Publish(insert) => {
            overlaid(&insert.policy).filter(|id| is_foreign(id)).count()
        }
        Change::InsertLocal { policy, .. } => overlaid(policy).filter(|id| is_foreign(id)).count(),
        Change::InsertAll { inserts, .. } => {
            inserts.iter().flat_map(|insert| overlaid(&insert.policy)).filter(|id| is_foreign(id)).count()
        }
        Change::While { change, .. } => foreign_policies(view, change, sender),
        Change::Replace { id, policy, .. } => {
            usize::from(is_foreign(id)) + overlaid(policy).filter(|id| is_foreign(id)).count()
        }
        Change::Drop { ids } | Change::DropSome { ids } => ids.iter().filter(|id| is_foreign(id)).count(),
        Change::Undo { steps } => steps.iter().filter(|step| is_foreign(step.id())).count(),
        Change::Apply { steps } => {
            let rows = steps.iter().filter_map(ApplyStep::changed_row);
            let under = steps.iter().filter_map(ApplyStep::policy).flat_map(overlaid);
            rows.chain(under).filter(|id| is_foreign(id)).count()
        }
        Change::DropHost { host } if sender.published(host) => 0,
        Change::DropHost { host } => {
            let rows = view.entries_from(None).filter(|entry| entry.location == Location::Table);
            rows.filter(|entry| *entry.host == **host).count()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{
        entry::{LedgerEntry, Position},
        fields::PolicyFields,
    };
    use std::sync::Arc;

    fn view(rows: usize, host: &str) -> View {
        let mut view = View::default();
        for number in 0..rows {
            let text = format!(r#"{{"d": {{"id": "{number}"}}}}"#);
            let at = Position { date: "d".into(), sequence: i64::try_from(number).unwrap(), location: Location::Table };
            let fields = PolicyFields::read(&text);
            view.insert(Arc::new(LedgerEntry::new(
                text.into(),
                number.to_string().into(),
                host.into(),
                at,
                fields.as_ref(),
            )));
        }
        view
    }

    fn drop_of(ids: std::ops::Range<usize>) -> Change {
        Change::Drop { ids: ids.map(|id| id.to_string()).collect() }
    }

    #[test]
    fn a_sender_may_change_so_much_of_others_and_all_of_its_own() {
        let (view, mut radius) = (view(50, "10.0.0.7"), BlastRadius::new(20));
        let (other, own) = (Author::other("x", [10, 0, 0, 8].into()), Author::other("x", [10, 0, 0, 7].into()));
        let mut planned = ForeignChanges::default();
        planned.add(radius.admit(&view, &drop_of(0..15), &other, &planned).unwrap());
        assert!(radius.admit(&view, &drop_of(15..21), &other, &planned).is_err(), "what is planned counts");
        planned.add(radius.admit(&view, &drop_of(15..20), &other, &planned).unwrap());
        radius.spend(planned);
        let none = ForeignChanges::default();
        assert!(matches!(radius.admit(&view, &drop_of(20..21), &other, &none), Err(Error::HeldBack { limit: 20 })));
        assert!(
            radius.admit(&view, &drop_of(60..90), &other, &none).unwrap().is_none(),
            "what is not there is nobody's"
        );
        assert!(radius.admit(&view, &drop_of(0..50), &own, &none).unwrap().is_none());
        assert!(radius.admit(&view, &drop_of(0..50), &Author::new("boot"), &none).unwrap().is_none());
        let back = |author: &Author, ids| taken_back(&view, &drop_of(ids), author.sender);
        assert_eq!([back(&own, 3..4), back(&other, 3..4), back(&Author::new("boot"), 3..4)], [1, 0, 0]);
        assert_eq!(back(&own, 0..30), 0, "many at once are an accident like any other");
        let host = Change::DropHost { host: "10.0.0.7".to_owned() };
        let third = Author::other("x", [10, 0, 0, 9].into());
        assert!(radius.admit(&view, &host, &third, &none).is_err() && radius.admit(&view, &host, &own, &none).is_ok());
    }
}
